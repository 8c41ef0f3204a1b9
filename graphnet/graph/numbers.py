"""Numbers: settings that the network's element type cannot hold are refused."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from graphnet.declare import Entry
from graphnet.errors import GraphNetError, Position, SpecError
from graphnet.ir import GREATEST
from graphnet.spec import Spec


def check_numbers(spec: Spec) -> list[GraphNetError]:
    """Return a problem for every setting of layers, losses and rules that is too large for the type."""
    problems: list[GraphNetError] = []
    for layer in spec.layers:
        places = {**layer.positions, "": layer.where}
        problems += _too_large(layer.layer, f"layer {layer.name!r}", places, spec.dtype)
    for loss in spec.losses:
        places = {**loss.positions, "": loss.where}
        problems += _too_large(loss.loss, f"loss {loss.name!r}", places, spec.dtype)
    for kind, rules in (("regularizer", spec.regularizers), ("constraint", spec.constraints)):
        for number, rule in enumerate(rules):
            start = f"{kind}s.{number}"
            places = {key.removeprefix(f"{start}."): at for key, at in spec.positions.items()}
            places[""] = spec.positions.get(start)
            problems += _too_large(rule, f"{kind} {number + 1}", places, spec.dtype)
    return problems


def _too_large(
    entry: Entry, told: str, places: Mapping[str, Position | None], dtype: str
) -> Iterator[GraphNetError]:
    for key, value in entry.values().items():
        for number in _floats(value):
            if GREATEST[dtype] < abs(number) < math.inf:
                yield SpecError(
                    "GN106",
                    f"wrong value for {key!r} in {told}",
                    where=places.get(key, places[""]),
                    help="write dtype: float64 at the top of the spec" * (dtype == "float32"),
                    notes=[
                        f"expected a number that {dtype} can hold, at most {GREATEST[dtype]:.2g} in size, "
                        f"found {number:g}"
                    ],
                )


def _floats(value: object) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _floats(item)
