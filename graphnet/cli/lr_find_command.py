"""`graphnet lr-find`: a learning rate range test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, output_options, settings_option

if TYPE_CHECKING:
    from graphnet.cli.console import Voice

SHOWN = 20
BAR = 30


@click.command("lr-find")
@click.argument("spec")
@click.option(
    "--low", type=click.FloatRange(0, min_open=True), default=1e-7, help="First rate  [1e-7]"
)
@click.option(
    "--high", type=click.FloatRange(0, min_open=True), default=10.0, help="Last rate  [10]"
)
@click.option("--updates", type=click.IntRange(10, 100_000), default=100, help="How many  [100]")
@settings_option
@output_options
def command(
    spec: str,
    low: float,
    high: float,
    updates: int,
    overrides: dict[str, str],
    output: Output,
) -> int:
    """Train SPEC's network for a moment with a rate that rises, and suggest one.

    Nothing is written. The loss is smoothed; suggested is the rate at which it falls fastest.
    """
    from graphnet.cli.console import Voice
    from graphnet.cli.sources import refuse_program
    from graphnet.errors import UsageError

    refuse_program(spec)
    if low >= high:
        raise UsageError("GN764", f"rates cannot rise from {low:g} to {high:g}",
                         help="let --low be less than --high")  # fmt: skip
    from graphnet.api import find_learning_rate

    voice = Voice(output)
    found = find_learning_rate(spec, overrides=overrides, low=low, high=high, updates=updates)
    voice.result(found)
    _say(voice, found)
    best = found["suggestion"]
    if best is None:
        voice.say("the loss never fell; look at the data, or begin with a smaller --low")
        return 1
    voice.say(f"suggested learning rate {best:.2g} (the loss is least at {found['least']:.2g})")
    voice.next("train", spec, "--set", f"optimizer.lr={best:.2g}")
    return 0


def _say(voice: Voice, found: dict[str, Any]) -> None:
    """Print about twenty of the rates with their loss, and a bar for how high it is."""
    smoothed = found["smoothed"]
    if not smoothed:
        return
    table = voice.table([("rate", "right"), ("loss", "right"), ("smoothed", "right"), ("", "left")])
    top, bottom = max(smoothed), min(smoothed)
    step = max(1, len(smoothed) // SHOWN)
    for index in range(0, len(smoothed), step):
        height = (smoothed[index] - bottom) / (top - bottom) if top > bottom else 0.0
        mark = " <" if found["suggestion"] in found["rates"][index : index + step] else ""
        table.add_row(
            f"{found['rates'][index]:.2e}",
            f"{found['losses'][index]:.5g}",
            f"{smoothed[index]:.5g}",
            "#" * round(1 + (BAR - 1) * height) + mark,
        )
    voice.say(table)
