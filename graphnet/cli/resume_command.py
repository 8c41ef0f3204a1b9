"""`graphnet resume`: go on with a run, or prove that going on gives the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, output_options
from graphnet.errors import ArtifactError, UsageError

if TYPE_CHECKING:
    from graphnet.cli.console import Voice
    from graphnet.training import Replay


@click.command("resume")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--epochs", type=click.IntRange(1), help="Epochs in all, in place of the run's.")
@click.option("--verify", is_flag=True, help="Train nothing: replay what was trained and compare.")
@click.option("--from-start", is_flag=True, help="With --verify: replay from the first update.")
@click.option("--no-plots", is_flag=True, help="Draw no pictures of the run.")
@output_options
def command(
    run: Path,
    epochs: int | None,
    verify: bool,
    from_start: bool,
    no_plots: bool,
    output: Output,
) -> int:
    """Go on with RUN from its newest whole checkpoint, to the same bits as if it had never stopped.

    --verify proves it: the run is trained again in memory from its oldest checkpoint to its newest, and every
    array is compared bit by bit. Nothing is written.
    """
    from graphnet.cli.console import Voice
    from graphnet.cli.train_command import open_trainable, train

    voice = Voice(output)
    if verify:
        if epochs is not None:
            raise UsageError("GN708", "--verify repeats a run as it was", help="leave --epochs out")
        return _verify(voice, run, from_start)
    if from_start:
        raise UsageError("GN708", "--from-start says where --verify begins", help="add --verify")
    _refuse_no_run(run)
    overrides = {} if epochs is None else {"training.epochs": str(epochs)}
    opened = open_trainable(None, overrides, run)
    return train(opened, run, voice, resume=True, plots=not no_plots)


def _refuse_no_run(run: Path) -> None:
    """Refuse a path that is no run.

    Raises:
        ResourceError: When it is none (GN513).
    """
    from graphnet.errors import ResourceError

    if not (run / "program.json").is_file():
        raise ResourceError(
            "GN513",
            f"{str(run)!r} is not a run",
            help="name a directory such as runs/mlp/0001; graphnet runs lists them",
        )


def _verify(voice: Voice, run: Path, from_start: bool) -> int:
    from graphnet.cli.report import show_error
    from graphnet.cli.sources import open_program
    from graphnet.training import replay

    _refuse_no_run(run)
    open_program(run / "program.json")  # asks for its threads before NumPy comes
    done = replay(run, from_start=from_start, note=voice.note)
    voice.result(_document(done))
    if done.interrupted:
        return 128 + done.interrupted
    start = done.start.name if done.start else "the beginning"
    place = f"{done.updates:,} updates replayed from {start} to {done.end.name}"
    if done.differences:
        error = ArtifactError(
            "GN463",
            f"{place} end in other bits",
            help="use the graphnet, NumPy and thread count of the run, on the same kind of processor",
            notes=done.differences[:10],
        )
        show_error(error, as_json=False, output=voice.output)
        return error.exit_code
    voice.say(f"{place}: all {done.arrays} arrays are the same to the last bit")
    voice.next("evaluate", run)
    return 0


def _document(done: Replay) -> dict[str, Any]:
    return {
        "start": str(done.start) if done.start else None,
        "end": str(done.end),
        "updates": done.updates,
        "arrays": done.arrays,
        "same": not done.differences and not done.interrupted,
        "differences": list(done.differences),
    }
