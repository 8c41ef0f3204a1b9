"""`graphnet sweep`: many trainings of one spec with different settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import NearChoice, Output, output_options, settings_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphnet.cli.console import Voice
    from graphnet.sweeps import SweepResult

SHOWN = 20
"""Trials in the table, unless asked for more."""


@click.command("sweep")
@click.argument("spec")
@click.option(
    "--grid", multiple=True, metavar="KEY=A,B", help="Values; all combinations are tried."
)
@click.option(
    "--random",
    multiple=True,
    metavar="KEY=KIND:LOW:HIGH",
    help="A distribution: uniform, log, int, logint, or choice:A,B.",
)
@click.option("--trials", type=click.IntRange(1, 100_000), help="How many  [the grid's, or 10]")
@click.option("--jobs", type=click.IntRange(1, 1024), default=1, help="Processes at a time  [1]")
@click.option("--seed", type=click.IntRange(0), default=0, help="Seed of the random settings  [0]")
@click.option("--metric", metavar="PART.NAME", help="What trials are judged by  [validation.loss]")
@click.option("--mode", type=NearChoice(("min", "max")), help="Which is better  [by the metric]")
@click.option(
    "--sweep-dir",
    type=click.Path(path_type=Path),
    help="The sweep's directory; one that was begun goes on  [next sweeps/NAME/NNNN]",
)
@click.option("--dask", metavar="ADDRESS", help="Run on the cluster of this Dask scheduler.")
@click.option("--no-plots", is_flag=True, help="Draw no picture.")
@settings_option
@output_options
def command(
    spec: str,
    grid: tuple[str, ...],
    random: tuple[str, ...],
    trials: int | None,
    jobs: int,
    seed: int,
    metric: str | None,
    mode: str | None,
    sweep_dir: Path | None,
    dask: str | None,
    no_plots: bool,
    overrides: dict[str, str],
    output: Output,
) -> int:
    r"""Train SPEC with many settings, each with one thread, and name the best.

    With more than one job every trial is in a process of its own.

    \b
    graphnet sweep specs/mlp.yaml --grid optimizer.lr=1e-2,1e-3 \
        --random optimizer.weight_decay=log:1e-5:1e-1 --trials 20 --jobs 2
    """
    from graphnet.cli.console import Voice, shown
    from graphnet.cli.sources import refuse_program
    from graphnet.cli.threads import request_threads

    request_threads(1)
    from graphnet.sweeps import Space, Sweep, read_grid, read_random

    refuse_program(spec)
    voice = Voice(output)
    space = Space(dict(map(read_grid, grid)), dict(map(read_random, random)), seed)
    sweep = Sweep(
        spec, space, trials=trials, overrides=overrides, metric=metric, mode=mode,
        directory=sweep_dir,
    )  # fmt: skip
    voice.note(f"{len(sweep)} trials, judged by {sweep.metric} ({sweep.mode})")
    told = _Told(voice, len(sweep))
    result = sweep.run(jobs=jobs, dask=dask, told=told)
    voice.result(_document(result))
    say_trials(voice, result)
    voice.say(f"sweep  {shown(result.directory)}")
    if result.interrupted:
        voice.note("interrupted; the trials that are done stay done")
        voice.note(f"go on by the same command with --sweep-dir {shown(result.directory)}")
        return 128 + result.interrupted
    if not no_plots:
        _plot(voice, result)
    return _conclude(voice, result)


def _conclude(voice: Voice, result: SweepResult) -> int:
    """Name the best trial and the next command; a sweep without any result has failed."""
    best = result.best
    if best is None:
        errors = [row["error"] for row in result.trials if row["error"]]
        voice.warn(f"no trial has a {result.metric}")
        if errors:
            voice.tell(errors[0])
        return 1
    settings = " ".join(f"{key}={value}" for key, value in best["overrides"].items())
    voice.say(f"best   trial {best['index']}: {settings}; {result.metric} {best['value']:.6g}")
    voice.next("evaluate", best["directory"])
    return 0


class _Told:
    """Tells of every trial that ends."""

    def __init__(self, voice: Voice, count: int) -> None:
        self._voice, self._count, self._done = voice, count, 0

    def __call__(self, row: Mapping[str, Any]) -> None:
        """Say what came of a trial."""
        self._done += 1
        settings = " ".join(f"{key}={value}" for key, value in row["overrides"].items())
        value = "" if row["value"] is None else f", {row['value']:.6g}"
        self._voice.note(
            f"[{self._done}/{self._count}] trial {row['index']} {row['status']}{value}: {settings}"
        )


def say_trials(voice: Voice, result: SweepResult) -> None:
    """Print the table of trials, the best first."""
    if not result.trials:
        return
    keys = list(result.trials[0]["overrides"])
    table = voice.table(
        [("trial", "right"), *((key, "right") for key in keys), (result.metric, "right"),
         ("epochs", "right"), ("seconds", "right"), ("status", "left")]
    )  # fmt: skip
    rows = result.trials if voice.output.verbose else result.trials[:SHOWN]
    for row in rows:
        summary = row["summary"] or {}
        value = "" if row["value"] is None else f"{row['value']:.6g}"
        seconds = f"{summary['seconds']:.2f}" if summary else ""
        settings = (_short(row["overrides"][key]) for key in keys)
        table.add_row(
            str(row["index"]),
            *settings,
            value,
            str(summary.get("epochs", "")),
            seconds,
            row["status"],
        )
    voice.say(table)
    hidden = len(result.trials) - len(rows)
    if hidden:
        voice.say(f"and {hidden} more (-v shows all)")


def _short(text: str) -> str:
    """Return a number with few digits, and other text as it is."""
    try:
        number = float(text)
    except ValueError:
        return text
    return text if len(text) <= 8 else f"{number:.4g}"


def _plot(voice: Voice, result: SweepResult) -> None:
    from graphnet.cli.console import shown
    from graphnet.errors import ResourceError
    from graphnet.viz import parallel_coordinates

    rows = [
        {"settings": row["overrides"], "value": row["value"]}
        for row in result.trials
        if row["value"] is not None
    ]
    if not rows:
        return
    path = result.directory / "parallel.png"
    try:
        parallel_coordinates(rows, result.metric, path, smallest=result.mode == "min")
    except ResourceError as error:
        voice.warn(f"no plot was drawn: {error.message} ({error.help})")
        return
    voice.say(f"plot   {shown(path)}")


def _document(result: SweepResult) -> dict[str, Any]:
    return {
        "directory": str(result.directory),
        "metric": result.metric,
        "mode": result.mode,
        "best": dict(result.best) if result.best else None,
        "trials": [dict(row) for row in result.trials],
    }
