"""The metrics users can name."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.metrics.averaged import F1, FBeta, Jaccard, Precision, Recall, Specificity
from graphnet.metrics.classification import (
    Accuracy,
    BalancedAccuracy,
    CohenKappa,
    Confusion,
    Hamming,
    MatthewsCorrelation,
)
from graphnet.metrics.metric import Metric
from graphnet.metrics.regression import (
    R2,
    ExplainedVariance,
    MaxError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MedianAbsoluteError,
    RootMeanSquaredError,
)
from graphnet.metrics.scores import (
    Brier,
    CalibrationError,
    LogLoss,
    Perplexity,
    PrAuc,
    RocAuc,
    TopK,
)

METRICS: Table[Metric] = Table(
    "metric",
    [
        Accuracy,
        BalancedAccuracy,
        TopK,
        Precision,
        Recall,
        F1,
        FBeta,
        Specificity,
        Jaccard,
        Hamming,
        MatthewsCorrelation,
        CohenKappa,
        Confusion,
        RocAuc,
        PrAuc,
        LogLoss,
        Perplexity,
        Brier,
        CalibrationError,
        MeanSquaredError,
        MeanAbsoluteError,
        RootMeanSquaredError,
        R2,
        ExplainedVariance,
        MeanAbsolutePercentageError,
        MedianAbsoluteError,
        MaxError,
    ],
)
"""Every metric by the name users write."""
