"""Rules on parameters: the lists of regularizers and of constraints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from graphnet.declare import Entry, KindError, Table, spoken
from graphnet.errors import Position, article
from graphnet.losses import REGULARIZERS, Regularizer
from graphnet.optimizers import CONSTRAINTS, Constraint
from graphnet.spec.fields import Place, wrong_value
from graphnet.spec.nodes import ListNode, MapNode, Node, plain_of
from graphnet.spec.problems import Problems
from graphnet.spec.typed import parse_typed

E = TypeVar("E", bound=Entry)
Resolve = Callable[[str, Position | None], str | None]


def read_constraints(
    node: Node | None, problems: Problems, positions: dict[str, Position]
) -> tuple[Constraint, ...]:
    """Return the constraints, without those that are wrong."""
    return tuple(_read(node, CONSTRAINTS, "constraints", problems, positions))


def read_regularizers(
    node: Node | None,
    resolve: Resolve | None,
    problems: Problems,
    positions: dict[str, Position],
) -> tuple[Regularizer, ...]:
    """Return the regularizers, references to layers resolved, without those that are wrong."""
    found: list[Regularizer] = []
    for rule in _read(node, REGULARIZERS, "regularizers", problems, positions):
        if rule.output is None or resolve is None:
            found.append(rule)
            continue
        output = resolve(rule.output, node.position if node else None)
        if output is not None:
            found.append(replace(rule, output=output))
    return tuple(found)


def _read(
    node: Node | None,
    table: Table[E],
    section: str,
    problems: Problems,
    positions: dict[str, Position],
) -> list[E]:
    if node is None:
        return []
    if not isinstance(node, ListNode):
        error = KindError(f"expected a list of {section}, found {spoken(plain_of(node))}")
        wrong_value(node, error, problems, Place("the spec", "the spec"), section)
        return []
    found: list[E] = []
    for index, item in enumerate(node.items):
        place = Place(
            f"{table.what} {index + 1}", article(table.what), f"{section}.{index}.", positions
        )
        if not isinstance(item, MapNode):
            error = KindError(f"expected a mapping with a type, found {spoken(plain_of(item))}")
            wrong_value(item, error, problems, Place("the spec", "the spec"), section)
            continue
        rule = parse_typed(item, table, problems, place)
        if rule is not None:
            found.append(rule)
    return found
