"""Optimizer and scheduler: how a network learns, and how that changes along the way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from graphnet.declare import KindError, renamed, setting_elsewhere
from graphnet.errors import Position
from graphnet.optimizers import (
    DESCENTS,
    GROUP_KEYS,
    OPTIMIZERS,
    Descent,
    Optimizer,
    Tuning,
    combination,
    group_optimizer,
)
from graphnet.recipe import Training
from graphnet.schedulers import SCHEDULERS, Scheduler, plateau_of
from graphnet.spec.fields import WRONG, Place, check_keys, parse_entry, parse_value
from graphnet.spec.nodes import ListNode, MapBuilder, MapNode, Node, ScalarNode, plain_of
from graphnet.spec.problems import Problems
from graphnet.spec.typed import parse_typed

DEFAULT_OPTIMIZER = "AdamW"
"""Type of the optimizer where there is a loss but no optimizer, or one without a type."""
SETTINGS = ("lr", "momentum", "weight_decay")
"""Settings that a scheduler can change."""


def section_of(key: str, known: Collection[str]) -> str:
    """Say in which section a setting belongs that stands at the top of a spec, or return an empty string."""
    whole = {name for row in OPTIMIZERS.values() for name in row.settings()} | {*Tuning.settings()}
    for section, names in (("training", {*Training.settings()}), ("optimizer", whole)):
        meant = key if key in names else renamed(key, names)
        if meant:
            return f"it belongs under {section}: write {section}: {{{meant}: ...}}"
    return setting_elsewhere(key, known)


def read_optimizer_section(
    node: Node, problems: Problems, positions: dict[str, Position]
) -> tuple[Optimizer, Tuning] | None:
    """Return the optimizer and what goes with it, or None where anything is wrong."""
    place = Place("the optimizer", "", "optimizer.", positions)
    optimizer = parse_typed(
        node, OPTIMIZERS, problems, place, common=list(Tuning.settings()), default=DEFAULT_OPTIMIZER
    )
    if not isinstance(node, MapNode):
        return None if optimizer is None else (optimizer, Tuning())
    tuning = _tuning(node, problems, place)
    if optimizer is None or tuning is None:
        return None
    if problem := combination(optimizer, tuning):
        _contradiction(problem, node.position, problems)
        return None
    groups = node.get("groups")
    if isinstance(groups, ListNode) and not _groups_fit(groups, optimizer.core, problems, place):
        return None
    return optimizer, tuning


def _tuning(node: MapNode, problems: Problems, place: Place) -> Tuning | None:
    """Read the keys that every optimizer has."""
    builder = MapBuilder()
    for key in Tuning.settings():
        if key in node.items:
            builder.add(key, node.keys[key], node.items[key])
    return parse_entry(builder.build(node.position), Tuning, problems, place)


def _groups_fit(groups: ListNode, core: Descent, problems: Problems, place: Place) -> bool:
    """Check the settings of every group as those of the optimizer they are for."""
    before = len(problems)
    for index, group in enumerate(groups.items):
        if isinstance(group, MapNode):
            _check_group(group, core, problems, place.inside(f"groups.{index}"))
    return len(problems) == before


def _check_group(group: MapNode, core: Descent, problems: Problems, place: Place) -> None:
    before = len(problems)
    given = group.get("type")
    row: type[Descent] = type(core)
    if given is not None:
        name = given.value if isinstance(given, ScalarNode) else None
        if not isinstance(name, str) or name not in DESCENTS:
            problems.add(
                "GN107",
                f"unknown optimizer {plain_of(given)!r} in {place.what}",
                given.position,
                label="no such optimizer",
                help=problems.nearest(str(name), DESCENTS),
                notes=[f"optimizers: {', '.join(DESCENTS)}"],
            )
            return
        row = DESCENTS[name]
    inside = Place(place.what, row.name(), place.path, place.positions)
    settings = row.settings()
    checked = check_keys(group, list(settings), problems, inside, GROUP_KEYS)
    place.positions[f"{place.path}match"] = group.items["match"].position
    values = {
        key: parse_value(item, settings[key].kind, problems, inside, key)
        for key, item in checked.items.items()
        if key in settings
    }
    if len(problems) > before or WRONG in values.values():
        return
    try:
        group_optimizer(core, plain_of(group))
    except KindError as error:
        _contradiction(f"{place.what}: {error.message}", group.position, problems)


def read_scheduler_section(
    node: Node,
    optimizer: Optimizer | None,
    metrics: Sequence[str],
    problems: Problems,
    positions: dict[str, Position],
) -> Scheduler | None:
    """Return the scheduler, or None where anything is wrong.

    Args:
        node: A name; a mapping; a list of schedulers, the last item their milestones; or a mapping of
            settings to schedulers.
        optimizer: What is scheduled; None where it is wrong.
        metrics: Names of the metrics, which a scheduler may watch.
        problems: Takes what is wrong.
        positions: Takes where values were written.
    """
    place = Place("the scheduler", "", "scheduler.", positions)
    whole = _typed(node, problems)
    if whole is None:
        return None
    scheduler = parse_typed(whole, SCHEDULERS, problems, place)
    if scheduler is None:
        return None
    before = len(problems)
    if optimizer is not None:
        _check_settings(scheduler, optimizer.core, node.position, problems)
    _check_metric(scheduler, metrics, node.position, problems)
    return scheduler if len(problems) == before else None


def _typed(node: Node, problems: Problems) -> Node | None:
    """Return the section as a typed mapping, whichever way it is written."""
    if isinstance(node, MapNode) and "type" not in node.items:
        if set(node.items) & set(SETTINGS):
            return _with_type(node, "BySetting")
        if {"schedulers", "milestones"} & set(node.items):
            return _with_type(node, "SequentialLR")
    return _sequence(node, problems) if isinstance(node, ListNode) else node


def _with_type(node: MapNode, name: str) -> MapNode:
    where = node.position
    return MapNode(
        {"type": ScalarNode(name, where), **node.items}, {"type": where, **node.keys}, where
    )


def _sequence(node: ListNode, problems: Problems) -> MapNode | None:
    """Return a list of schedulers as a SequentialLR; its last item gives the milestones."""
    last = node.items[-1] if node.items else None
    if not isinstance(last, MapNode) or not set(last.items) <= {"milestones", "interval"}:
        problems.add(
            "GN105",
            "a list of schedulers without milestones",
            node.position,
            label="needs 'milestones'",
            help="add '- milestones: [10]' at its end: when the next one begins",
        )
        return None
    builder = MapBuilder()
    builder.add("schedulers", node.position, ListNode(node.items[:-1], node.position))
    for key, item in last.items.items():
        builder.add(key, last.keys[key], item)
    return _with_type(builder.build(node.position), "SequentialLR")


def _check_settings(
    scheduler: Scheduler, core: Descent, where: Position, problems: Problems
) -> None:
    """Refuse to schedule what the optimizer does not have."""
    for name in scheduler.scheduled():
        if name == "lr" or name in core.schedulable:
            continue
        cure = "give the scheduler 'cycle_momentum: false'" if name == "momentum" else ""
        _contradiction(
            f"the scheduler changes {name}, which {core.name()} does not have",
            where,
            problems,
            help=cure or f"take {name} out of the scheduler",
        )


def _check_metric(
    scheduler: Scheduler, metrics: Sequence[str], where: Position, problems: Problems
) -> None:
    """Refuse to watch what is not computed."""
    plateau = plateau_of(scheduler)
    known = ["loss", *metrics]
    if plateau is None or plateau.metric is None or plateau.metric in known:
        return
    problems.add(
        "GN116",
        f"unknown metric {plateau.metric!r} in the scheduler",
        where,
        label="neither the loss nor a metric of the spec",
        help=problems.nearest(plateau.metric, known),
        notes=[f"it can watch: {', '.join(known)}"],
    )


def _contradiction(message: str, where: Position, problems: Problems, help: str = "") -> None:  # noqa: A002
    problems.add("GN125", message, where, label="does not go together", help=help)


def plain_optimizer(optimizer: Optimizer, tuning: Tuning) -> dict[str, Any]:
    """Return the section as plain data, all defaults written out."""
    return {"type": optimizer.name(), **optimizer.plain(), **tuning.plain()}
