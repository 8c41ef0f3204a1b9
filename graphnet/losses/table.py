"""Every loss, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.losses.binary import BCELoss, BCEWithLogitsLoss
from graphnet.losses.classes import CrossEntropyLoss, NLLLoss
from graphnet.losses.ctc import CTCLoss
from graphnet.losses.likelihood import GaussianNLLLoss, KLDivLoss, PoissonNLLLoss
from graphnet.losses.loss import Loss
from graphnet.losses.margin import (
    CategoricalHingeLoss,
    HingeEmbeddingLoss,
    HingeLoss,
    MarginRankingLoss,
    MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    SoftMarginLoss,
    SquaredHingeLoss,
)
from graphnet.losses.output import OutputLoss
from graphnet.losses.overlap import DiceLoss, FocalLoss, SigmoidFocalLoss, TverskyLoss
from graphnet.losses.regression import (
    HuberLoss,
    L1Loss,
    LogCoshLoss,
    MAPELoss,
    MSELoss,
    MSLELoss,
    QuantileLoss,
    SmoothL1Loss,
)
from graphnet.losses.similarity import (
    ContrastiveLoss,
    CosineEmbeddingLoss,
    InfoNCELoss,
    TripletMarginLoss,
    TripletMarginWithDistanceLoss,
)

LOSSES: Table[Loss] = Table(
    "loss",
    [
        BCEWithLogitsLoss,
        BCELoss,
        CrossEntropyLoss,
        NLLLoss,
        CTCLoss,
        FocalLoss,
        SigmoidFocalLoss,
        MSELoss,
        L1Loss,
        HuberLoss,
        SmoothL1Loss,
        LogCoshLoss,
        QuantileLoss,
        MAPELoss,
        MSLELoss,
        PoissonNLLLoss,
        GaussianNLLLoss,
        KLDivLoss,
        HingeLoss,
        SquaredHingeLoss,
        CategoricalHingeLoss,
        SoftMarginLoss,
        MultiMarginLoss,
        MultiLabelMarginLoss,
        MultiLabelSoftMarginLoss,
        MarginRankingLoss,
        HingeEmbeddingLoss,
        CosineEmbeddingLoss,
        ContrastiveLoss,
        TripletMarginLoss,
        TripletMarginWithDistanceLoss,
        InfoNCELoss,
        DiceLoss,
        TverskyLoss,
        OutputLoss,
    ],
)
