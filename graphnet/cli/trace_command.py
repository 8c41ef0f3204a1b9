"""`graphnet trace`: one step with real numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphnet.cli.options import NearChoice, Output, output_options, settings_option

if TYPE_CHECKING:
    from graphnet.backend import NumpyRoutine

LISTS = ("setup", "forward", "backward", "update")


@click.command("trace")
@click.argument("source")
@click.option(
    "--batch", type=click.IntRange(1), default=1, show_default=True, help="How many samples."
)
@click.option(
    "--list",
    "lists",
    type=NearChoice(LISTS),
    multiple=True,
    help="Show only this list; the others run all the same. May be given several times.",
)
@settings_option
@output_options
def command(
    source: str, batch: int, lists: tuple[str, ...], overrides: dict[str, str], output: Output
) -> None:
    """Run one step of SOURCE with real numbers, and print every instruction with them.

    SOURCE is a spec or a compiled program, with its first weights, or a run, with those it ended with. The
    samples are the first of the training set, or random numbers where that cannot be read. Each
    instruction shows its formula, what it read and what it wrote, so that backpropagation can be followed
    by hand.
    """
    from graphnet.api.trace import trace
    from graphnet.api.trace_text import traced_document, traced_lines
    from graphnet.cli.console import Voice

    voice = Voice(output)
    routine, weights, samples = _ready(source, batch, overrides)
    voice.say(f"{source}: {samples}; {weights}")
    steps, phase = [], ""
    for step in trace(routine):
        if lists and step.phase not in lists:
            continue
        if output.json:
            steps.append(traced_document(step))
            continue
        if step.phase != phase:
            phase = step.phase
            voice.say(f"\n{phase}")
        voice.say("")
        for line in traced_lines(step):
            voice.out.print(line, soft_wrap=True)
    document = {"samples": samples, "weights": weights, "batch": batch, "instructions": steps}
    voice.result(document)
    voice.next("draw", source, "--level", "ops")


def _ready(source: str, batch: int, overrides: dict[str, str]) -> tuple[NumpyRoutine, str, str]:
    """Return the routine to trace, and what its weights and its samples are."""
    from graphnet.cli.sources import open_source, program_of_run

    if program_of_run(source):
        from graphnet.api.trace import ready_to_trace
        from graphnet.training import open_saved

        saved = open_saved(Path(source))
        routine, samples = ready_to_trace(saved.program, saved.folder, batch, saved.executable)
        return routine, f"weights of {saved.checkpoint.name}", samples
    found = open_source(source, overrides)
    from graphnet.api.trace import ready_to_trace

    routine, samples = ready_to_trace(found.program, found.folder, batch)
    return routine, f"first weights, seed {found.program.seed}", samples
