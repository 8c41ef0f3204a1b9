"""One layer or loss on its own: emitted into a list that holds nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from graphnet.ir import Batch, Dim, Shape, TensorType, shape_text
from graphnet.layers import LAYERS, LayerError, Parameter
from graphnet.ops import OPS, Emitter

N = Batch()


@dataclass(frozen=True)
class Made:
    """What a layer came to."""

    shape: Shape
    dtype: str
    ops: list[str]
    parameters: dict[str, Parameter]

    @property
    def shapes(self) -> dict[str, str]:
        """The parameters' shapes as text."""
        return {name: shape_text(p.type.shape) for name, p in self.parameters.items()}


def types(shapes: Sequence[tuple[Dim, ...]], dtype: str) -> list[TensorType]:
    return [TensorType((N, *shape), dtype) for shape in shapes]


def layer(
    type: str,  # noqa: A002 - what specs call it
    *shapes: tuple[Dim, ...],
    dtype: str = "float32",
    training: bool = True,
    **settings: Any,
) -> Made:
    """Check and emit a layer that reads inputs of the given shapes per sample."""
    made = LAYERS[type].from_plain(settings)
    inputs = types(shapes, dtype)
    made.check(inputs)
    own = made.parameters(inputs, "float32" if dtype == "int64" else dtype)
    e = Emitter(OPS)
    values = [e.declare(f"input:{i}", kind, "input") for i, kind in enumerate(inputs)]
    held = {name: e.declare(name, p.type, "statistic") for name, p in own.items()}
    with e.within("it"):
        result = made.emit(e, values, held, training=training)
    first = result[0] if isinstance(result, tuple) else result
    return Made(first.shape, first.dtype, [item.op for item in e.instructions], own)


def refused(
    type: str,  # noqa: A002 - what specs call it
    *shapes: tuple[Dim, ...],
    dtype: str = "float32",
    **settings: Any,
) -> LayerError:
    """Return the error with which a layer refuses its inputs."""
    with pytest.raises(LayerError) as caught:
        LAYERS[type].from_plain(settings).check(types(shapes, dtype))
    return caught.value
