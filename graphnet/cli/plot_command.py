"""`graphnet plot`: the pictures of a run."""

from __future__ import annotations

from pathlib import Path

import click

from graphnet.cli.options import Output, output_options


@click.command("plot")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output-dir",
    "into",
    type=click.Path(path_type=Path),
    help="The folder of the pictures  [RUN/plots]",
)
@output_options
def command(run: Path, into: Path | None, output: Output) -> None:
    """Draw everything that RUN, a run's directory or a checkpoint in it, can show.

    Loss and metrics by epoch, the learning rate, norms of gradients and weights; for classes the
    confusion matrix, ROC and precision-recall curves, decision regions of the plane and the worst
    mistakes among images; for numbers the predictions against the truth. Needs matplotlib.
    """
    from graphnet.api import plot_saved
    from graphnet.cli.console import Voice, shown

    voice = Voice(output)
    drawn, notes = plot_saved(run, into)
    for note in notes:
        voice.warn(note)
    for path in drawn:
        voice.say(f"plot   {shown(path)}")
    voice.result({"plots": [str(path) for path in drawn], "notes": notes})
    voice.next("evaluate", run)
