"""Every layer type, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.layers.activation import (
    LogSoftmax,
    ReLU,
    Sigmoid,
    Softmax,
    Softmax2d,
    Softmin,
    Tanh,
)
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
from graphnet.layers.gated import GEGLU, GLU, Maxout, ReGLU, SwiGLU
from graphnet.layers.layer import Layer
from graphnet.layers.linear import Linear
from graphnet.layers.normalization import GroupNorm, LayerNorm, RMSNorm
from graphnet.layers.pooling import MaxPool1d, MaxPool2d, MaxPool3d
from graphnet.layers.rectifier import (
    CELU,
    ELU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    PReLU,
    ReLU6,
    RReLU,
    Softshrink,
    Threshold,
)
from graphnet.layers.recurrent import GRU, LSTM, RNN
from graphnet.layers.recurrent_cell import GRUCell, LSTMCell, RNNCell
from graphnet.layers.smooth import (
    GELU,
    Exponential,
    LogSigmoid,
    Mish,
    SiLU,
    Sine,
    Softplus,
    Softsign,
    Tanhshrink,
)
from graphnet.layers.structure import Add, Cat, Flatten, Identity, Mul

LAYERS: Table[Layer] = Table(
    "layer type",
    [
        Linear,
        Embedding,
        Tanh,
        Sigmoid,
        ReLU,
        ReLU6,
        LeakyReLU,
        PReLU,
        RReLU,
        ELU,
        SELU,
        CELU,
        GELU,
        SiLU,
        Mish,
        Hardswish,
        Hardsigmoid,
        Hardtanh,
        Hardshrink,
        Softshrink,
        Tanhshrink,
        Softplus,
        Softsign,
        LogSigmoid,
        Threshold,
        Sine,
        Exponential,
        GLU,
        ReGLU,
        GEGLU,
        SwiGLU,
        Maxout,
        Softmax,
        LogSoftmax,
        Softmin,
        Softmax2d,
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
        RNN,
        GRU,
        LSTM,
        RNNCell,
        GRUCell,
        LSTMCell,
        Dropout,
        Identity,
        Flatten,
        Add,
        Mul,
        Cat,
    ],
)
