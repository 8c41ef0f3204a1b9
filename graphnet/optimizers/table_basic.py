"""Optimizers that move the parameters themselves, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.optimizers.adabelief import AdaBelief
from graphnet.optimizers.adadelta import Adadelta
from graphnet.optimizers.adafactor import Adafactor
from graphnet.optimizers.adagrad import Adagrad
from graphnet.optimizers.adam import Adam, AdamW
from graphnet.optimizers.adamax import Adamax
from graphnet.optimizers.asgd import ASGD
from graphnet.optimizers.lamb import LAMB
from graphnet.optimizers.lars import LARS
from graphnet.optimizers.lion import Lion
from graphnet.optimizers.muon import Muon
from graphnet.optimizers.mytorch_adamw import MytorchAdamW
from graphnet.optimizers.nadam import NAdam
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.radam import RAdam
from graphnet.optimizers.rmsprop import RMSprop
from graphnet.optimizers.rprop import Rprop
from graphnet.optimizers.sgd import SGD

DESCENTS: Table[Descent] = Table(
    "optimizer",
    [
        SGD,
        ASGD,
        Adagrad,
        Adadelta,
        RMSprop,
        Rprop,
        Adam,
        AdamW,
        Adamax,
        NAdam,
        RAdam,
        Adafactor,
        Muon,
        Lion,
        AdaBelief,
        LAMB,
        LARS,
        MytorchAdamW,
    ],
)
"""What others can be wrapped around, and what a group of parameters can name."""
