"""Ops: counts, attributes, operand places."""

from __future__ import annotations

import pytest

from graphnet.ops import OPS, OpError


def test_operand_places() -> None:
    assert OPS["add"].operand_index("b") == slice(1, 2)
    assert OPS["concat"].operand_index("xs") == slice(0, None)
    with pytest.raises(OpError, match="add has no operand 'c'"):
        OPS["add"].operand_index("c")


@pytest.mark.parametrize(
    ("op", "reads", "accumulates", "options", "message"),
    [
        ("add", 3, 0, {}, "add reads 2 buffers, not 3"),
        ("concat", 0, 0, {"axis": 1}, "concat reads 1 buffers, not 0"),
        ("increment", 0, 0, {}, "increment accumulates into 1, not 0"),
        ("tanh", 1, 1, {}, "tanh accumulates into 0, not 1"),
        ("tanh", 1, 0, {"axis": 1}, r"tanh has attributes \[\], not \['axis'\]"),
        ("softmax", 1, 0, {}, r"softmax has attributes \['axis'\], not \[\]"),
    ],
)
def test_counts(
    op: str, reads: int, accumulates: int, options: dict[str, int], message: str
) -> None:
    with pytest.raises(OpError, match=message):
        OPS[op].check_counts(reads, accumulates, options)


@pytest.mark.parametrize("reads", [1, 2, 40])
def test_variadic_ops_take_one_or_more(reads: int) -> None:
    OPS["concat"].check_counts(reads, 0, {"axis": 1})
