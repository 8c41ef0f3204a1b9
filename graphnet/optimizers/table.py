"""Every optimizer, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.optimizers.lbfgs import LBFGS
from graphnet.optimizers.lookahead import Lookahead
from graphnet.optimizers.optimizer import Optimizer
from graphnet.optimizers.sam import SAM
from graphnet.optimizers.table_basic import DESCENTS

OPTIMIZERS: Table[Optimizer] = Table("optimizer", [*DESCENTS.values(), LBFGS, Lookahead, SAM])
