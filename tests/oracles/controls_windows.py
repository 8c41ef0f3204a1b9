"""Wrong adjoint rules of convolution, pooling, padding and resampling, as one gets them wrong."""

from __future__ import annotations

import math
from typing import Any

from wrong_rules import Control

from graphnet.ops import Adjoint, Value

GEOMETRY = ("stride", "dilation", "groups")


def exchanged(c: Adjoint, *names: str) -> dict[str, Any]:
    """Return attributes with what stands before taken for what stands behind."""
    kept = {name: c.options[name] for name in names}
    return {**kept, "before": c.options["after"], "after": c.options["before"]}


def to_input(c: Adjoint) -> Value:
    spatial = c["x"].shape[1:-1]
    options = exchanged(c, *GEOMETRY)
    return c.emit("conv_input_gradient", c.g, c["weight"], spatial=spatial, **options)


def to_weight(c: Adjoint) -> Value:
    options = exchanged(c, *GEOMETRY)
    kernel = c["weight"].shape[2:]
    return c.emit("conv_weight_gradient", c.g, c["x"], kernel=kernel, **options)


def back(c: Adjoint) -> Value:
    return c.emit("conv", c.g, c["weight"], **exchanged(c, *GEOMETRY))


def over_the_window(c: Adjoint) -> Value:
    """Give the gradient of a largest element to the whole window."""
    names = ("axes", "kernel", "stride", "before", "after")
    options: dict[str, Any] = {name: c.options[name] for name in names}
    axes = options["axes"]
    return c.emit("window_spread", c.g, spatial=tuple(c["x"].shape[a] for a in axes), **options)


def last_wins(c: Adjoint) -> Value:
    """Give the gradient of several regions with one largest element to it once."""
    x, index, rank = c["x"], c["index"], len(c.options["kernel"])  # type: ignore[arg-type]
    lead: tuple[Any, ...] = x.shape[:-rank]
    sizes: tuple[Any, ...] = (index.shape[-rank:], x.shape[-rank:])
    (found, size) = (math.prod(part) for part in sizes)
    rows = [c.emit("reshape", value, shape=(*lead, found)) for value in (c.g, index)]
    return c.emit("reshape", c.emit("unpool", *rows, size=size), shape=x.shape)


def summed_back(c: Adjoint) -> Value:
    axes: Any = c.options["axes"]
    spatial = tuple(c["x"].shape[axis] for axis in axes)
    return c.emit("window_spread", c.g, spatial=spatial, **exchanged(c, "axes", "kernel", "stride"))


def folded_back(c: Adjoint) -> Value:
    options = exchanged(c, "kernel", "stride", "dilation")
    return c.emit("fold", c.g, spatial=c["x"].shape[-len(options["kernel"]) :], **options)


def untaken_backwards(c: Adjoint) -> Value:
    places: Any = c.options["places"]
    axis: Any = c.options["axis"]
    size = c["x"].shape[axis]
    return c.emit("untake", c.g, axis=axis, places=places[::-1], size=size)


def from_the_beginning(c: Adjoint) -> Value:
    """Forget what was put before when padding is cut off."""
    g = c.g
    for axis, size in enumerate(c["x"].shape):
        if g.shape[axis] != size:
            g = c.emit("slice", g, axis=axis, start=0, stop=size)
    return g


def not_turned(c: Adjoint) -> Value:
    return c.emit("axis_product", c.g, c["matrix"], axis=c.options["axis"], transpose=False)


WINDOW_CONTROLS: tuple[Control, ...] = (
    Control("before and after exchanged", "conv", "x", to_input),
    Control("before and after exchanged", "conv", "weight", to_weight),
    Control("before and after exchanged", "conv_input_gradient", "g", back),
    Control("before and after exchanged", "window_sum", "x", summed_back),
    Control("before and after exchanged", "unfold", "x", folded_back),
    Control("gradient for the whole window", "max_pool", "x", over_the_window),
    Control("the last of several wins", "region_max", "x", last_wins),
    Control("places in reverse", "take", "x", untaken_backwards),
    Control("start forgotten", "pad", "x", from_the_beginning),
    Control("missing transpose", "axis_product", "x", not_turned),
)
"""All wrong rules of these families."""
