"""The table of a network's layers: type, output, parameters, operations, bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphnet.cli.console import Voice
from graphnet.ir import ALIGNMENT, ITEM_BYTES, shape_text

if TYPE_CHECKING:
    from graphnet.graph import Network
    from graphnet.program import Program


def layer_rows(network: Network, program: Program) -> list[dict[str, Any]]:
    """Return one row per layer that the program computes, in the order of computation."""
    from graphnet.program import flops

    listing = program.routines["predict"].listing
    if "evaluate" in program.routines:
        listing = program.routines["evaluate"].listing
    costs: dict[str, int] = {}
    for item in listing.forward:
        costs[item.layer] = costs.get(item.layer, 0) + flops(item, listing, 1)
    owned = {row.name: row for row in program.parameters}
    rows: list[dict[str, Any]] = []
    for name in network.order:
        layer = network.layer(name)
        own = [
            owned[f"{name}.{p}"] for p in network.parameters.get(name, {}) if f"{name}.{p}" in owned
        ]
        kind = network.type_of(name)
        rows.append(
            {
                "layer": name,
                "type": layer.layer.name(),
                "output": shape_text(kind.shape),
                "parameters": sum(row.size for row in own if row.trained),
                "flops_per_sample": costs.get(name, 0),
                "bytes_per_sample": kind.bytes_at(1),
                "frozen": not layer.trainable,
                "shares": layer.share,
            }
        )
    return rows


def say_layers(voice: Voice, network: Network, program: Program) -> None:
    """Print the table with its totals."""
    rows = layer_rows(network, program)
    table = voice.table(
        [
            ("layer", "left"),
            ("type", "left"),
            ("output", "left"),
            ("parameters", "right"),
            ("FLOPs/sample", "right"),
            ("bytes/sample", "right"),
        ]
    )
    for row in rows:
        remark = " (frozen)" if row["frozen"] else f" (as {row['shares']})" if row["shares"] else ""
        table.add_row(
            row["layer"],
            row["type"] + remark,
            row["output"],
            f"{row['parameters']:,}",
            f"{row['flops_per_sample']:,}",
            f"{row['bytes_per_sample']:,}",
        )
    table.add_section()
    table.add_row(
        "total",
        "",
        "",
        f"{program.parameter_count:,}",
        f"{sum(row['flops_per_sample'] for row in rows):,}",
        f"{sum(row['bytes_per_sample'] for row in rows):,}",
    )
    voice.say(table)


def say_memory(voice: Voice, program: Program) -> None:
    """Print the exact bytes by category."""
    table = voice.table([(f"memory, batch {program.batch_size}", "left"), ("bytes", "right")])
    for name, count in program.memory_by_category().items():
        table.add_row(name, f"{count:,}")
    table.add_section()
    table.add_row("total, allocated once", f"{program.memory_bytes:,}")
    voice.say(table)
    voice.say(padding(program))


def padding(program: Program) -> str:
    """Say why a few small parameters take more bytes than their numbers do."""
    alone = program.parameter_count * ITEM_BYTES[program.dtype]
    return (
        f"every array begins at a multiple of {ALIGNMENT} bytes; the {program.parameter_count:,} "
        f"parameters alone are {alone:,} bytes"
    )
