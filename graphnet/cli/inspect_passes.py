"""What each pass changed, in the terminal: instructions and bytes before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphnet.api import PassChange
    from graphnet.cli.console import Voice
    from graphnet.graph import Network

_COLUMNS = ("instructions", "arena_bytes", "constant_bytes")
_MEANINGS = {
    "setup": "run once, in setup",
    "blocked": "run in blocks",
    "views": "values lie in the memory of others",
}


def pass_rows(network: Network, batch: int) -> list[dict[str, Any]]:
    """Return one row per pass over the main routine, in order."""
    from graphnet.api import trace_passes

    return [
        {
            "pass": change.name,
            **{key: {"before": pair[0], "after": pair[1]} for key, pair in change.counts.items()},
            "removed": dict(change.removed),
            "added": dict(change.added),
        }
        for change in trace_passes(network, batch)
    ]


def say_passes(voice: Voice, network: Network, batch: int) -> None:
    """Print the table of passes, with a line for what all of them did together."""
    from graphnet.api import trace_passes

    changes = trace_passes(network, batch)
    table = voice.table(
        [
            ("pass", "left"),
            ("instructions", "right"),
            (f"arena bytes, batch {batch}", "right"),
            ("constants", "right"),
            ("what changed", "left"),
        ]
    )
    for change in changes:
        cells = (_span(*change.counts[key]) for key in _COLUMNS)
        table.add_row(change.name, *cells, _told(change))
    if changes:
        first, last = changes[0].counts, changes[-1].counts
        table.add_section()
        table.add_row("all", *(_span(first[key][0], last[key][1]) for key in _COLUMNS), "")
    voice.say(table)


def _span(before: int, after: int) -> str:
    return f"{before:,}" if before == after else f"{before:,} -> {after:,}"


def _told(change: PassChange) -> str:
    """Return which ops went and came, and what else became of instructions and values."""
    parts = [f"-{count} {op}" for op, count in change.removed]
    parts += [f"+{count} {op}" for op, count in change.added]
    for key, told in _MEANINGS.items():
        before, after = change.counts[key]
        if after > before:
            parts.append(f"{after - before} {told}")
    return ", ".join(parts)
