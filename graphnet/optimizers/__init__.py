"""Optimizers: each emits its update as ordinary instructions over flat vectors."""

from graphnet.optimizers.constraints import CONSTRAINTS as CONSTRAINTS
from graphnet.optimizers.constraints import Constraint as Constraint
from graphnet.optimizers.lbfgs import LBFGS as LBFGS
from graphnet.optimizers.optimizer import Descent as Descent
from graphnet.optimizers.optimizer import Optimizer as Optimizer
from graphnet.optimizers.table import OPTIMIZERS as OPTIMIZERS
from graphnet.optimizers.table_basic import DESCENTS as DESCENTS
from graphnet.optimizers.tuning import GROUP_KEYS as GROUP_KEYS
from graphnet.optimizers.tuning import Tuning as Tuning
from graphnet.optimizers.tuning import combination as combination
from graphnet.optimizers.tuning import group_optimizer as group_optimizer
from graphnet.optimizers.tuning import read_optimizer as read_optimizer
from graphnet.optimizers.vector import Member as Member
from graphnet.optimizers.vector import ParameterVector as ParameterVector
