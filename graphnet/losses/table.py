"""Every loss, in the order in which users are shown them."""

from __future__ import annotations

from graphnet.declare import Table
from graphnet.losses.binary import BCELoss, BCEWithLogitsLoss
from graphnet.losses.classes import CrossEntropyLoss, NLLLoss
from graphnet.losses.loss import Loss
from graphnet.losses.regression import L1Loss, MSELoss

LOSSES: Table[Loss] = Table(
    "loss", [BCEWithLogitsLoss, BCELoss, CrossEntropyLoss, NLLLoss, MSELoss, L1Loss]
)
