"""Parameter rows: sizes and aligned places."""

from __future__ import annotations

from graphnet.ir import ALIGNMENT, ITEM_BYTES, Draw, ParameterRow, TensorType, padded


def test_the_next_parameter_starts_on_a_cache_line() -> None:
    for dtype in ("float32", "float64"):
        item = ITEM_BYTES[dtype]
        for size in range(200):
            wide = padded(size, item)
            assert wide * item % ALIGNMENT == 0
            assert 0 <= wide - size < ALIGNMENT // item


def test_size() -> None:
    row = ParameterRow(
        "linear1.weight", TensorType((3, 4), "float32"), Draw("constant", 0.0), True, True, 0, 0
    )
    assert row.size == 12
    assert row.zero_row == -1
