"""Tensor types: symbolic shapes, their printing, and their sizes for a batch."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.ir import (
    FLOATS,
    ITEM_BYTES,
    Batch,
    TensorType,
    dim_at,
    parse_dim,
    product,
    shape_text,
)

DIMS = st.one_of(st.integers(0, 10**12), st.builds(Batch, st.integers(1, 10**6)))


@given(DIMS)
@settings(derandomize=True)
def test_a_dimension_reads_back_as_it_is_printed(dim: int | Batch) -> None:
    shown = str(dim) if isinstance(dim, Batch) else dim
    assert parse_dim(shown) == dim


@pytest.mark.parametrize("text", ["", "M", "N4", "-1N", "1.5N", "N N", -1, 1.0, True, None, "٣N "])
def test_what_is_no_dimension_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not a dimension"):
        parse_dim(text)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((), 1),
        ((3, 4), 12),
        ((Batch(),), Batch(1)),
        ((Batch(2), 3, 4), Batch(24)),
        ((Batch(), 0), 0),
        ((2**40, 2**40), 2**80),
    ],
)
def test_product(shape: tuple[int | Batch, ...], expected: int | Batch) -> None:
    assert product(shape) == expected


def test_a_product_of_two_batches_is_refused() -> None:
    with pytest.raises(ValueError, match="two batch dimensions"):
        product((Batch(), Batch()))


def test_sizes_for_a_batch() -> None:
    kind = TensorType((Batch(), 5, Batch(2)), "float32")
    assert kind.at(3) == (3, 5, 6)
    assert kind.size_at(3) == 90
    assert kind.bytes_at(3) == 360
    assert kind.with_dtype("float64").bytes_at(3) == 720
    assert dim_at(Batch(4), 3) == 12
    assert dim_at(7, 3) == 7


def test_a_single_number_has_one_element() -> None:
    kind = TensorType((), "int64")
    assert (kind.rank, kind.size_at(9), kind.bytes_at(9)) == (0, 1, 8)


@pytest.mark.parametrize("dtype", list(ITEM_BYTES))
def test_only_floating_point_numbers_have_gradients(dtype: str) -> None:
    assert TensorType((2,), dtype).is_float == (dtype in FLOATS) == dtype.startswith("float")


def test_text() -> None:
    assert shape_text((Batch(), Batch(3), 0)) == "[N, 3N, 0]"
    assert str(TensorType((), "bool")) == "bool[]"
    assert str(TensorType((Batch(), 2), "float32").with_shape(4)) == "float32[4]"
