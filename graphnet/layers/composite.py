"""Layers made of layers: their parameters together, each under the name of the part it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graphnet.layers.layer import Parameter
from graphnet.ops import Value


def joined(parts: Mapping[str, Mapping[str, Parameter]]) -> dict[str, Parameter]:
    """Return all parameters as `part.parameter`; the parts are drawn one after the other."""
    found: dict[str, Parameter] = {}
    for part, own in parts.items():
        start = len(found)
        for name, parameter in own.items():
            found[f"{part}.{name}"] = replace(parameter, order=start + parameter.order)
    return found


def part_of(parameters: Mapping[str, Value], part: str) -> dict[str, Value]:
    """Return the parameters of one part by their own names."""
    prefix = f"{part}."
    return {
        name.removeprefix(prefix): value
        for name, value in parameters.items()
        if name.startswith(prefix)
    }
