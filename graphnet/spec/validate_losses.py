"""Losses: what training makes small."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Any

from graphnet.declare import KindError, Real, Text, setting_elsewhere
from graphnet.errors import Position
from graphnet.losses import LOSSES, Loss
from graphnet.spec.fields import WRONG, Place, parse_value, wrong_value
from graphnet.spec.forms import as_texts
from graphnet.spec.model import LossSpec
from graphnet.spec.names import check_name, check_unique
from graphnet.spec.nodes import ListNode, MapNode, Node, ScalarNode, plain_of
from graphnet.spec.problems import Problems
from graphnet.spec.typed import Typed, find_type, parse_typed

SINGLE = "loss"
"""Name of a loss that the spec does not name."""
COMMON_KEYS = ("input", "sample_weight", "scale", "target")
"""Keys of every loss beside `type`."""
_BESIDE = f"keys of every loss: {', '.join(COMMON_KEYS)}"


@dataclass(frozen=True)
class Ends:
    """What losses can refer to.

    Attributes:
        output: Resolves a reference to a layer's result; None where the layers are wrong.
        outputs: The network's outputs; the first is the default input of a loss.
        targets: Names of the targets; the only one is the default target of a loss.
        inputs: Names of the network's inputs, one of which may weigh samples.
        weights: Targets that weigh samples, which are nobody's default target.
    """

    output: Callable[[str, Position | None], str | None] | None
    outputs: Sequence[str]
    targets: Sequence[str]
    inputs: Sequence[str] = ()
    weights: Collection[str] = ()


def read_losses(
    node: Node, ends: Ends, problems: Problems, positions: dict[str, Position]
) -> tuple[LossSpec, ...]:
    """Return the losses of the `loss` section; without those that are wrong."""
    if isinstance(node, ListNode):
        found = KindError("expected a loss, or a mapping of losses, found a list", _named(node))
        wrong_value(node, found, problems, Place("the spec", "the spec"), "loss")
        return ()
    ends = replace(ends, weights=_weighing(node))
    if isinstance(node, MapNode) and not _is_single(node):
        check_unique([(name, "loss", where) for name, where in node.keys.items()], problems)
        for name, where in node.keys.items():
            check_name(name, "a loss", where, problems)
    read = [
        _read_loss(name, item, ends, problems, place)
        for name, item, place in _each(node, positions)
    ]
    return tuple(loss for loss in read if loss is not None)


def _named(node: ListNode) -> str:
    """Offer a list of losses as a mapping."""
    types = [item.get("type") if isinstance(item, MapNode) else item for item in node.items]
    names = [item.value if isinstance(item, ScalarNode) else "..." for item in types]
    pairs = ", ".join(
        f"{letter}: {name}" for letter, name in zip(ascii_lowercase, names, strict=False)
    )
    return f"give each a name: loss: {{{pairs}}}"


def _meant(key: str, known: Collection[str]) -> str:
    """Return what is meant by an unknown key of a loss."""
    weighs = key in ("weight", "loss_weight", "coefficient")
    return "did you mean 'scale'?" if weighs else setting_elsewhere(key, known)


def check_types(node: Node, problems: Problems) -> None:
    """Refuse unknown types in a `loss` section that is not read any further."""
    for _, item, place in _each(node, {}):
        find_type(item, LOSSES, problems, place)


def _each(node: Node, positions: dict[str, Position]) -> Iterator[tuple[str, Node, Place]]:
    """Yield the losses of the section: the name, what was written, and how messages name it."""
    if not isinstance(node, MapNode) or _is_single(node):
        yield SINGLE, node, Place("the loss", "a loss", "loss.", positions, _BESIDE, _meant)
        return
    for name, item in node.items.items():
        yield (
            name,
            item,
            Place(f"loss {name!r}", "a loss", f"loss.{name}.", positions, _BESIDE, _meant),
        )


def _weighing(node: Node) -> set[Any]:
    """Return what the losses of the section name as weights of samples."""
    if not isinstance(node, MapNode):
        return set()
    losses = (node, *(item for item in node.items.values() if isinstance(item, MapNode)))
    given = (loss.items.get("sample_weight") for loss in losses)
    return {name.value for name in given if isinstance(name, ScalarNode)}


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
    inside = replace(place, kind=typed.entry_type.name())
    inputs = _inputs(typed, ends, problems, inside)
    targets = _targets(typed, ends, problems, inside)
    weight = _sample_weight(typed.node, ends, problems, inside)
    scale: Any = 1.0
    if "scale" in typed.node.items:
        scale = parse_value(typed.node.items["scale"], Real(), problems, inside, "scale")
    if loss is None or inputs is None or targets is None or WRONG in (scale, weight):
        return None
    prefix = len(place.path)
    own = {path[prefix:]: at for path, at in place.positions.items() if path.startswith(place.path)}
    return LossSpec(name, loss, inputs, targets, scale, weight, typed.where, own)


def _inputs(
    typed: Typed[Loss], ends: Ends, problems: Problems, place: Place
) -> tuple[str, ...] | None:
    """Return the results a loss reads, resolved; by default the first output."""
    roles, given = typed.entry_type.input_roles, typed.node.get("input")
    if given is None and len(roles) == 1:
        return (ends.outputs[0],) if ends.outputs else None
    texts = _names("input", roles, given, typed, problems, place)
    if texts is None or not ends.output:
        return None
    found = [ends.output(str(text.value), text.position) for text in texts]
    whole = tuple(reference for reference in found if reference is not None)
    return whole if len(whole) == len(texts) else None


def _targets(
    typed: Typed[Loss], ends: Ends, problems: Problems, place: Place
) -> tuple[str, ...] | None:
    """Return the targets a loss compares with; by default the only one that holds no weights."""
    roles, given = typed.entry_type.target_roles, typed.node.get("target")
    names = [name for name in ends.targets if name not in ends.weights]
    if given is None and not roles:
        return ()
    if given is None and len(roles) == 1:
        return _only_target(typed, names, ends, problems, place)
    texts = _names("target", roles, given, typed, problems, place)
    unknown = [text for text in texts or () if text.value not in ends.targets]
    for text in unknown:
        _unknown_target(text, place.what, ends, problems)
    return None if texts is None or unknown else tuple(str(text.value) for text in texts)


def _only_target(
    typed: Typed[Loss], names: Sequence[str], ends: Ends, problems: Problems, place: Place
) -> tuple[str, ...] | None:
    """Return the target of a loss that names none, or None after adding the problem (GN117)."""
    if len(names) > 1:
        problems.add(
            "GN117",
            f"{place.what} must say which target it compares with",
            typed.where,
            label=f"there are {len(names)} targets",
            help=f"add target: {names[0]}",
            notes=[f"targets: {', '.join(names)}"],
        )
    elif ends.targets and not names:
        problems.add(
            "GN117",
            f"{place.what} has no target to compare with, only weights of samples",
            typed.where,
            label="needs a target",
            help="declare another target",
        )
    return tuple(names) if len(names) == 1 else None


def _names(
    key: str,
    roles: Sequence[str],
    given: Node | None,
    typed: Typed[Loss],
    problems: Problems,
    place: Place,
) -> list[ScalarNode] | None:
    """Return the names given for a loss's roles, or None after adding the problem (GN118)."""
    texts = [] if given is None else as_texts(given, problems, place, key)
    if texts is None or len(texts) == len(roles):
        return texts
    shown = f"[{', '.join(roles)}]" if len(roles) != 1 else roles[0]
    problems.add(
        "GN118",
        f"{place.kind} takes {len(roles)} {key}{'' if len(roles) == 1 else 's'}, "
        f"{len(texts)} given in {place.what}",
        typed.where if given is None else given.position,
        label=f"expected {len(roles)}",
        help=f"write {key}: {shown}" if roles else f"remove {key}",
    )
    return None


