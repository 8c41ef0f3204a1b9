"""Typed mappings: `{type: NAME, ...}`, or `NAME` alone, to an entry of a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from graphnet.declare import Entry, KindError, Table, UnknownName, bare, spoken, type_elsewhere
from graphnet.errors import Position, article, nearest
from graphnet.layers import LAYERS
from graphnet.losses import LOSSES
from graphnet.optimizers import OPTIMIZERS
from graphnet.schedulers import SCHEDULERS
from graphnet.spec.fields import Place, parse_entry, unknown_key, wrong_value
from graphnet.spec.nodes import MapNode, Node, ScalarNode, empty_mapping, plain_of
from graphnet.spec.problems import Problems

E = TypeVar("E", bound=Entry)
_TYPE = ("type",)
_SECTIONS: Mapping[str, Collection[str]] = {
    "layers": LAYERS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "scheduler": SCHEDULERS,
}


@dataclass(frozen=True)
class Typed(Generic[E]):
    """What a typed mapping says.

    Attributes:
        node: The mapping; empty where only the type was written.
        entry_type: The row of the table.
        where: Where the type was written.
    """

    node: MapNode
    entry_type: type[E]
    where: Position


def parse_typed(
    node: Node,
    table: Table[E],
    problems: Problems,
    place: Place,
    *,
    common: Collection[str] = (),
    default: str | None = None,
) -> E | None:
    """Return the entry that a typed mapping describes, or None where anything is wrong.

    Args:
        node: A type name, or a mapping with `type`.
        table: The types there are.
        problems: Takes what is wrong.
        place: How messages name it; its `kind` is replaced by the type.
        common: Keys beside `type` and the entry's own.
        default: The type of a mapping that names none.
    """
    typed = find_type(node, table, problems, place, default)
    if typed is None:
        return None
    inside = replace(place, kind=typed.entry_type.name())
    return parse_entry(typed.node, typed.entry_type, problems, inside, ("type", *common))


def find_type(
    node: Node, table: Table[E], problems: Problems, place: Place, default: str | None = None
) -> Typed[E] | None:
    """Return the row of the table that a node names, or None after adding the problem.

    Problems are a missing type (GN105), one that is not text (GN106) and an unknown one (GN107).
    """
    if isinstance(node, MapNode):
        mapping, name = node, node.items.get("type")
        if name is None and default is not None:
            name = ScalarNode(default, node.position)
        if name is None:
            slip = next((key for key in mapping.items if problems.nearest_name(key, _TYPE)), "")
            if slip:
                unknown_key(mapping, slip, _TYPE, problems, place, shown=_TYPE)
                return None
            problems.add(
                "GN105",
                f"missing key 'type' in {place.what}",
                node.position,
                label="needs 'type'",
                help=f"add type: {next(iter(table))}, or another {table.what}",
            )
            return None
    else:
        mapping, name = empty_mapping(node.position), node
    place.positions[f"{place.path}type"] = name.position
    if not isinstance(name, ScalarNode) or not isinstance(name.value, str):
        found = spoken(plain_of(name))
        error = KindError(f"expected {article(table.what)}, found {found}")
        wrong_value(name, error, problems, place, "type")
        return None
    try:
        return Typed(mapping, table[name.value], name.position)
    except UnknownName as unknown:
        where = "" if table.what in place.what else f" in {place.what}"
        problems.add(
            "GN107",
            f"{unknown.message}{where}",
            name.position,
            label=f"no such {table.what}",
            help=offer(name.value, table, problems.nearest),
            notes=[unknown.note],
        )
        return None


def _elsewhere(name: str) -> str:
    """Return where a name that is right in another section belongs, or an empty string."""
    found = next((section for section, names in _SECTIONS.items() if name in names), "")
    return f"{name} belongs under {found!r}" if found else ""


def offer(
    name: str,
    table: Collection[str],
    nearest: Callable[[str, Collection[str]], str] = nearest,
) -> str:
    """Return what was probably meant: what other libraries call so, or else the nearest name.

    Args:
        name: What the table does not have.
        table: Its names.
        nearest: Offers the nearest name.

    Example:
        >>> offer("nn.ReLU()", LAYERS), offer("Dense", LAYERS)
        ("did you mean 'ReLU'?", "did you mean 'Linear'?")
    """
    name = bare(name)
    if other_section := _elsewhere(name):
        return other_section if name not in table else f"did you mean {name!r}?"
    offered = type_elsewhere(name, table)
    here = offered and name.lower() in {row.lower() for row in table}
    return nearest(name, table) if here or not offered else offered


def plain_entry(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain data that names its type first."""
    return {"type": entry.name(), **entry.plain()}


def plain_entries(entries: Mapping[str, Entry]) -> dict[str, Any]:
    """Return named entries as plain data, in the order of their names."""
    return {name: plain_entry(entries[name]) for name in sorted(entries)}
