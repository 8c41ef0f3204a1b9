"""`graphnet draw`: a picture of a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphnet.cli.options import NearChoice, Output, output_options, settings_option
from graphnet.errors import UsageError

if TYPE_CHECKING:
    from graphnet.viz import Drawing

LEVELS = ("layers", "ops", "program", "memory")
OVERLAYS = ("time", "bytes", "flops", "gradients")


@click.command("draw")
@click.argument("source")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    help="The picture: .svg, .png, .pdf, .dot, .mmd or .txt  [NAME.svg]",
)
@click.option(
    "--level",
    type=NearChoice(LEVELS),
    default="layers",
    show_default=True,
    help="What is drawn: the declared layers; their instructions forward, backward and in the update "
    "(ops); the lists in order with buffers as lanes (program); the arena over time (memory).",
)
@click.option(
    "--fold/--no-fold",
    default=None,
    help="Draw repeated layers once and say how often; large networks are folded anyway.",
)
@click.option(
    "--overlay",
    type=NearChoice(OVERLAYS),
    help="Colour layers by measured time, by bytes, by FLOPs, or by the gradients of a run.",
)
@settings_option
@output_options
def command(
    source: str,
    target: Path | None,
    level: str,
    fold: bool | None,
    overlay: str | None,
    overrides: dict[str, str],
    output: Output,
) -> None:
    """Draw SOURCE: a spec, a compiled program, or a run. The suffix of the file chooses the format.

    dot, mmd (Mermaid) and txt need nothing. svg, png and pdf of the layers need a program that lays out
    graphs; of the other levels, svg needs nothing, png and pdf need matplotlib.
    """
    from graphnet.cli.console import Voice, shown
    from graphnet.cli.folders import make_folder
    from graphnet.cli.sources import open_network, open_source, program_of_run
    from graphnet.viz import Drawing, format_of, picture_of, render

    if level != "layers" and (fold is not None or overlay):
        what = "--overlay" if overlay else "--fold"
        raise UsageError(
            "GN736", f"{what} belongs to the level of layers", help="leave --level out"
        )
    voice, run = Voice(output), program_of_run(source)
    spec = str(run) if run else source
    network = open_network(spec, overrides)
    for warning in network.warnings:
        voice.warn(warning)
    path = target or Path(f"{network.spec.name}.svg")
    format_of(path)  # refused before anything is measured
    make_folder(path.parent)
    picture = picture_of(level, network, lambda: open_source(spec, overrides).program)
    messages: list[str] = []
    if isinstance(picture, Drawing):
        picture, messages = _dressed(picture, spec, source, fold, overlay, overrides)
    for message in [*messages, *render(picture, path)]:
        voice.note(message)
    voice.say(f"wrote {shown(path)}")
    voice.result({"file": str(path), "level": level} | ({"overlay": overlay} if overlay else {}))
    voice.next("inspect", spec)


def _dressed(
    drawing: Drawing,
    spec: str,
    source: str,
    fold: bool | None,
    overlay: str | None,
    overrides: dict[str, str],
) -> tuple[Drawing, list[str]]:
    """Return the drawing folded and coloured as asked, and what the user should know."""
    from graphnet.cli.sources import open_source
    from graphnet.viz import fold_if_large, with_overlay

    drawing, messages = fold_if_large(drawing, fold)
    if overlay is None:
        return drawing, messages
    program = open_source(spec, overrides).program
    from graphnet.api import overlay_of

    run = Path(source) if source != spec else None
    return with_overlay(drawing, overlay_of(overlay, program, run)), messages
