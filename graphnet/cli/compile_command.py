"""`graphnet compile`: a spec becomes a program, and its cost is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, Size, output_options, settings_option
from graphnet.cli.sources import DEFAULT_MEMORY, file_sha256, refuse_program

if TYPE_CHECKING:
    from graphnet.program import Program


@click.command("compile")
@click.argument("spec")
@click.option(
    "-o",
    "--output-dir",
    "directory",
    type=click.Path(path_type=Path),
    default=Path("compiled"),
    show_default=True,
    help="Where NAME.json and NAME.txt go.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1, 100_000_000),
    help="Largest batch; the spec's by default.",
)
@click.option(
    "--max-memory", type=Size(), default=DEFAULT_MEMORY, help="Refuse above, e.g. 500MB  [8GiB]"
)
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@settings_option
@output_options
def command(
    spec: str,
    directory: Path,
    batch_size: int | None,
    max_memory: int,
    dry_run: bool,
    overrides: dict[str, str],
    output: Output,
) -> None:
    """Compile SPEC to a program, and show what it will cost before anything is allocated.

    Writes NAME.json, the program, and NAME.txt, its readable listing. The same spec gives the same
    bytes, anywhere.
    """
    from graphnet.cli.console import Voice, shown
    from graphnet.cli.missing_data import missing_data
    from graphnet.cli.model_table import layer_rows, say_layers, say_memory
    from graphnet.compiler import compile_network
    from graphnet.graph import build_network
    from graphnet.spec import load_spec, spec_folder

    refuse_program(spec)
    folder = spec_folder(spec)
    voice = Voice(output)
    network = build_network(load_spec(spec, overrides))
    for warning in (*network.warnings, *missing_data(network.spec, folder)):
        voice.warn(warning)
    program = compile_network(network, batch_size=batch_size, max_memory=max_memory, folder=folder)
    written = [] if dry_run else write_program(program, directory, spec)
    if not output.json:
        say_layers(voice, network, program)
        say_memory(voice, program)
        voice.say(counts(program))
    for path in written:
        voice.say(f"wrote {shown(path)}")
    document = summary(program) | {"layers": layer_rows(network, program)}
    voice.result(document | {"files": [str(path) for path in written]})
    if dry_run:
        voice.note("nothing was written (--dry-run)")
        voice.next("compile", spec)
    else:
        voice.next("train", written[0])


def write_program(program: Program, directory: Path, spec: str) -> list[Path]:
    """Write the program and its listing, each atomically; return their paths.

    Args:
        program: What is written.
        directory: Where to, made where it is missing.
        spec: The spec's file, which is noted beside the program.

    Raises:
        ResourceError: When the directory cannot be made or written.
    """
    from graphnet.cli.folders import make_folder
    from graphnet.program import program_bytes, program_text, write_atomically, write_origin
    from graphnet.spec import spec_folder

    make_folder(directory)
    target = directory / f"{program.name}.json"
    named = "" if spec == "-" else Path(spec).name
    write_origin(target, spec_folder(spec), named, file_sha256(Path(spec)) if named else "")
    write_atomically(target, program_bytes(program))
    listing = target.with_suffix(".txt")
    write_atomically(listing, program_text(program).encode("utf-8"))
    return [target, listing]


def counts(program: Program) -> str:
    """Return how many instructions each list has."""
    parts = [
        f"{len(items)} {name}"
        for name, items in (
            ("forward", program.forward),
            ("backward", program.backward),
            ("update", program.update),
        )
        if items
    ]
    return f"instructions: {', '.join(parts)}"


def summary(program: Program) -> dict[str, Any]:
    """Return what `--format json` tells of a program."""
    return {
        "name": program.name,
        "batch_size": program.batch_size,
        "dtype": program.dtype,
        "parameters": program.parameter_count,
        "instructions": {
            "forward": len(program.forward),
            "backward": len(program.backward),
            "update": len(program.update),
        },
        "memory": program.memory_by_category(),
        "memory_bytes": program.memory_bytes,
        "spec_sha256": program.spec_sha256,
    }
