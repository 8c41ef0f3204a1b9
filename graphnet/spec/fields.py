"""Fields: mappings to entries by the settings these declare, every problem at its own place."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphnet.declare import (
    Either,
    Entry,
    Kind,
    KindError,
    Listed,
    Mapped,
    Nested,
    Optional,
    Row,
    Setting,
    setting_elsewhere,
)
from graphnet.errors import Position, listed
from graphnet.spec.nodes import (
    ListNode,
    MapBuilder,
    MapNode,
    Node,
    ScalarNode,
    is_nothing,
    plain_of,
)
from graphnet.spec.problems import Problems
from graphnet.spec.scalars import cure

E = TypeVar("E", bound=Entry)
_EXPRESSION = re.compile(r"(?=.*\d)[\w.\s()]+(?:[-+*/%]+[\w.\s()]+)+")
_NO_EXPRESSIONS = "there are no expressions: add a variable or a block parameter for it"


@dataclass(frozen=True)
class Place:
    """Where fields are read, as messages name it.

    Attributes:
        what: For example `layer 'linear1'` or `training.stop`.
        kind: What the keys belong to, for example `Linear`.
        path: Dotted path of the fields, with a dot at its end; empty at the top.
        positions: Takes where each value was written, by dotted path.
        beside: What messages say of keys beside the kind's own, or an empty string.
        offer: Says what is meant by a key that is none of the known ones, or returns an empty string.
    """

    what: str
    kind: str
    path: str = ""
    positions: dict[str, Position] = field(default_factory=dict)
    beside: str = ""
    offer: Callable[[str, Collection[str]], str] = setting_elsewhere

    def inside(self, key: str, kind: str = "") -> Place:
        """Return the place of a mapping below a key."""
        what = f"{self.what}.{key}" if self.what == self.kind else f"{key!r} of {self.what}"
        return Place(what, kind or what, f"{self.path}{key}.", self.positions)


class _Wrong:
    """What stands for a value that does not fit."""


WRONG = _Wrong()
"""Returned in place of a value; what is wrong with it has been added to the problems."""


def parse_entry(
    node: MapNode, entry: type[E], problems: Problems, place: Place, common: Collection[str] = ()
) -> E | None:
    """Build an entry from a mapping.

    Args:
        node: The mapping.
        entry: Its type, which declares the keys.
        problems: Takes unknown keys (GN104), missing keys (GN105) and wrong values (GN106).
        place: How messages name it; its positions are filled.
        common: Keys that are allowed beside the entry's own and are left to the caller.

    Returns:
        The entry, or None where anything is wrong.
    """
    settings = _settings_of(entry)
    known = all(key in settings or key in common for key in node.items)
    if not known:
        node = check_keys(node, settings, problems, place, common)
    values: dict[str, Any] = {}
    for key, declared in settings.items():
        if key in node.items:
            values[key] = parse_value(node.items[key], declared.kind, problems, place, key)
        elif declared.required:
            values[key] = WRONG
            missing_key(node, key, declared, problems, place)
    if not known or WRONG in values.values():
        return None
    built = entry(**values)
    if conflict := built.conflict():
        named = [key for key in re.findall(r"[a-z_]\w*", conflict) if key in node.items]
        where = node.items[named[0]].position if named else node.position
        label = "does not go together" if len(set(named)) > 1 else ""
        problems.add("GN125", f"{place.what}: {conflict}", where, label=label)
        return None
    return built


_declared: dict[type[Entry], dict[str, Setting]] = {}


def _settings_of(entry: type[Entry]) -> dict[str, Setting]:
    """Return an entry's settings, worked out once for each type: specs have many layers of one."""
    if entry not in _declared:
        _declared[entry] = entry.settings()
    return _declared[entry]


def check_keys(
    node: MapNode,
    known: Collection[str],
    problems: Problems,
    place: Place,
    common: Collection[str] = (),
) -> MapNode:
    """Refuse keys that are neither known nor common (GN104).

    Returns:
        The mapping with such keys replaced by those that were probably meant, so that one slip is
        not told twice: as an unknown key and as a missing one.
    """
    builder = MapBuilder()
    every = [*known, *common]
    for key, value in node.items.items():
        meant = key
        if key not in known and key not in common:
            meant = unknown_key(node, key, every, problems, place, shown=known)
        if meant == key or (meant and meant not in node.items and meant not in builder.items):
            builder.add(meant, node.keys[key], value)
    return builder.build(node.position)


