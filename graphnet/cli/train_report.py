"""What `graphnet train` tells while it runs and when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.cli.console import Voice, shown
from graphnet.errors import counted
from graphnet.training import Observer, Run, Summary

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

FEW_EPOCHS = 20
QUIET_SECONDS = 30.0
MOST_CLASSES = 12


class Reporter(Observer):
    """A progress bar on a terminal; elsewhere a line per epoch, for long runs one in 30 seconds."""

    def __init__(self, voice: Voice) -> None:
        """Say nothing yet."""
        self._voice = voice
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._epochs = 0
        self._told = -QUIET_SECONDS
        self._drawn = 0.0

    def started(self, run: Run) -> None:
        """Say what begins."""
        program, trainer = run.program, run.trainer
        self._epochs = run.training.epochs
        self._voice.note(
            f"training {program.name}: {counted(program.parameter_count, 'parameter')}, "
            f"{counted(trainer.samples_per_epoch, 'sample')} in "
            f"{counted(trainer.batches_per_epoch, 'batch', 'batches')}, "
            f"up to {counted(self._epochs, 'epoch')}, into {shown(run.directory.path)}"
        )
        for part, found in run.parts.describe().items():
            for target, counts in found["classes"].items():
                self._voice.note(counts_line(part, target, counts))
        if sys.stderr.isatty() and not self._voice.output.quiet:
            with suppress(OSError):
                self._start_bar(trainer.progress.epoch)

    def epoch(self, record: Mapping[str, Any]) -> None:
        """Tell of an epoch, if it is time to."""
        if self._bar is not None:
            with suppress(OSError):  # a terminal that is gone stops no training
                self._move_bar(record)
            return
        if self._voice.output.quiet:
            return
        last = record["epoch"] == self._epochs or "stopped" in record
        due = time.monotonic() - self._told >= QUIET_SECONDS
        every = self._epochs <= FEW_EPOCHS or self._voice.output.verbose
        if last or due or every:
            self._told = time.monotonic()
            self._voice.tell(epoch_line(record, self._epochs))

    def note(self, text: str) -> None:
        """Pass on a remark."""
        self._voice.note(text)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            with suppress(OSError):
                self._bar.stop()
            self._bar = None

    def _start_bar(self, done: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} epochs"),
            TimeRemainingColumn(),
            console=self._voice.err,
            transient=True,
            auto_refresh=False,
        )
        self._bar.start()
        self._task = self._bar.add_task("loss", total=self._epochs, completed=done)

    def _move_bar(self, record: Mapping[str, Any]) -> None:
        now = time.monotonic()
        last = record["epoch"] == self._epochs or "stopped" in record
        if now - self._drawn < 0.1 and not last:
            return
        self._drawn = now
        if self._bar is not None and self._task is not None:
            told = f"loss {record['loss']:.4g}"
            self._bar.update(self._task, completed=record["epoch"], description=told, refresh=True)
        if last:
            self.close()


def counts_line(part: str, target: str, counts: Mapping[str, int]) -> str:
    """Return how many samples of each class a set has, in one line.

    Example:
        >>> counts_line("train", "label", {"no": 30, "yes": 10})
        'train: 40 samples, label: no 30, yes 10'
    """
    shown = [f"{name} {count}" for name, count in list(counts.items())[:MOST_CLASSES]]
    more = f" and {len(counts) - MOST_CLASSES} more" if len(counts) > MOST_CLASSES else ""
    return f"{part}: {sum(counts.values()):,} samples, {target}: {', '.join(shown)}{more}"


def epoch_line(record: Mapping[str, Any], epochs: int) -> str:
    """Return an epoch in one line."""
    width = len(str(epochs))
    parts = [f"epoch {record['epoch']:>{width}}/{epochs}", f"loss {record['loss']:.6g}"]
    for name, value in (record.get("validation") or {}).items():
        if isinstance(value, float):
            parts.append(f"validation {name} {value:.6g}")
    return "  ".join(parts)


def say_summary(voice: Voice, run: Run, summary: Summary, plots: list[Path]) -> None:
    """Print how a run ended: results, files, and what to do next."""
    plain = summary.plain
    voice.say(headline(plain, run))
    if run.trainer.ends_with_best:
        voice.say(f"weights of epoch {plain['best_epoch']}, the best by {_judged_by(run)}")
    voice.say(results_table(voice, plain))
    judgement = run.program.judgement
    judged = judgement.target if judgement else None
    say_confusions(voice, plain, run.parts.train.classes.get(str(judged), ()))
    for output, threshold in (plain.get("thresholds") or {}).items():
        voice.say(f"{output} says yes where the probability is above {threshold:.6g}")
    directory = summary.directory
    voice.say(f"run    {shown(directory)}")
    for path in plots:
        voice.say(f"plot   {shown(path)}")
    if summary.signal:
        voice.note("interrupted; everything up to the last update is saved")
        voice.next("train", "--run-dir", directory, "--resume")
    else:
        voice.next("evaluate", directory)


def _judged_by(run: Run) -> str:
    """Return what the best epoch of a run was found by."""
    early = run.training.early_stopping
    if run.parts.validation is None:
        return "training loss"
    return f"validation {early.metric if early else 'loss'}"


def headline(plain: Mapping[str, Any], run: Run) -> str:
    """Return one sentence on how a run ended."""
    updates, epochs = counted(plain["updates"], "update"), counted(plain["epochs"], "epoch")
    words = {"finished": "finished", "stopped": "stopped early", "interrupted": "interrupted"}
    text = (
        f"{plain['name']} {words[plain['status']]} after {epochs}, {updates}, "
        f"{plain['seconds']:.2f} s"
    )
    return f"{text}; last batch's loss {plain['loss']['last_batch']!r}"


def results_table(voice: Voice, plain: Mapping[str, Any]) -> Any:
    """Return the table of loss and single-number metrics over each whole set."""
    first: Mapping[str, Any] = next(iter(plain["metrics"].values()), {})
    names = [name for name, value in first.items() if not isinstance(value, list)]
    table = voice.table([("set", "left"), ("loss", "right"), *((name, "right") for name in names)])
    for part, metrics in plain["metrics"].items():
        loss = plain["loss"][part]
        table.add_row(part, f"{loss:.6g}", *(f"{metrics[name]:.4f}" for name in names))
    return table


def say_confusions(
    voice: Voice, plain: Mapping[str, Any], classes: Sequence[str] | None = None
) -> None:
    """Print metrics of each class, and confusion matrices: a row per true class, a column per decision.

    Args:
        voice: Where it is printed.
        plain: Has `metrics` by part.
        classes: Names of the classes, where they have any.
    """
    for part, metrics in plain["metrics"].items():
        for name, found in metrics.items():
            if not isinstance(found, list):
                continue
            fits = classes is not None and len(classes) == len(found)
            names = list(classes or ()) if fits else [str(index) for index in range(len(found))]
            nested = bool(found) and isinstance(found[0], list)
            rows = found if nested else [[value] for value in found]
            title = f"{name}, {part}" + (": true classes down, decisions across" if nested else "")
            heads = [
                ("class", "right"),
                *((head, "right") for head in (names if nested else ["value"])),
            ]
            table = voice.table(heads, title)
            for of, row in zip(names, rows, strict=True):
                table.add_row(f"is {of}" if nested else of, *map(_cell, row))
            voice.say(table)


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4f}"
