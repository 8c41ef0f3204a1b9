"""Layouts: where a buffer's elements are, through views of views."""

from __future__ import annotations

import pytest

from graphnet.ir import Buffer, TensorType, View, layout_of
from graphnet.ir.buffer import ViewKind


def made(*steps: tuple[tuple[int, ...], ViewKind, tuple[int, ...]]) -> dict[str, Buffer]:
    """Return a root of 24 numbers and a chain of views v1, v2, ... of the given shapes."""
    buffers = {"root": Buffer("root", TensorType((24,), "float32"), "activation")}
    base = "root"
    for index, (shape, kind, arguments) in enumerate(steps, 1):
        view = View(base, kind, arguments)
        base = f"v{index}"
        buffers[base] = Buffer(base, TensorType(shape, "float32"), "activation", view)
    return buffers


def test_a_root_is_its_own_layout() -> None:
    layout = layout_of(made(), "root")
    assert (layout.root, layout.start, layout.look) == ("root", 0, ())
    assert layout.whole
    assert layout.contiguous


def test_spans_add_up() -> None:
    buffers = made(((12,), "span", (8,)), ((3, 4), "reshape", ()), ((12,), "reshape", ()))
    buffers["v4"] = Buffer(
        "v4", TensorType((2,), "float32"), "activation", View("v3", "span", (5,))
    )
    layout = layout_of(buffers, "v4")
    assert (layout.root, layout.start, layout.contiguous, layout.whole) == ("root", 13, True, False)


def test_regrouping_keeps_all_of_the_root() -> None:
    assert layout_of(made(((6, 4), "reshape", ()), ((2, 12), "reshape", ())), "v2").whole


def test_permutations_and_slices_are_not_in_a_row() -> None:
    buffers = made(
        ((6, 4), "reshape", ()), ((4, 6), "permute", (1, 0)), ((2, 6), "slice", (0, 0, 2, 1))
    )
    layout = layout_of(buffers, "v3")
    assert layout.look == (("permute", (1, 0)), ("slice", (0, 0, 2, 1)))
    assert not layout.contiguous
    assert not layout.whole


def test_elements_that_are_not_in_a_row_cannot_be_regrouped() -> None:
    buffers = made(((6, 4), "reshape", ()), ((4, 6), "permute", (1, 0)), ((24,), "reshape", ()))
    with pytest.raises(ValueError, match="'v3' regroups elements that are not in a row"):
        layout_of(buffers, "v3")


def test_views_of_nothing_and_circles_are_refused() -> None:
    kind = TensorType((2,), "float32")
    alone = {"a": Buffer("a", kind, "activation", View("b", "reshape"))}
    with pytest.raises(ValueError, match="looks at nothing"):
        layout_of(alone, "a")
    circle = {**alone, "b": Buffer("b", kind, "activation", View("a", "reshape"))}
    with pytest.raises(ValueError, match="looks at nothing"):
        layout_of(circle, "a")
