"""Every optimizer, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.optimizers.adam import Adam, AdamW
from graphnet.optimizers.mytorch_adamw import MytorchAdamW
from graphnet.optimizers.optimizer import Optimizer
from graphnet.optimizers.sgd import SGD

OPTIMIZERS: Table[Optimizer] = Table("optimizer", [SGD, Adam, AdamW, MytorchAdamW])
