"""The memory plan in the terminal: who lives where and when, and who is there at the peak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphnet.cli.console import Voice
    from graphnet.program import Program
    from graphnet.viz import MemoryMap


def plan_document(program: Program) -> dict[str, Any]:
    """Return what `--format json` tells of the main routine's arena."""
    from graphnet.viz import memory_map

    shown = memory_map(program)
    return {
        "plan": _rows(shown),
        "arena_bytes": shown.arena,
        "lower_bound": shown.lower_bound,
        "ratio": shown.ratio,
        "peak": {
            "instruction": shown.peak,
            "bytes": sum(resident.size for resident in shown.at_peak),
            "buffers": [
                {"buffer": resident.name, "holds": resident.shown, "bytes": resident.size}
                for resident in shown.at_peak
            ],
        },
    }


def _rows(shown: MemoryMap) -> list[dict[str, Any]]:
    """Return every buffer of the arena: its place, size and lifetime."""
    return [
        {
            "buffer": resident.name,
            "holds": resident.shown,
            "role": resident.role,
            "offset": resident.offset,
            "bytes": resident.size,
            "first": resident.first,
            "last": resident.last,
            "at_peak": resident.first <= shown.peak <= resident.last,
        }
        for resident in shown.residents
    ]


def say_plan(voice: Voice, program: Program) -> None:
    """Print the arena: one row per buffer, then the largest set that lives at once."""
    from graphnet.viz import memory_map

    shown = memory_map(program)
    columns = [("offset", "right"), ("bytes", "right"), ("lives", "right")]
    table = voice.table([*columns, ("buffer", "left"), ("role", "left"), ("at peak", "left")])
    for row in _rows(shown):
        place = (f"{row['offset']:,}", f"{row['bytes']:,}", f"{row['first']}-{row['last']}")
        table.add_row(*place, row["holds"], row["role"], "*" if row["at_peak"] else "")
    voice.say(table)
    _say_peak(voice, shown)


def _say_peak(voice: Voice, shown: MemoryMap) -> None:
    """Print bounds, and what lives at the peak with its share."""
    voice.say(
        f"arena {shown.arena:,} bytes; lower bound {shown.lower_bound:,} "
        f"(ratio {shown.ratio:.3f}); peak at instruction {shown.peak}"
    )
    if not shown.at_peak:
        return
    item = shown.instructions[shown.peak]
    heading = f"alive at instruction {shown.peak}, {item.op} of {item.layer}"
    table = voice.table([(heading, "left"), ("bytes", "right"), ("share", "right")])
    for resident in shown.at_peak:
        share = resident.size / shown.lower_bound
        table.add_row(resident.shown, f"{resident.size:,}", f"{share:.1%}")
    table.add_section()
    table.add_row("lower bound of the arena", f"{shown.lower_bound:,}", "100.0%")
    voice.say(table)
