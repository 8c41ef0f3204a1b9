"""`graphnet inspect`: the compiler's view of a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, output_options, settings_option

if TYPE_CHECKING:
    from graphnet.cli.console import Voice
    from graphnet.graph import Network
    from graphnet.program import Program


@dataclass(frozen=True)
class View:
    """What a view is made from.

    Attributes:
        program: The compiled program.
        network: Its network.
        folder: What its data paths are relative to.
        batches: Batches in an epoch, where they are given.
    """

    program: Program
    network: Network
    folder: Path
    batches: int | None = None


@click.command("inspect")
@click.argument("source")
@click.option("--ops", is_flag=True, help="Show every instruction of every list.")
@click.option("--passes", is_flag=True, help="Show what each pass changed.")
@click.option("--memory", is_flag=True, help="Show the memory plan: who lives where, and when.")
@click.option("--profile", is_flag=True, help="Measure a step, instruction by instruction.")
@click.option(
    "--schedule", is_flag=True, help="Show the learning rate of every update, as a run has it."
)
@click.option(
    "--batches",
    type=click.IntRange(1),
    help="Batches in an epoch, for --schedule; counted in the data.",
)
@settings_option
@output_options
def command(
    source: str,
    ops: bool,
    passes: bool,
    memory: bool,
    profile: bool,
    schedule: bool,
    batches: int | None,
    overrides: dict[str, str],
    output: Output,
) -> None:
    """Show what the compiler makes of SOURCE: a spec, a compiled program, or a run.

    Without an option, the table of layers and the exact bytes. Several options show several views.
    """
    from graphnet.cli.compile_command import summary
    from graphnet.cli.console import Voice
    from graphnet.cli.model_table import layer_rows
    from graphnet.cli.sources import is_program, open_network, open_source, program_of_run

    spec = str(program_of_run(source) or source)
    voice = Voice(output)
    opened = open_source(spec, overrides)
    program, network = opened.program, open_network(spec, {} if is_program(spec) else overrides)
    view = View(program, network, opened.folder, batches)
    rows = layer_rows(view.network, program)
    document: dict[str, Any] = summary(program) | {"layers": rows, "totals": _totals(rows)}
    wanted = {"ops": ops, "passes": passes, "memory": memory, "profile": profile}
    wanted["schedule"] = schedule
    chosen = [show for name, show in VIEWS.items() if wanted[name]]
    for show in chosen or [_say_model]:
        document |= show(voice, view)
    voice.result(document)
    voice.next("draw", spec, "-o", f"{program.name}.svg")


def _totals(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return the sums of the columns of the model table that are numbers."""
    columns = ("parameters", "flops_per_sample", "bytes_per_sample")
    return {column: sum(row[column] for row in rows) for column in columns}


def _say_model(voice: Voice, view: View) -> dict[str, Any]:
    from graphnet.cli.compile_command import counts
    from graphnet.cli.model_table import say_layers, say_memory

    if not voice.output.json:
        say_layers(voice, view.network, view.program)
        voice.say(counts(view.program))
        say_memory(voice, view.program)
    return {}


def _show_ops(voice: Voice, view: View) -> dict[str, Any]:
    from graphnet.program import program_text

    text = program_text(view.program)
    if not voice.output.json:
        voice.out.print(text, soft_wrap=True, end="")
    return {"listing": text.splitlines()}


def _show_passes(voice: Voice, view: View) -> dict[str, Any]:
    from graphnet.cli.inspect_passes import pass_rows, say_passes

    if voice.output.json:
        return {"passes": pass_rows(view.network, view.program.batch_size)}
    say_passes(voice, view.network, view.program.batch_size)
    return {}


def _show_memory(voice: Voice, view: View) -> dict[str, Any]:
    from graphnet.cli.inspect_memory import plan_document, say_plan
    from graphnet.cli.model_table import say_memory

    if voice.output.json:
        return plan_document(view.program)
    say_plan(voice, view.program)
    say_memory(voice, view.program)
    return {}


def _show_profile(voice: Voice, view: View) -> dict[str, Any]:
    from graphnet.api import profile
    from graphnet.cli.inspect_profile import profile_document, say_profile

    found = profile(view.program)
    if voice.output.json:
        return {"profile": profile_document(found)}
    say_profile(voice, found)
    return {}


def _show_schedule(voice: Voice, view: View) -> dict[str, Any]:
    from graphnet.cli.inspect_schedule import say_schedule, schedule_document

    document = schedule_document(view.program, view.folder, view.batches)
    if not voice.output.json:
        say_schedule(voice, document)
    return {"schedule": document}


VIEWS: dict[str, Callable[[Voice, View], dict[str, Any]]] = {
    "passes": _show_passes,
    "ops": _show_ops,
    "memory": _show_memory,
    "profile": _show_profile,
    "schedule": _show_schedule,
}
"""The views in the order in which they are shown: each prints, or returns its part of the document."""
