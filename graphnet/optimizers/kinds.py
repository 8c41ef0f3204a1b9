"""Kinds of hyper-parameters that several optimizers have."""

from __future__ import annotations

from graphnet.declare import Listed, Real

BETAS = Listed(Real(low=0.0, below=1.0), 2)
"""Decays of two averages."""
POSITIVE = Real(above=0.0)
NOT_NEGATIVE = Real(low=0.0)
SHARE = Real(low=0.0, below=1.0)
