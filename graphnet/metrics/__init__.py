"""Metrics: how well a network does over a whole set."""

from graphnet.metrics.metric import Accumulator as Accumulator
from graphnet.metrics.metric import Decision as Decision
from graphnet.metrics.metric import Metric as Metric
from graphnet.metrics.metric import Result as Result
from graphnet.metrics.table import METRICS as METRICS
