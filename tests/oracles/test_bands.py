"""Convolutions equal their formulas too where bands of patches are cut into many."""

from __future__ import annotations

from typing import Any

import pytest
from cases import CASES
from samples import Case
from test_ops import require_formula

from graphnet.ops import bands

OPS = ("conv", "conv_input_gradient", "conv_weight_gradient")
EACH = [
    pytest.param(op, case, id=f"{op}-{number}")
    for op in OPS
    for number, case in enumerate(CASES[op].cases)
]
LIMITS = [(1, 1), (40, 1), (1, 300), (100, 400)]
"""Elements of the patches of a row, and of a band."""


@pytest.mark.parametrize("short", [1, 8])
@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize(("op", "case"), EACH)
def test_bands_of_any_size(
    op: str, case: Case, limits: tuple[int, int], short: int, monkeypatch: Any
) -> None:
    for name, value in zip(("MATRIX_ELEMENTS", "BAND_ELEMENTS"), limits, strict=True):
        monkeypatch.setattr(bands, name, value)
    monkeypatch.setattr(bands, "SHORT_ROW", short)
    require_formula(op, case, "float64")