def unknown_key(
    node: MapNode,
    key: str,
    candidates: Collection[str],
    problems: Problems,
    place: Place,
    *,
    shown: Collection[str] = (),
) -> str:
    """Say that a mapping has an unknown key (GN104), and return the one probably meant."""
    other = "" if key.lower() in candidates else place.offer(key, candidates)
    meant = "" if other else problems.nearest_name(key, candidates)
    keys = listed(sorted(shown))
    problems.add(
        "GN104",
        f"unknown key {key!r} in {place.what}",
        node.keys[key],
        label=f"not a key of {place.kind}",
        help=f"did you mean {meant!r}?" if meant else other,
        notes=[
            f"keys of {place.kind}: {keys}" if keys else f"{place.kind} has no keys",
            place.beside,
        ],
    )
    return meant


def missing_key(
    node: MapNode, key: str, declared: Setting, problems: Problems, place: Place
) -> None:
    """Say that a mapping lacks a key (GN105)."""
    problems.add(
        "GN105",
        f"missing key {key!r} in {place.what}",
        node.position,
        label=f"needs {key!r}",
        help=f"add {key}: {declared.kind.describe()}",
        notes=[f"{key}: {declared.doc}"],
    )


def parse_value(node: Node, kind: Kind, problems: Problems, place: Place, key: str) -> Any:
    """Return the value of one field, or `WRONG` after adding the problem (GN106)."""
    place.positions[f"{place.path}{key}"] = node.position
    inner = kind.kind if isinstance(kind, Optional) else kind
    if isinstance(kind, Optional) and is_nothing(node):
        return None
    inner = _for_shape(inner, node)
    if isinstance(inner, Row):
        return _parse_row(node, inner, problems, place.inside(key))
    if isinstance(inner, Nested) and isinstance(node, MapNode):
        entry = parse_entry(node, inner.entry, problems, place.inside(key))
        return WRONG if entry is None else entry
    if isinstance(inner, Mapped) and isinstance(node, MapNode):
        values = {
            name: parse_value(item, inner.kind, problems, place, f"{key}.{name}")
            for name, item in node.items.items()
        }
        return WRONG if WRONG in values.values() else values
    if isinstance(inner, Listed) and isinstance(node, ListNode) and _long_enough(inner, node):
        items = tuple(
            parse_value(item, inner.kind, problems, place, f"{key}.{index}")
            for index, item in enumerate(node.items)
        )
        return WRONG if WRONG in items else items
    try:
        return kind.parse(plain_of(node))
    except KindError as error:
        wrong_value(node, error, problems, place, key)
        return WRONG


def _parse_row(node: Node, kind: Row, problems: Problems, place: Place) -> Any:
    """Return the entry of a table that a value describes."""
    from graphnet.spec.typed import parse_typed  # noqa: PLC0415 - which reads its fields here

    entry = parse_typed(node, kind.table(), problems, place)
    return WRONG if entry is None else entry


def _for_shape(kind: Kind, node: Node) -> Kind:
    """Return which of several kinds a list or a mapping is meant as."""
    if not isinstance(kind, Either):
        return kind
    if isinstance(node, ListNode):
        return next((option for option in kind.kinds if isinstance(option, Listed)), kind)
    entries = [option for option in kind.kinds if isinstance(option, Nested)]
    if isinstance(node, MapNode) and entries:
        return max(entries, key=lambda option: _likeness(option.entry, node))
    return kind


def _likeness(entry: type[Entry], node: MapNode) -> int:
    """Say how many keys of a mapping an entry knows, less those it needs and does not find."""
    settings = entry.settings()
    lacking = [key for key, declared in settings.items() if declared.required]
    return sum(key in settings for key in node.items) - sum(
        key not in node.items for key in lacking
    )


def _long_enough(kind: Listed, node: ListNode) -> bool:
    return kind.length is None or kind.length == len(node.items)


def wrong_value(node: Node, error: KindError, problems: Problems, place: Place, key: str) -> None:
    """Add the problem of a value that does not fit its key (GN106)."""
    problems.add(
        "GN106",
        f"wrong value for {key!r} in {place.what}",
        (isinstance(node, ScalarNode) and node.given) or node.position,
        label=error.message,
        help=_cure(node, error),
    )


def _cure(node: Node, error: KindError) -> str:
    """Return the smallest change that would make a value fit."""
    offered = error.help
    if not isinstance(node, ScalarNode):
        return offered
    if isinstance(node.value, str):
        offered = ("" if node.quoted else cure(node.value)) or offered
        calculated = "number" in error.message and _EXPRESSION.fullmatch(node.value)
        return _NO_EXPRESSIONS if calculated and not offered else offered
    if isinstance(node.value, float) and not math.isfinite(node.value):
        return cure(str(node.value))
    return offered
