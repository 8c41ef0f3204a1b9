"""`graphnet train`: run a training, with a directory of its own."""

from __future__ import annotations

import shlex
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphnet.cli.options import Output, Size, output_options, settings_option
from graphnet.cli.sources import DEFAULT_MEMORY
from graphnet.errors import DataError, GraphNetError, NumericError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphnet.cli.console import Voice
    from graphnet.cli.sources import Source
    from graphnet.training import Callback, Run, RunDirectory, Summary


FREE = ("training.epochs", "training.weights.")
"""What may change in a compiled program: its lists stay the same."""


@click.command("train")
@click.argument("source", required=False)
@click.option("--epochs", type=click.IntRange(1), help="Epochs in place of the spec's.")
@click.option(
    "--run-dir", type=click.Path(path_type=Path), help="The run's directory  [next runs/NAME/NNNN]"
)
@click.option("--resume", is_flag=True, help="Go on from the newest whole checkpoint there.")
@click.option(
    "--weights", type=click.Path(path_type=Path), help="Start from a run's or a file's weights."
)
@click.option(
    "--data-root",
    type=click.Path(path_type=Path),
    help="What relative data paths start from  [the spec's or program's folder]",
)
@click.option("--max-memory", type=Size(), default=DEFAULT_MEMORY, help="Refuse above  [8GiB]")
@click.option("--no-plots", is_flag=True, help="Draw no pictures of the run.")
@click.option("--tensorboard", is_flag=True, help="Log into the run's tensorboard/ too.")
@settings_option
@output_options
def command(
    source: str | None,
    epochs: int | None,
    run_dir: Path | None,
    resume: bool,
    weights: Path | None,
    data_root: Path | None,
    max_memory: int,
    no_plots: bool,
    tensorboard: bool,
    overrides: dict[str, str],
    output: Output,
) -> int:
    """Train SOURCE, a spec or a compiled program; the program compiled last where it is left out.

    Ctrl-C saves and says how to go on. A resumed run ends in the same bits as one that was never
    interrupted.
    """
    from graphnet.cli.console import Voice

    voice = Voice(output)
    if epochs is not None:
        overrides = {**overrides, "training.epochs": str(epochs)}
    if resume and run_dir is None:
        raise UsageError("GN703", "--resume needs to know which run", help="give it --run-dir DIR")
    if weights is not None:
        overrides = {**overrides, "training.weights.path": str(weights.absolute())}
    opened = open_trainable(source, overrides, run_dir if resume else None, max_memory, data_root)
    # NumPy comes with this, after the number of threads was asked for.
    _warn_of_changes(source, run_dir if resume else None, voice)
    callbacks = _loggers() if tensorboard else []
    plots = not no_plots
    return train(opened, run_dir, voice, resume=resume, plots=plots, callbacks=callbacks)


def _loggers() -> list[Callback]:
    from graphnet.training import TensorBoard

    return [TensorBoard()]


def train(
    opened: Source,
    run_dir: Path | None,
    voice: Voice,
    *,
    resume: bool,
    plots: bool,
    callbacks: Sequence[Callback] = (),
) -> int:
    """Run a training to its end and tell of it; return the exit code."""
    from graphnet.cli.train_report import Reporter, say_summary

    reporter = Reporter(voice)
    run = _start(opened, run_dir, resume, reporter, callbacks)
    try:
        summary = run.execute()
    finally:
        reporter.close()
    if summary.signal:
        with suppress(OSError):  # the terminal may be what has gone
            voice.result(summary.plain)
            say_summary(voice, run, summary, [])
        return 128 + summary.signal
    voice.result(summary.plain)
    if summary.error is not None:
        return _blame(summary.error, summary, opened, voice.output)
    say_summary(voice, run, summary, _plots(run, voice) if plots else [])
    return 0


def open_trainable(
    source: str | None,
    overrides: dict[str, str],
    resumed: Path | None = None,
    max_memory: int | None = None,
    data_root: Path | None = None,
) -> Source:
    """Open what is to be trained: a spec, a program, the last one compiled, or that of a run.

    Raises:
        GraphNetError: Whatever is wrong with it.
    """
    from graphnet.cli.sources import last_compiled, open_source

    if source is None and resumed is not None and (resumed / "program.json").is_file():
        return _resumed(resumed, overrides, data_root)
    path = source or last_compiled()
    _refuse_run(Path(path))
    free = all(key.startswith(FREE) for key in overrides)
    if path.endswith(".json") and overrides and free:
        return _recompiled(path, overrides, data_root)
    return open_source(path, overrides, max_memory=max_memory, data_root=data_root)


