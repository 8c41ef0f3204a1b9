"""The schedule of `graphnet inspect`: rate, momentum and weight decay of every update, before the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import UsageError, counted

if TYPE_CHECKING:
    from graphnet.cli.console import Voice
    from graphnet.program import Program

ROWS = 24
"""Most lines of the table; longer schedules are shown at evenly spread updates."""
WIDTH, HEIGHT = 64, 12
"""Columns and lines of the plot."""
POINTS = 10_000
"""Most updates in a JSON document; longer schedules are sampled evenly."""


def schedule_document(program: Program, folder: Path, batches: int | None) -> dict[str, Any]:
    """Return the schedule of a run of all epochs.

    Args:
        program: Its spec says how many epochs there are.
        folder: What its data paths are relative to.
        batches: Batches in an epoch; counted in the data where None.

    Raises:
        UsageError: When there is no optimizer (GN716), or no data to count and no number given (GN715).
        DataError: When the data is wrong.
    """
    from graphnet.schedulers import plateau_of, read_scheduler
    from graphnet.training import Rates

    if not program.update:
        raise UsageError("GN716", "the network has nothing to train or no optimizer")
    count = _batches(program, folder) if batches is None else batches
    rates = Rates(program, count)
    updates = program.spec["training"]["epochs"] * rates.updates_per_epoch
    shown = spread(updates, POINTS)
    values: dict[str, list[float]] = {}
    for update in shown:
        for name, value in sorted(rates.values(update)):
            values.setdefault(name.removeprefix(":"), []).append(value)
    return {
        "epochs": program.spec["training"]["epochs"],
        "batches_per_epoch": count,
        "updates_per_epoch": rates.updates_per_epoch,
        "updates": updates,
        "depends_on_results": plateau_of(read_scheduler(program.spec.get("scheduler"))) is not None,
        "update": shown,
        "settings": values,
    }


def spread(count: int, most: int) -> list[int]:
    """Return at most so many of the first `count` numbers, the first and the last among them.

    Example:
        >>> spread(3, 5), spread(100, 4)
        ([0, 1, 2], [0, 33, 66, 99])
    """
    if count <= most:
        return list(range(count))
    return [index * (count - 1) // (most - 1) for index in range(most)]


def _batches(program: Program, folder: Path) -> int:
    """Count the batches of an epoch in the data."""
    from graphnet.data import Batches
    from graphnet.recipe import Training
    from graphnet.training import load_parts

    if not program.spec.get("data"):
        raise UsageError(
            "GN715",
            f"{program.name!r} names no data whose batches could be counted",
            help="say how many there are in an epoch: --batches 100",
        )
    training = Training.from_plain(program.spec["training"])
    size = min(training.batch_size, program.batch_size)
    return len(Batches(load_parts(program, folder).train, size, drop_last=training.drop_last))


def say_schedule(voice: Voice, document: Mapping[str, Any]) -> None:
    """Print the table of the schedule and a plot of every setting that changes."""
    settings: Mapping[str, list[float]] = document["settings"]
    per_epoch, shown = document["updates_per_epoch"], document["update"]
    columns = [("update", "right"), ("epoch", "right"), *((name, "right") for name in settings)]
    table = voice.table(columns)
    for index in _chosen(list(settings.values())):
        values = (f"{series[index]:.6g}" for series in settings.values())
        update = shown[index]
        table.add_row(f"{update + 1:,}", f"{update // per_epoch + 1:,}", *values)
    voice.say(table)
    for name, series in settings.items():
        if max(series) > min(series):
            voice.say("\n".join(plot(name, series, document["updates"])))
    voice.say(
        f"{counted(document['updates'], 'update')}: {counted(document['epochs'], 'epoch')} of "
        f"{per_epoch:,}, from {counted(document['batches_per_epoch'], 'batch', 'batches')}"
    )
    if document["depends_on_results"]:
        voice.say("ReduceLROnPlateau lowers the rate when results stand still: shown is the start")


def _chosen(columns: Sequence[Sequence[float]]) -> list[int]:
    """Return which updates to show: those at which something changes, if these are few; else a spread."""
    rows = list(zip(*columns, strict=True))
    changes = [0, *(at for at, (one, two) in enumerate(pairwise(rows), start=1) if one != two)]
    chosen = changes if len(changes) < ROWS else spread(len(rows), ROWS)
    return sorted({*chosen, len(rows) - 1})


def plot(name: str, series: Sequence[float], updates: int) -> list[str]:
    """Return the lines of a plot of a series over all updates, in plain characters.

    Example:
        >>> plot("lr", [0.0, 1.0], 2)[0].endswith("*")
        True
    """
    low, high = min(series), max(series)
    places = spread(len(series), WIDTH)
    levels = [round((series[at] - low) / ((high - low) or 1.0) * (HEIGHT - 1)) for at in places]
    labels = {HEIGHT - 1: f"{high:.4g}", 0: f"{low:.4g}"}
    width = max(len(name), *(len(label) for label in labels.values()))
    lines = []
    for level in reversed(range(HEIGHT)):
        label = name if level == HEIGHT // 2 else labels.get(level, "")
        marks = "".join("*" if own == level else " " for own in levels)
        lines.append(f"{label:>{width}} | {marks}".rstrip())
    end = f"{updates:,}"
    return [
        *lines,
        f"{'':>{width}} +{'-' * (len(places) + 1)}",
        f"{'':>{width}}   1{end:>{len(places) - 1}}",
    ]
