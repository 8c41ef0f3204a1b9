"""Losses: what training makes small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphnet.declare import Real, Text
from graphnet.errors import Position
from graphnet.losses import LOSSES
from graphnet.spec.fields import WRONG, Place, parse_value
from graphnet.spec.model import LossSpec
from graphnet.spec.names import check_name, check_unique
from graphnet.spec.nodes import MapNode, Node
from graphnet.spec.problems import Problems
from graphnet.spec.typed import find_type, parse_typed

SINGLE = "loss"
"""Name of a loss that the spec does not name."""
COMMON_KEYS = ("input", "scale", "target")
"""Keys of every loss beside `type`."""


@dataclass(frozen=True)
class Ends:
    """What losses can refer to.

    Attributes:
        output: Resolves a reference to a layer's result; None where the layers are wrong.
        outputs: The network's outputs; the first is the default input of a loss.
        targets: Names of the targets; the only one is the default target of a loss.
    """

    output: Callable[[str, Position | None], str | None] | None
    outputs: Sequence[str]
    targets: Sequence[str]


def read_losses(
    node: Node, ends: Ends, problems: Problems, positions: dict[str, Position]
) -> tuple[LossSpec, ...]:
    """Return the losses of the `loss` section; without those that are wrong."""
    if not isinstance(node, MapNode) or _is_single(node):
        place = Place("the loss", "a loss", "loss.", positions)
        loss = _read_loss(SINGLE, node, ends, problems, place)
        return (loss,) if loss else ()
    check_unique([(name, "loss", where) for name, where in node.keys.items()], problems)
    losses: list[LossSpec] = []
    for name, item in node.items.items():
        check_name(name, "a loss", node.keys[name], problems)
        place = Place(f"loss {name!r}", "a loss", f"loss.{name}.", positions)
        loss = _read_loss(name, item, ends, problems, place)
        if loss is not None:
            losses.append(loss)
    return tuple(losses)


def _is_single(node: MapNode) -> bool:
    """Whether a mapping describes one loss rather than names several."""
    if "type" in node.items or not node.items:
        return True
    known = {*COMMON_KEYS, *(key for loss in LOSSES.values() for key in loss.settings())}
    return any(key in known for key in node.items) and not any(
        isinstance(item, MapNode) for item in node.items.values()
    )


def _read_loss(
    name: str, node: Node, ends: Ends, problems: Problems, place: Place
) -> LossSpec | None:
    typed = find_type(node, LOSSES, problems, place)
    if typed is None:
        return None
    loss = parse_typed(node, LOSSES, problems, place, common=COMMON_KEYS)
    inside = Place(place.what, typed.entry_type.name(), place.path, place.positions)
    source = _input(typed.node, ends, problems, inside)
    target = _target(typed.node, typed.where, ends, problems, inside)
    scale: Any = 1.0
    if "scale" in typed.node.items:
        scale = parse_value(typed.node.items["scale"], Real(), problems, inside, "scale")
    if loss is None or source is None or target is None or scale is WRONG:
        return None
    prefix = len(place.path)
    own = {path[prefix:]: at for path, at in place.positions.items() if path.startswith(place.path)}
    return LossSpec(name, loss, source, target, scale, typed.where, own)


def _input(node: MapNode, ends: Ends, problems: Problems, place: Place) -> str | None:
    given = node.get("input")
    if given is None:
        return ends.outputs[0] if ends.outputs else None
    text = parse_value(given, Text(), problems, place, "input")
    return None if text is WRONG or not ends.output else ends.output(text, given.position)


def _target(
    node: MapNode, where: Position, ends: Ends, problems: Problems, place: Place
) -> str | None:
    names = ends.targets
    given = node.get("target")
    if given is None:
        if len(names) > 1:
            problems.add(
                "GN117",
                f"{place.what} must say which target it compares with",
                where,
                label=f"there are {len(names)} targets",
                help=f"add target: {names[0]}",
                notes=[f"targets: {', '.join(names)}"],
            )
        return names[0] if len(names) == 1 else None
    text = parse_value(given, Text(), problems, place, "target")
    if text is WRONG or text in names:
        return None if text is WRONG else str(text)
    problems.add(
        "GN116",
        f"unknown target {text!r} in {place.what}",
        given.position,
        label="no such target",
        help=problems.nearest(text, names),
        notes=[f"targets: {', '.join(names)}" if names else ""],
    )
    return None


def plain_losses(losses: Sequence[LossSpec]) -> dict[str, Any] | None:
    """Return the losses as plain data: nothing, the only one if it has no name, or all by name."""
    plain = {
        loss.name: {
            "type": loss.loss.name(),
            "input": loss.input,
            "target": loss.target,
            "scale": loss.scale,
            **loss.loss.plain(),
        }
        for loss in losses
    }
    return plain[SINGLE] if list(plain) == [SINGLE] else plain or None
