"""`graphnet inspect`: the compiler's view of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, output_options, settings_option

if TYPE_CHECKING:
    from graphnet.cli.console import Voice
    from graphnet.program import Program


@click.command("inspect")
@click.argument("source")
@click.option("--ops", is_flag=True, help="Show every instruction of every list.")
@click.option("--memory", is_flag=True, help="Show the memory plan: who lives where, and when.")
@settings_option
@output_options
def command(
    source: str, ops: bool, memory: bool, overrides: dict[str, str], output: Output
) -> None:
    """Show what the compiler makes of SOURCE, a spec or a compiled program."""
    from graphnet.cli.compile_command import counts, summary
    from graphnet.cli.console import Voice
    from graphnet.cli.model_table import layer_rows, say_layers, say_memory
    from graphnet.cli.sources import is_program, open_network, open_source
    from graphnet.program import program_text

    voice = Voice(output)
    program = open_source(source, overrides).program
    network = open_network(source, {} if is_program(source) else overrides)
    document: dict[str, Any] = summary(program) | {"layers": layer_rows(network, program)}
    if memory:
        document["plan"] = plan_rows(program)
    if ops:
        document["listing"] = program_text(program).splitlines()
    if not output.json:
        if ops:
            voice.out.print(program_text(program), soft_wrap=True, end="")
        if memory:
            say_plan(voice, program)
        if not ops and not memory:
            say_layers(voice, network, program)
            voice.say(counts(program))
        if not ops:
            say_memory(voice, program)
    voice.result(document)
    voice.next("draw", source, "-o", f"{program.name}.svg")


def plan_rows(program: Program) -> list[dict[str, Any]]:
    """Return every buffer of the main routine's arena: its place, size and lifetime."""
    from graphnet.program import lifetimes

    routine = program.main
    spans = lifetimes(routine.listing, program.batch_size)
    peak = routine.plan.peak
    rows = [
        {
            "buffer": span.name,
            "role": routine.listing.buffers[span.name].role,
            "offset": routine.plan.offsets[span.name],
            "bytes": span.size,
            "first": span.first,
            "last": span.last,
            "at_peak": span.first <= peak <= span.last,
        }
        for span in spans
    ]
    return sorted(rows, key=lambda row: (row["offset"], row["first"]))


def say_plan(voice: Voice, program: Program) -> None:
    """Print the arena: one row per buffer, those alive at the peak marked."""
    plan = program.memory
    columns = [("offset", "right"), ("bytes", "right"), ("lives", "right")]
    table = voice.table([*columns, ("buffer", "left"), ("role", "left"), ("at peak", "left")])
    for row in plan_rows(program):
        table.add_row(
            f"{row['offset']:,}",
            f"{row['bytes']:,}",
            f"{row['first']}-{row['last']}",
            row["buffer"],
            row["role"],
            "*" if row["at_peak"] else "",
        )
    voice.say(table)
    ratio = plan.arena_bytes / plan.lower_bound if plan.lower_bound else 1.0
    voice.say(
        f"arena {plan.arena_bytes:,} bytes; lower bound {plan.lower_bound:,} "
        f"(ratio {ratio:.3f}); peak at instruction {plan.peak}"
    )
