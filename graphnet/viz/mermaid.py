"""Write a drawing in Mermaid's language, which many code hosts and note editors show as a picture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from graphnet.viz.frames import Frame, framed
from graphnet.viz.labels import label_lines, printable
from graphnet.viz.look import DASHES, LOOKS, MARKS, heated
from graphnet.viz.model import Drawing

_LABEL_WIDTH = 44
_SPECIAL = re.compile(
    r"[^\w\s.,=()\[\]/-]"  # quotes, angle brackets, backslashes, stars, ...
    r"|(?<!\w)_|_(?!\w)"  # emphasis; inside a word it is safe
    r"|^[-=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]"  # list items
)


def mermaid_text(drawing: Drawing) -> str:
    """Return a drawing as a Mermaid flowchart, from top to bottom.

    Example:
        >>> from graphnet.viz.model import Node
        >>> node = Node("a", "input", ("points", "[N, 2]"))
        >>> print(mermaid_text(Drawing("one", (node,), (), ())))
        ---
        title: "one"
        ---
        flowchart TB
          n0(["points<br/>[N, 2]"])
          classDef input fill:#cfe0f1,stroke:#1f5a96,color:#22272e
          class n0 input
        <BLANKLINE>
    """
    ids = {node.id: f"n{index}" for index, node in enumerate(drawing.nodes)}
    lines = [
        *front_matter(". ".join((drawing.title, *drawing.remarks))),
        "flowchart TB",
        *_frame_lines(framed(drawing.nodes), ids, "  "),
        *(
            f"  {ids[edge.source]} {_arrow(edge.label)} {ids[edge.target]}"
            for edge in drawing.edges
        ),
        *_class_lines(drawing, ids),
    ]
    return "\n".join(lines) + "\n"


def front_matter(title: str) -> list[str]:
    """Return the lines that give a diagram its title."""
    return ["---", f"title: {json.dumps(_one_line(title), ensure_ascii=False)}", "---"]


def _frame_lines(frame: Frame, ids: Mapping[str, str], indent: str) -> Iterator[str]:
    for member in frame.members:
        if isinstance(member, Frame):
            yield f"{indent}subgraph f{member.number}[{_label((member.label,))}]"
            yield from _frame_lines(member, ids, indent + "  ")
            yield f"{indent}end"
        else:
            opening, closing = LOOKS[member.kind].brackets
            yield f"{indent}{ids[member.id]}{opening}{_label(member.lines)}{closing}"


def _class_lines(drawing: Drawing, ids: Mapping[str, str]) -> Iterator[str]:
    """Yield the colours of every kind, and the borders of every mark, that occur."""
    for kind, look in LOOKS.items():
        having = [ids[node.id] for node in drawing.nodes if node.kind == kind]
        colours = f"fill:{look.fill},stroke:{look.line},color:{look.text}"
        yield from _class_of(kind, colours, having)
    for mark, line in MARKS.items():
        having = [ids[node.id] for node in drawing.nodes if mark in node.marks]
        yield from _class_of(mark, f"stroke-width:2px,stroke-dasharray:{DASHES[line]}", having)
    for node in drawing.nodes:
        if node.heat is not None:
            look = heated(LOOKS[node.kind], node.heat)
            yield f"  style {ids[node.id]} fill:{look.fill},color:{look.text}"


def _class_of(name: str, style: str, having: list[str]) -> Iterator[str]:
    if having:
        yield f"  classDef {name} {style}"
        yield f"  class {','.join(having)} {name}"


def _arrow(label: str) -> str:
    return f"-->|{_label((label,))}|" if label else "-->"


def _label(lines: tuple[str, ...]) -> str:
    shown = label_lines(lines, _LABEL_WIDTH) or [" "]
    return f'"{"<br/>".join(literal(line) for line in shown)}"'


def literal(text: str) -> str:
    """Return text in which everything Mermaid or Markdown could take for its own is written as a code.

    Example:
        >>> literal('a "b" <c> #1')
        'a #34;b#34; #60;c#62; #35;1'
    """
    return _SPECIAL.sub(lambda found: _code(found[0]), text)


def _code(character: str) -> str:
    return f"#{ord(character)};"


def _one_line(text: str) -> str:
    return " ".join(printable(text).split("\n"))