def _unknown_target(text: ScalarNode, what: str, ends: Ends, problems: Problems) -> None:
    is_input = text.value in ends.inputs
    problems.add(
        "GN116",
        f"unknown target {text.value!r} in {what}",
        text.position,
        label="an input, not a target" if is_input else "no such target",
        help="declare a target of its own, and map the same data to both"
        if is_input
        else problems.nearest(str(text.value), ends.targets),
        notes=[f"targets: {', '.join(ends.targets)}" if ends.targets else ""],
    )


def _sample_weight(node: MapNode, ends: Ends, problems: Problems, place: Place) -> Any:
    """Return which target or input weighs the samples, None, or `WRONG` after adding the problem."""
    given = node.get("sample_weight")
    if given is None:
        return None
    text = parse_value(given, Text(), problems, place, "sample_weight")
    if text is WRONG or text in ends.targets or text in ends.inputs:
        return text
    names = [*ends.targets, *ends.inputs]
    problems.add(
        "GN116",
        f"unknown target {text!r} as sample_weight of {place.what}",
        given.position,
        label="no such target or input",
        help=problems.nearest(text, names) or f"declare targets: {text}: {{shape: []}}",
        notes=[f"targets and inputs: {', '.join(names)}"],
    )
    return WRONG


def wants_targets(node: Node, *, unknown: bool = True) -> bool:
    """Whether any loss of the `loss` section compares with targets; `unknown` says it of unknown ones."""
    if isinstance(node, MapNode) and not _is_single(node):
        return any(wants_targets(item, unknown=unknown) for item in node.items.values())
    name = plain_of(
        node.items["type"] if isinstance(node, MapNode) and "type" in node.items else node
    )
    known = isinstance(name, str) and name in LOSSES
    return bool(LOSSES[name].target_roles) if known else unknown


def plain_losses(losses: Sequence[LossSpec]) -> dict[str, Any] | None:
    """Return the losses as plain data: nothing, the only one if it has no name, or all by name."""
    plain = {
        loss.name: {
            "type": loss.loss.name(),
            "input": _one_or_all(loss.inputs),
            "target": _one_or_all(loss.targets),
            "scale": loss.scale,
            **({"sample_weight": loss.sample_weight} if loss.sample_weight else {}),
            **loss.loss.plain(),
        }
        for loss in losses
    }
    return plain[SINGLE] if list(plain) == [SINGLE] else plain or None


def _one_or_all(names: Sequence[str]) -> str | list[str] | None:
    if len(names) > 1:
        return list(names)
    return names[0] if names else None
