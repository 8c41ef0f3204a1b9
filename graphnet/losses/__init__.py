"""Losses: single numbers that training makes small, each a composition of ops."""

from graphnet.losses.loss import Limit as Limit
from graphnet.losses.loss import Loss as Loss
from graphnet.losses.loss import LossError as LossError
from graphnet.losses.regularizers import REGULARIZERS as REGULARIZERS
from graphnet.losses.regularizers import Regularizer as Regularizer
from graphnet.losses.table import LOSSES as LOSSES
