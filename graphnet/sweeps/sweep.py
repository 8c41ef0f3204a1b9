"""Sweep: trials in a directory of their own; those that are done stay done when it is run again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphnet.errors import ResourceError, UsageError, listed
from graphnet.program import canonical, read_bounded, write_atomically
from graphnet.spec import Spec, load_spec, spec_folder
from graphnet.sweeps.cluster import on_cluster
from graphnet.sweeps.in_turn import in_turn
from graphnet.sweeps.outcomes import LIMIT, read_outcome, write_outcome
from graphnet.sweeps.processes import in_processes
from graphnet.sweeps.space import Space, read_random
from graphnet.sweeps.trial import Trial
from graphnet.training import RunDirectory
from graphnet.training.interrupt import Interrupt
from graphnet.training.run_lock import RunLock

DONE = ("finished", "stopped", "failed")
"""What a trial ends with for good; an interrupted one goes on."""
SMALLER = ("loss", "mse", "mae", "rmse", "log_loss", "max_error", "median_absolute_error", "brier")
"""Metrics of which less is better, where no mode is given."""


@dataclass(frozen=True)
class SweepResult:
    """What a sweep came to.

    Attributes:
        directory: Where everything is.
        metric: What trials are judged by.
        mode: `min` or `max`.
        trials: Per trial: `index`, `overrides`, `status`, `value` (of the metric), `summary`, `error` and
            `directory`; best first, those without a value last.
        interrupted: Number of the signal that ended it early, or 0.
    """

    directory: Path
    metric: str
    mode: str
    trials: tuple[Mapping[str, Any], ...]
    interrupted: int = 0

    @property
    def best(self) -> Mapping[str, Any] | None:
        """The best trial, or None where none has a value."""
        first = self.trials[0] if self.trials else None
        return first if first is not None and first["value"] is not None else None


class Sweep:
    """A spec, the space its trials come from, and the directory they are in."""

    def __init__(
        self,
        source: str | Path | Mapping[str, Any],
        space: Space,
        *,
        trials: int | None = None,
        overrides: Mapping[str, Any] | None = None,
        metric: str | None = None,
        mode: str | None = None,
        directory: Path | None = None,
    ) -> None:
        """Check the spec with the settings of the first trial.

        Args:
            source: Path of a spec, its YAML text, or a mapping.
            space: What trials differ in.
            trials: How many; see `Space.trials`.
            overrides: Values by dotted path that all trials have.
            metric: `PART.NAME`, as in `validation.accuracy`; the loss of the validation set by default, or
                of the training set where there is no other.
            mode: `min` or `max`; `min` for losses and errors by default.
            directory: The sweep's own; the next `sweeps/NAME/NNNN` by default.

        Raises:
            SpecError: When the spec is wrong.
            UsageError: When there is nothing to vary (GN760), or the metric is none (GN762).
        """
        self._overrides = dict(overrides or {})
        self._points = space.trials(trials)
        self._space = space
        spec = load_spec(source, {**self._overrides, **self._points[0]})
        self._name = spec.name
        self._source = _portable(source)
        self._folder = spec_folder(source).absolute()
        self.metric = metric or (
            "validation.loss" if spec.data and spec.data.validation else "train.loss"
        )
        _refuse_metric(self.metric, spec)
        least = self.metric.rpartition(".")[2] in SMALLER
        self.mode = mode or ("min" if least else "max")
        self._directory = directory

    def __len__(self) -> int:
        return len(self._points)

    def run(
        self,
        *,
        jobs: int = 1,
        dask: str | None = None,
        told: Callable[[Mapping[str, Any]], None] = lambda outcome: None,
    ) -> SweepResult:
        """Run every trial that is not done, and return all of them.

        Args:
            jobs: Processes at a time; 1 runs the trials in this process, one after the other.
            dask: Address of a Dask scheduler that is to run them instead.
            told: Hears of every trial that ends, and of those that are done already.

        Raises:
            ResourceError: When the directory is another sweep's (GN515) or in use, a file cannot be
                written, or the processes die of something else than their trials (GN533).
        """
        directory = self._directory or RunDirectory.create(Path("sweeps"), self._name).path
        (directory / "trials").mkdir(parents=True, exist_ok=True)
        lock = RunLock(directory)
        lock.acquire()
        try:
            self._describe(directory)
            done: dict[int, Mapping[str, Any]] = {
                index: found
                for index in range(len(self))
                if (found := read_outcome(directory, index))
            }
            for outcome in done.values():
                told(self._row(directory, outcome))
            left = [
                self._trial(directory, index) for index in range(len(self)) if index not in done
            ]
            with Interrupt() as interrupt:
                for ended in _engine(left, jobs, dask, interrupt):
                    done[ended["index"]] = ended
                    if ended["status"] in DONE:
                        write_outcome(directory, ended)
                    told(self._row(directory, ended))
        finally:
            lock.release()
        rows = sorted((self._row(directory, outcome) for outcome in done.values()), key=self._rank)
        return SweepResult(directory, self.metric, self.mode, tuple(rows), interrupt.signal)

    def _describe(self, directory: Path) -> None:
        """Note what the sweep is, or refuse a directory where there is another one."""
        plain = {
            "name": self._name,
            "space": self._space.plain(),
            "overrides": {key: str(value) for key, value in self._overrides.items()},
            "source_sha256": hashlib.sha256(_text(self._source).encode()).hexdigest(),
        }
        path = directory / "sweep.json"
        if path.exists() and json.loads(read_bounded(path, LIMIT)) != plain:
            raise ResourceError(
                "GN515",
                f"{str(directory)!r} holds another sweep",
                help="name a new directory, or give the same spec and the same settings",
                notes=[
                    "only --trials, --jobs, --metric and --mode may change",
                    "it was left as it is",
                ],
            )
        write_atomically(path, f"{json.dumps(plain, indent=2)}\n".encode())

    def _trial(self, directory: Path, index: int) -> Trial:
        overrides = {"name": self._name, **self._overrides, **self._points[index]}
        place = (directory / "trials" / f"{index:04}").absolute()
        return Trial(index, overrides, self._source, str(self._folder), str(place))

    def _row(self, directory: Path, outcome: Mapping[str, Any]) -> dict[str, Any]:
        index = outcome["index"]
        return {
            "index": index,
            "overrides": dict(self._points[index]),
            "status": outcome["status"],
            "value": self._value(outcome["summary"]),
            "summary": outcome["summary"],
            "error": outcome["error"],
            "directory": str(directory / "trials" / f"{index:04}"),
        }

    def _value(self, summary: Mapping[str, Any] | None) -> float | None:
        part, _, name = self.metric.partition(".")
        if summary is None:
            return None
        found = (
            summary["loss"].get(part)
            if name == "loss"
            else (summary["metrics"].get(part) or {}).get(name)
        )
        return float(found) if isinstance(found, (int, float)) else None

    def _rank(self, row: Mapping[str, Any]) -> tuple[bool, float, int]:
        value = row["value"]
        sign = 1.0 if self.mode == "min" else -1.0
        return value is None, sign * (value or 0.0), row["index"]


def sweep(
    source: str | Path | Mapping[str, Any],
    *,
    grid: Mapping[str, Sequence[Any]] | None = None,
    random: Mapping[str, str] | None = None,
    trials: int | None = None,
    jobs: int = 1,
    seed: int = 0,
    overrides: Mapping[str, Any] | None = None,
    metric: str | None = None,
    mode: str | None = None,
    directory: str | Path | None = None,
    dask: str | None = None,
) -> SweepResult:
    """Train a spec with many settings, as `graphnet sweep` does.

    Args:
        source: Path of a spec, its YAML text, or a mapping.
        grid: Values by dotted path; every combination is a trial.
        random: Distributions by dotted path, as in `{"optimizer.lr": "log:1e-4:1e-1"}`.
        trials: How many; every combination of the grid by default.
        jobs: Processes at a time, with one thread each; 1 runs the trials in this process. A script
            needs no `if __name__ == "__main__"` around it.
        seed: Seed of the random settings.
        overrides: Values by dotted path that all trials have.
        metric: `PART.NAME`, as in `validation.accuracy`.
        mode: `min` or `max`.
        directory: The sweep's own; the next `sweeps/NAME/NNNN` by default. One that was begun goes on.
        dask: Address of a Dask scheduler that is to run the trials.

    Raises:
        GraphNetError: Whatever is wrong with the sweep as a whole; a trial's failure is part of the result.
    """
    kinds = dict(read_random(f"{key}={text}") for key, text in (random or {}).items())
    values = {key: [_written(value) for value in given] for key, given in (grid or {}).items()}
    whole = Sweep(
        source, Space(values, kinds, seed), trials=trials, overrides=overrides,
        metric=metric, mode=mode, directory=Path(directory) if directory else None,
    )  # fmt: skip
    return whole.run(jobs=jobs, dask=dask)


def _written(value: Any) -> str:
    """Return a value as it is written after `--set KEY=`; JSON is YAML."""
    return value if isinstance(value, str) else json.dumps(value)


def _engine(
    trials: list[Trial], jobs: int, dask: str | None, interrupt: Interrupt
) -> Iterator[Mapping[str, Any]]:
    if dask:
        return on_cluster(trials, dask, lambda: bool(interrupt.signal))
    if jobs == 1:
        return in_turn(trials, interrupt)
    return in_processes(trials, jobs, lambda: bool(interrupt.signal))


def _portable(source: str | Path | Mapping[str, Any]) -> str | Mapping[str, Any]:
    """Return a spec as other machines can read it: the text of a file, or what was given."""
    if isinstance(source, Mapping) or (isinstance(source, str) and "\n" in source):
        return source
    return read_bounded(Path(source), LIMIT).decode() + "\n"


def _text(source: str | Mapping[str, Any]) -> str:
    return source if isinstance(source, str) else canonical(dict(source))


def _refuse_metric(metric: str, spec: Spec) -> None:
    """Refuse to judge by what is not computed.

    Raises:
        UsageError: GN762.
    """
    part, _, name = metric.partition(".")
    parts = ["train"]
    if spec.data is not None:
        parts += [p for p in ("validation", "test") if getattr(spec.data, p) is not None]
    names = ["loss", *(getattr(entry, "key", entry.name()) for entry in spec.metrics)]
    if part not in parts or name not in names:
        raise UsageError(
            "GN762",
            f"trials cannot be judged by {metric!r}",
            help="write PART.NAME, as in validation.loss",
            notes=[f"parts: {listed(parts)}", f"names: {listed(names)}"],
        )
