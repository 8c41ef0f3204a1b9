"""Inputs and targets: the sections that say what goes into the network and what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphnet.declare import Choice, Entry, Integer, Listed, Optional, setting
from graphnet.errors import Position, article
from graphnet.ir import FLOATS, Batch, TensorType
from graphnet.spec.fields import Place, parse_entry
from graphnet.spec.forms import as_mapping
from graphnet.spec.model import TensorSpec
from graphnet.spec.names import check_name
from graphnet.spec.nodes import MapNode, Node
from graphnet.spec.problems import Problems

MAX_RANK = 8
"""Most dimensions of a tensor, the batch included."""


@dataclass(frozen=True, kw_only=True)
class InputFields(Entry):
    """An input of the network."""

    shape: tuple[int, ...] = setting(
        Listed(Integer(1)), doc="dimensions of one sample, the batch left out"
    )
    dtype: str | None = setting(
        Optional(Choice((*FLOATS, "int64"))), None, doc="the spec's dtype, or int64"
    )


@dataclass(frozen=True, kw_only=True)
class TargetFields(InputFields):
    """A target of the network."""

    classes: int | None = setting(
        Optional(Integer(1)), None, doc="for class indices: how many classes there are"
    )


def read_tensors(
    section: Node, what: str, dtype: str, problems: Problems, positions: dict[str, Position]
) -> tuple[TensorSpec, ...]:
    """Return the inputs or targets; without those that are wrong.

    Args:
        section: The `inputs` or `targets` section.
        what: `input` or `target`.
        dtype: The spec's floating point type.
        problems: Takes what is wrong.
        positions: Takes where values were written.
    """
    mapping = as_mapping(section, problems, Place("the spec", "the spec"), f"{what}s")
    tensors: list[TensorSpec] = []
    for name, node in mapping.items.items() if mapping else ():
        where = mapping.keys[name] if mapping else node.position
        check_name(name, article(what), where, problems)
        place = Place(f"{what} {name!r}", article(what), f"{what}s.{name}.", positions)
        fields_node = as_mapping(node, problems, Place(f"{what}s", f"{what}s"), name)
        tensor = _read_tensor(name, fields_node, dtype, problems, place) if fields_node else None
        if tensor is not None:
            tensors.append(tensor)
    return tuple(tensors)


def _read_tensor(
    name: str, node: MapNode, dtype: str, problems: Problems, place: Place
) -> TensorSpec | None:
    entry = TargetFields if place.what.startswith("target") else InputFields
    fields = parse_entry(node, entry, problems, place)
    if fields is None:
        return None
    own = fields.dtype or dtype
    classes = fields.classes if isinstance(fields, TargetFields) else None
    if own not in {dtype, "int64"}:
        problems.add(
            "GN125",
            f"{place.what} is {own} in a network of {dtype}",
            place.positions[f"{place.path}dtype"],
            label=f"expected {dtype} or int64",
            help=f"leave dtype out here, or write dtype: {own} at the top of the spec",
        )
    if classes is not None and own != "int64":
        problems.add(
            "GN125",
            f"{place.what} has classes but is {own}",
            place.positions[f"{place.path}classes"],
            label="classes are counted by whole numbers",
            help="add dtype: int64",
        )
    if len(fields.shape) >= MAX_RANK:
        problems.add(
            "GN112",
            f"{place.what} has {len(fields.shape) + 1} dimensions with the batch",
            place.positions[f"{place.path}shape"],
            label=f"expected at most {MAX_RANK}",
        )
    return TensorSpec(name, TensorType((Batch(), *fields.shape), own), classes, node.position)


def plain_tensor(tensor: TensorSpec, what: str) -> Mapping[str, Any]:
    """Return an input or target as plain data, all defaults written out."""
    plain: dict[str, Any] = {"shape": list(tensor.type.shape[1:]), "dtype": tensor.type.dtype}
    return {**plain, "classes": tensor.classes} if what == "target" else plain
