"""Data and training: where samples come from, and how a run goes through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphnet.errors import Position
from graphnet.recipe import PARTS, Data, Training
from graphnet.spec.fields import Place, parse_entry
from graphnet.spec.forms import as_mapping
from graphnet.spec.nodes import MapNode, Node, ScalarNode
from graphnet.spec.problems import Problems

if TYPE_CHECKING:
    from graphnet.metrics import Metric


def read_data(
    node: Node,
    names: Mapping[str, Sequence[str]],
    problems: Problems,
    positions: dict[str, Position],
) -> Data | None:
    """Return the `data` section, or None where anything is wrong.

    Args:
        node: The section.
        names: Names of the spec's `inputs` and of its `targets`.
        problems: Takes what is wrong.
        positions: Takes where values were written.
    """
    mapping = as_mapping(node, problems, Place("the spec", "the spec"), "data")
    if mapping is None:
        return None
    data = parse_entry(mapping, Data, problems, Place("data", "data", "data.", positions))
    for part in PARTS:
        samples = mapping.items.get(part)
        if isinstance(samples, MapNode):
            _check_names(samples, part, names, problems)
            if not {"fraction", "folds"} & set(samples.items):
                _check_origin(samples, part, problems)
    return data


def _check_names(
    node: MapNode, part: str, names: Mapping[str, Sequence[str]], problems: Problems
) -> None:
    """Refuse inputs and targets that the spec does not declare (GN116)."""
    for section, known in names.items():
        columns = node.items.get(section)
        for name in columns.items if isinstance(columns, MapNode) else ():
            if name not in known and isinstance(columns, MapNode):
                _unknown(name, section, known, part, columns.keys[name], problems)
    stratify = node.items.get("stratify")
    if isinstance(stratify, ScalarNode) and isinstance(stratify.value, str):
        targets = names.get("targets")
        if targets is not None and stratify.value not in targets:
            _unknown(stratify.value, "targets", targets, part, stratify.position, problems)


def _unknown(
    name: str,
    section: str,
    known: Sequence[str],
    part: str,
    where: Position,
    problems: Problems,
) -> None:
    what = section.removesuffix("s")
    problems.add(
        "GN116",
        f"unknown {what} {name!r} in data.{part}",
        where,
        label=f"the spec has no {what} of this name",
        help=problems.nearest(name, known),
        notes=[f"{section}: {', '.join(known)}" if known else f"the spec has no {section}"],
    )


def _check_origin(node: MapNode, part: str, problems: Problems) -> None:
    """Refuse sets that come from nowhere (GN105) or from two places (GN125)."""
    path, generator = node.get("path"), node.get("generator")
    if path is None and generator is None:
        problems.add(
            "GN105",
            f"missing key 'path' in data.{part}",
            node.position,
            label="needs 'path' or 'generator'",
            help="add path: FILE, or generator: NAME",
        )
    elif path is not None and generator is not None:
        problems.add(
            "GN125",
            f"data.{part} has both a path and a generator",
            generator.position,
            label="a set comes from one of the two",
            help="remove one of the two",
        )


def read_training(
    node: Node | None, problems: Problems, positions: dict[str, Position]
) -> Training | None:
    """Return the `training` section, all defaults where there is none; None where it is wrong."""
    if node is None:
        return Training()
    mapping = as_mapping(node, problems, Place("the spec", "the spec"), "training")
    place = Place("training", "training", "training.", positions)
    return parse_entry(mapping, Training, problems, place) if mapping else None


def check_early_stopping(
    training: Training,
    metrics: Sequence[Metric],
    data: Data | None,
    problems: Problems,
    positions: dict[str, Position],
) -> None:
    """Refuse to watch a metric that the spec has not (GN116), or without validation (GN121)."""
    stopping = training.early_stopping
    if stopping is None:
        return
    names = ["loss", *(metric.key for metric in metrics if metric.single)]
    whole = positions.get("training.early_stopping")
    if stopping.metric not in names:
        problems.add(
            "GN116",
            f"unknown metric {stopping.metric!r} in training.early_stopping",
            positions.get("training.early_stopping.metric", whole),
            label="neither the loss nor a metric of one number",
            help=problems.nearest(stopping.metric, names),
            notes=[f"it can watch: {', '.join(names)}"],
        )
    if data is not None and data.validation is None:
        problems.add(
            "GN121",
            "early stopping without validation data",
            whole,
            label="has nothing to watch",
            help="add validation: {fraction: 0.2} to data:",
        )
