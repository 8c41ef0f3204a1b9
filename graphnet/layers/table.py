"""Every layer type, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.layers.activation import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from graphnet.layers.channel_norm import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
)
from graphnet.layers.convolution import Conv1d, Conv2d, Conv3d
from graphnet.layers.dropout import Dropout
from graphnet.layers.embedding import Embedding
from graphnet.layers.layer import Layer
from graphnet.layers.linear import Linear
from graphnet.layers.normalization import GroupNorm, LayerNorm, RMSNorm
from graphnet.layers.pooling import MaxPool1d, MaxPool2d, MaxPool3d
from graphnet.layers.structure import Add, Cat, Flatten, Identity, Mul

LAYERS: Table[Layer] = Table(
    "layer type",
    [
        Linear,
        Embedding,
        Tanh,
        Sigmoid,
        ReLU,
        Softmax,
        LogSoftmax,
        Conv1d,
        Conv2d,
        Conv3d,
        MaxPool1d,
        MaxPool2d,
        MaxPool3d,
        BatchNorm1d,
        BatchNorm2d,
        BatchNorm3d,
        LayerNorm,
        GroupNorm,
        InstanceNorm1d,
        InstanceNorm2d,
        InstanceNorm3d,
        RMSNorm,
        Dropout,
        Identity,
        Flatten,
        Add,
        Mul,
        Cat,
    ],
)
