"""The metrics users can name."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.metrics.classification import F1, Accuracy, Confusion, Precision, Recall
from graphnet.metrics.metric import Metric
from graphnet.metrics.regression import (
    R2,
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
)

METRICS: Table[Metric] = Table(
    "metric",
    [
        Accuracy,
        Precision,
        Recall,
        F1,
        Confusion,
        MeanSquaredError,
        MeanAbsoluteError,
        RootMeanSquaredError,
        R2,
    ],
)
"""Every metric by the name users write."""
