"""The memory map as text: a strip chart for terminals, a Gantt chart for Mermaid."""

from __future__ import annotations

from collections.abc import Iterator

from graphnet.viz.memory_map import MemoryMap, Resident
from graphnet.viz.mermaid import front_matter, literal

_STRIP = 96
"""Columns of the strip at most; longer programs take several instructions in one."""
_INK = {"activation": "=", "adjoint": "#", "workspace": "-"}
_LONGEST_NAME = 44


def peak_text(shown: MemoryMap) -> str:
    """Return how much lives at the peak, and which instruction that is."""
    if not shown.instructions:
        return "no instructions"
    item = shown.instructions[shown.peak]
    alive = sum(resident.size for resident in shown.at_peak)
    return f"{alive:,} bytes at instruction {shown.peak}, {item.op} of {item.layer}"


def strip_chart(title: str, shown: MemoryMap) -> str:
    """Return one line for each buffer, the top of the arena first; time runs to the right."""
    step = -(-max(len(shown.instructions), 1) // _STRIP)
    lines = [
        title,
        f"arena {shown.arena:,} bytes, lower bound {shown.lower_bound:,}, ratio {shown.ratio:.3f}",
        f"peak: {peak_text(shown)}",
        "",
        *_strip_lines(shown, step),
        "",
        *_category_lines(shown),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _strip_lines(shown: MemoryMap, step: int) -> Iterator[str]:
    names = {r.name: _shortened(r.shown) for r in shown.residents}
    widths = [
        max([len("offset"), *(len(f"{r.offset:,}") for r in shown.residents)]),
        max([len("bytes"), *(len(f"{r.size:,}") for r in shown.residents)]),
        max([len("buffer"), *map(len, names.values())]),
    ]
    blank = " " * (sum(widths) + 6)
    head = f"{'offset':>{widths[0]}}  {'bytes':>{widths[1]}}  {'buffer':<{widths[2]}}  "
    yield head + _ruler(shown, step)
    yield blank + " " * (shown.peak // step) + "v peak"
    for resident in reversed(shown.residents):
        place = f"{resident.offset:>{widths[0]},}  {resident.size:>{widths[1]},}  "
        yield f"{place}{names[resident.name]:<{widths[2]}}  {_strip(resident, shown, step)}"
    yield ""
    meaning = "= activation   # gradient of an activation   - workspace"
    each = "" if step == 1 else f"   (a column is {step} instructions)"
    yield f"{meaning}{each}"


def _strip(resident: Resident, shown: MemoryMap, step: int) -> str:
    first, last = resident.first // step, resident.last // step
    columns = -(-len(shown.instructions) // step)
    drawn = _INK[resident.role] * (last - first + 1)
    return "." * first + drawn + "." * (columns - last - 1)


def _ruler(shown: MemoryMap, step: int) -> str:
    """Return the names of the lists above where they begin, as far as there is room."""
    ruler = ""
    for span in shown.spans:
        start = span.start // step
        if len(ruler) <= start:
            ruler = f"{ruler:<{start}}{span.name} "
    return ruler


def _category_lines(shown: MemoryMap) -> Iterator[str]:
    rows = [*shown.categories.items(), ("total, allocated once", shown.total)]
    wide = max(len(name) for name, _ in rows)
    for name, count in rows:
        yield f"{name:<{wide}}  {count:>14,} bytes"


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."


def gantt(title: str, shown: MemoryMap) -> str:
    """Return the lifetimes as a Gantt chart, an instruction taking what Mermaid calls a second."""
    lines = [
        *front_matter(f"{title}, arena {shown.arena:,} bytes"),
        "gantt",
        "  dateFormat X",
        "  axisFormat %s",
    ]
    for role in _INK:
        rows = [resident for resident in shown.residents if resident.role == role]
        lines += [f"  section {role}"] if rows else []
        for row in sorted(rows, key=lambda row: (row.first, row.offset)):
            text = literal(f"{row.shown} ({row.size} bytes at {row.offset})")
            lines.append(f"  {text} :{row.first}, {row.last + 1}")
    if shown.instructions:
        lines.append("  section peak")
        lines.append(f"  {literal(peak_text(shown))} :crit, {shown.peak}, {shown.peak + 1}")
    return "\n".join(lines) + "\n"
