"""The lanes of a program as text: for terminals, and as Mermaid's sequence diagram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphnet.viz.lanes import CHANGE, READ, WRITE, Lanes, Row
from graphnet.viz.mermaid import front_matter, literal

_LETTERS = {READ: "o", WRITE: "#", CHANGE: "+"}


def lane_text(title: str, remarks: Sequence[str], shown: Lanes) -> str:
    """Return a line for each instruction: number, op, results, and a character in each lane."""
    lines = [title, *remarks, "# writes   o reads   + changes   | alive", ""]
    lasting = [line for line in shown.lines if line.lasting]
    ops = max((len(row.instruction.op) for row in shown.rows), default=0)
    results = max((len(", ".join(row.results)) for row in shown.rows), default=0)
    digits = max(3, len(str(len(shown.rows))))
    blank = " " * (digits + ops + 8)
    for number, line in enumerate(lasting):
        lines.append(f"{blank}{'| ' * number}{line.shown}")
    for span in shown.spans:
        lines += ["", f"  {span.name}"]
        for index in range(span.start, span.stop):
            row = shown.rows[index]
            head = f"  {index:>{digits}}  {row.instruction.op:<{ops}}    "
            told = ", ".join(row.results)
            lines.append(f"{head}{_lane_letters(shown, index)}  {told:<{results}}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _lane_letters(shown: Lanes, index: int) -> str:
    """Return the lanes of a row, each with the mark of what happens in it, or a line while it lives."""
    letters = [" "] * shown.count
    marks = shown.rows[index].marks
    for line in shown.lines:
        if line.name in marks:
            letters[line.lane] = _LETTERS[marks[line.name]]
        elif line.lasting or line.first < index < line.last:
            letters[line.lane] = "|"
    return " ".join(letters)


def sequence_diagram(title: str, shown: Lanes) -> str:
    """Return a sequence diagram: buffers take part, messages go from what is read to what is written."""
    ids = {line.name: f"b{number}" for number, line in enumerate(shown.lines)}
    lines = [*front_matter(title), "sequenceDiagram"]
    lines += [f"  participant {ids[line.name]} as {literal(line.shown)}" for line in shown.lines]
    ends = f"{ids[shown.lines[0].name]},{ids[shown.lines[-1].name]}" if shown.lines else ""
    for span in shown.spans:
        lines.append(f"  Note over {ends}: {span.name}")
        for index in range(span.start, span.stop):
            lines += _messages(shown.rows[index], index, ids)
    return "\n".join(lines) + "\n"


def _messages(row: Row, index: int, ids: dict[str, str]) -> Iterator[str]:
    """Yield one message for each buffer that is read, all to the first that is changed."""
    changed = [ids[name] for name, kind in row.marks.items() if kind != READ]
    read = [ids[name] for name, kind in row.marks.items() if kind == READ]
    target = changed[0] if changed else read[-1]
    told = literal(f"{index} {row.instruction.op}")
    first, *others = read or [target]
    yield f"  {first}->>{target}: {told}"
    for other in others:
        yield f"  {other}-->>{target}: {told}"
    for other in changed[1:]:
        yield f"  {target}->>{other}: {told}"
