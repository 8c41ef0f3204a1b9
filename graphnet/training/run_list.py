"""The runs below a folder: what each came to, as one flat row, and which of them are asked for."""

from __future__ import annotations

import json
import operator
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from graphnet.errors import GraphNetError, UsageError, listed, nearest
from graphnet.program import read_bounded
from graphnet.training.records import read_records
from graphnet.training.run_directory import RunDirectory
from graphnet.training.run_lock import is_held

Row = dict[str, Any]

_LIMIT = 1 << 26
_NUMBER = re.compile(r"[0-9]{4,9}")
_CONDITION = re.compile(r"\s*([\w.\-/]+?)\s*(<=|>=|!=|=|<|>)\s*(.*?)\s*")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def list_runs(folder: Path, name: str | None = None) -> list[Row]:
    """Return the runs below a folder, in `folder/NAME/NNNN` or elsewhere, by path: oldest first.

    Args:
        folder: Usually `runs`.
        name: Only those of one spec.

    Returns:
        Rows with `run` (its directory), `name`, `status` (that of the summary; `running`, or `killed`
        where it ended without one), `epochs`, `updates`, `seconds`, `parameters`, `when`, and numbers by
        part, as in `validation.loss`.
    """
    rows = (_row(path) for path in sorted(_runs_below(folder)))
    return [row for row in rows if name in (None, row["name"])]


def _runs_below(folder: Path) -> Iterator[Path]:
    """Give every run below a folder; what is inside of a run is its own."""
    for place, folders, _ in os.walk(folder):
        if Path(place) != folder and RunDirectory(Path(place)).is_run:
            folders.clear()
            yield Path(place)


def _row(path: Path) -> Row:
    directory = RunDirectory(path)
    summary = _summary(directory)
    held = is_held(path)
    row: Row = {
        "run": str(path),
        "name": _name(path, summary),
        "status": "running" if held else summary.get("status", "killed"),
        "epochs": summary.get("epochs"),
        "updates": summary.get("updates"),
        "seconds": summary.get("seconds"),
        "parameters": summary.get("parameters"),
        "when": _when(path),
    }
    if held or not summary:
        _add_records(row, directory)
        return row
    for part, loss in summary["loss"].items():
        if part != "last_batch" and loss is not None:
            row[f"{part}.loss"] = loss
    for part, metrics in summary["metrics"].items():
        row |= {f"{part}.{key}": value for key, value in metrics.items() if _is_number(value)}
    return row


def _name(path: Path, summary: Mapping[str, Any]) -> str:
    """Return the name of the spec: that of the folder, unless the run is one of `--run-dir`."""
    if _NUMBER.fullmatch(path.name):
        return path.parent.name
    if "name" in summary:
        return str(summary["name"])
    try:
        found = json.loads(read_bounded(path / "program.json", _LIMIT))
    except (GraphNetError, ValueError, RecursionError):
        return ""
    content = found.get("content") if isinstance(found, dict) else None
    return str(content.get("name", "")) if isinstance(content, dict) else ""


def _summary(directory: RunDirectory) -> Mapping[str, Any]:
    """Return a run's summary, or nothing where it has none that can be read."""
    try:
        found = json.loads(read_bounded(directory.summary_path, _LIMIT))
    except (GraphNetError, ValueError, RecursionError):
        return {}
    whole = isinstance(found, dict) and {"loss", "metrics", "status"} <= found.keys()
    return found if whole else {}


def _add_records(row: Row, directory: RunDirectory) -> None:
    """Put the last epoch's numbers into the row of a run without a summary."""
    records = read_records(directory.metrics_path)
    if not records:
        return
    last = records[-1]
    row.update(epochs=last.get("epoch"), updates=last.get("updates"), seconds=last.get("seconds"))
    row["train.loss"] = last.get("loss")
    for key, value in (last.get("validation") or {}).items():
        if _is_number(value):
            row[f"validation.{key}"] = value


def _when(path: Path) -> str:
    """Return when a run was begun or last gone on with."""
    stamp = max(file.stat().st_mtime for file in (path, *path.glob("*.json*")))
    return datetime.fromtimestamp(stamp).astimezone().isoformat(sep=" ", timespec="seconds")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def keep_runs(rows: Iterable[Row], conditions: Iterable[str]) -> list[Row]:
    """Return the rows that meet all conditions; what a row does not have meets none.

    Args:
        rows: Of `list_runs`.
        conditions: As in `status=finished` or `validation.loss<0.3`.

    Raises:
        UsageError: When a condition cannot be read, or no row has its key (GN763).
    """
    kept = list(rows)
    for condition in conditions:
        key, compare, value = _condition(condition, kept)
        kept = [row for row in kept if _meets(row.get(key), compare, value)]
    return kept


def _condition(text: str, rows: list[Row]) -> tuple[str, Callable[[Any, Any], bool], str]:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise UsageError(
            "GN763",
            f"{text!r} is no condition",
            help="write it like status=finished or 'validation.loss<0.3'",
        )
    _refuse_key(match[1], rows)
    return match[1], _COMPARE[match[2]], match[3]


def _refuse_key(key: str, rows: list[Row]) -> None:
    keys = dict.fromkeys(name for row in rows for name in row)
    if rows and key not in keys:
        raise UsageError(
            "GN763", f"no run has {key!r}", help=nearest(key, keys), notes=[f"keys: {listed(keys)}"]
        )


def _meets(value: Any, compare: Callable[[Any, Any], bool], wanted: str) -> bool:
    if value is None:
        return False
    if not _is_number(value):
        return compare(str(value), wanted)
    try:
        return compare(value, float(wanted))
    except ValueError:
        return False


def order_runs(rows: list[Row], key: str, *, reverse: bool = False) -> list[Row]:
    """Return rows sorted by a key; those without it come last.

    Raises:
        UsageError: When no row has it (GN763).
    """
    _refuse_key(key, rows)
    having = [row for row in rows if row.get(key) is not None]
    having.sort(key=lambda row: row[key], reverse=reverse)
    return having + [row for row in rows if row.get(key) is None]
