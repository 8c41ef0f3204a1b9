"""`graphnet draw`: a picture of a network."""

from __future__ import annotations

from pathlib import Path

import click

from graphnet.cli.options import NearChoice, Output, output_options, settings_option


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
    "--level", type=NearChoice(("layers",)), default="layers", help="What is drawn: the layers."
)
@settings_option
@output_options
def command(
    source: str, target: Path | None, level: str, overrides: dict[str, str], output: Output
) -> None:
    """Draw SOURCE, a spec or a compiled program; the suffix of the file chooses the format.

    svg, png and pdf need a program that lays out graphs; dot, mmd (Mermaid) and txt need nothing.
    """
    from graphnet.cli.console import Voice, shown
    from graphnet.cli.sources import open_network
    from graphnet.viz import draw_layers, render

    voice = Voice(output)
    network = open_network(source, overrides)
    for warning in network.warnings:
        voice.warn(warning)
    path = target or Path(f"{network.spec.name}.svg")
    for message in render(draw_layers(network), path, path.suffix.lstrip(".")):
        voice.note(message)
    voice.say(f"wrote {shown(path)}")
    voice.result({"file": str(path), "level": level})
    voice.next("inspect", source)
