"""`graphnet report`: a run as one page."""

from __future__ import annotations

from pathlib import Path

import click

from graphnet.cli.options import Output, output_options


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    help="The page  [RUN/report.html]",
)
@output_options
def command(run: Path, target: Path | None, output: Output) -> None:
    """Write everything about RUN, a run's directory or a checkpoint in it, as one HTML page.

    The page needs no network and no other file: what was trained on what, drawings to move and enlarge,
    the table of layers, memory and time, curves, results, the worst mistakes, and how to reproduce it.
    """
    from graphnet.api import write_report
    from graphnet.cli.console import Voice, shown

    voice = Voice(output)
    folder = run if run.is_dir() else run.parent.parent
    path = target or folder / "report.html"
    notes = write_report(run, path)
    for note in notes:
        voice.warn(note)
    voice.say(f"wrote {shown(path)}")
    voice.result({"file": str(path), "notes": notes})
    voice.next("evaluate", run)