def _warn_of_changes(source: str | None, resumed: Path | None, voice: Voice) -> None:
    """Warn where what is trained is a program whose spec has changed since it was compiled."""
    from graphnet.cli.sources import is_program, last_compiled, stale

    if source is None and resumed is not None and (resumed / "program.json").is_file():
        return
    path = source or last_compiled()
    if is_program(path) and (warning := stale(path)):
        voice.warn(warning)


def _refuse_run(path: Path) -> None:
    """Refuse a run's directory where a spec or a program belongs."""
    if not path.is_dir():
        return
    from graphnet.training import RunDirectory

    if RunDirectory(path).is_run:
        raise UsageError(
            "GN703",
            f"{str(path)!r} is a run, not a spec or a program",
            help=f"go on with it: graphnet train --run-dir {shlex.quote(str(path))} --resume",
        )


def _recompiled(path: str, overrides: dict[str, str], data_root: Path | None) -> Source:
    """Return a compiled program with other epochs: its lists stay, its recipe changes."""
    from graphnet.cli.sources import Source, open_program
    from graphnet.compiler import compile_spec
    from graphnet.program import read_origin

    old = open_program(Path(path))
    program = compile_spec(dict(old.spec), overrides=overrides, batch_size=old.batch_size)
    return Source(program, data_root or read_origin(Path(path)).folder, compiled=True)


def _resumed(directory: Path, overrides: dict[str, str], data_root: Path | None) -> Source:
    """Return the program of the run itself, and where its data is."""
    from graphnet.cli.sources import open_source

    if set(overrides) - {"training.epochs"}:
        raise UsageError(
            "GN704",
            "--set would make it another run, --resume goes on with the old one",
            help="leave one of them out, or name the spec",
        )
    path = str(directory / "program.json")
    if overrides:
        return _recompiled(path, overrides, data_root)
    return open_source(path, {}, data_root=data_root)


def _start(
    opened: Source,
    run_dir: Path | None,
    resume: bool,
    reporter: object,
    callbacks: Sequence[Callback],
) -> Run:
    from graphnet.api import resolved_yaml
    from graphnet.cli.sources import place_of_column
    from graphnet.training import Run

    # The data is read before the directory is made, so that a wrong path leaves no empty run behind.
    def directory() -> RunDirectory:
        from graphnet.training import RunDirectory

        if run_dir is None:
            return RunDirectory.create(Path("runs"), opened.program.name)
        return RunDirectory.at(run_dir)

    try:
        return Run(
            opened.program,
            opened.folder,
            directory,
            resume=resume,
            observer=reporter,  # type: ignore[arg-type]  # a Reporter is an Observer
            spec_text=resolved_yaml,
            callbacks=callbacks,
        )
    except DataError as error:
        error.where = place_of_column(error, opened)
        raise
    except GraphNetError as error:
        if opened.compiled and error.code == "GN505":
            error.help = "if the data is elsewhere, say where with --data-root FOLDER"
        elif opened.spec and error.code == "GN505":
            error.help = error.help or "if the data is elsewhere: --set data.train.path=FILE"
            error.notes += (_head(opened.spec),)
        raise


def _head(spec: str) -> str:
    """Return the comment a spec begins with, which may tell of its data; an empty string without one."""
    lines = [] if spec == "-" else Path(spec).read_text(encoding="utf-8-sig").splitlines()
    comment = takewhile(lambda line: line.startswith("#"), lines)
    words = " ".join(line.lstrip("# ") for line in comment)
    return f"{spec} begins: {words}" if words else ""


def _plots(run: Run, voice: Voice) -> list[Path]:
    from graphnet.api import plot_run
    from graphnet.errors import ResourceError

    try:
        return plot_run(run)
    except ResourceError as error:
        voice.warn(f"no plots were drawn: {error.message} ({error.help})")
        return []


def _blame(error: GraphNetError, summary: Summary, opened: Source, output: Output) -> int:
    """Tell why a run failed and what is left of it; the JSON document is the summary alone."""
    from graphnet.cli.report import show_error
    from graphnet.cli.sources import place_of_layer

    if isinstance(error, NumericError) and error.layer and opened.spec != "-":
        spec = opened.spec or str(summary.directory / "spec.yaml")
        error.where = place_of_layer(error.layer, spec, opened.overrides)

    checkpoint = summary.plain["checkpoint"]
    left = f"the last good checkpoint is {checkpoint}"
    error.notes += (left if checkpoint else "it failed before the first checkpoint",)
    show_error(error, as_json=False, output=output)
    return error.exit_code
