"""Initializers: the distributions that first values of parameters come from."""

from graphnet.initializers.fans import Fans as Fans
from graphnet.initializers.fans import fans_of as fans_of
from graphnet.initializers.initializer import Initializer as Initializer
from graphnet.initializers.table import INITIALIZERS as INITIALIZERS
