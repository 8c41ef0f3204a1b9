"""Optimizers: each emits its update as ordinary instructions over flat vectors."""

from graphnet.optimizers.optimizer import Optimizer as Optimizer
from graphnet.optimizers.optimizer import ParameterVector as ParameterVector
from graphnet.optimizers.table import OPTIMIZERS as OPTIMIZERS
