"""Write a drawing as DOT, the language of Graphviz.

The text is ours to the last byte: node ids are n0, n1, ...; labels are quoted strings in which every
character stands for itself, never HTML-like; attributes are fixed, so a name in a spec can neither link
nor load anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphnet.viz.frames import Frame, framed
from graphnet.viz.labels import label_lines
from graphnet.viz.look import FRAME, FRAME_FILLS, GREY, INK, LINE, LOOKS, MARKS, heated
from graphnet.viz.model import Drawing, Edge

_LABEL_WIDTH = 44
_TITLE_WIDTH = 80
"""Characters after which a line is broken."""
_FONT = "Helvetica,Arial,sans-serif"

Attributes = Mapping[str, str]

_GRAPH: Attributes = {
    "rankdir": "TB",
    "nodesep": "0.32",
    "ranksep": "0.38",
    "pad": "0.3",
    "bgcolor": "white",
    "fontname": _FONT,
    "fontsize": "13",
    "fontcolor": INK,
    "labelloc": "t",
}
_NODE: Attributes = {
    "shape": "box",
    "style": "filled,rounded",
    "peripheries": "1",
    "margin": "0.2,0.11",
    "width": "0.9",
    "height": "0.4",
    "penwidth": "1.1",
    "fontname": _FONT,
    "fontsize": "11",
    "fontcolor": INK,
}
_EDGE: Attributes = {
    "color": LINE,
    "penwidth": "0.9",
    "arrowsize": "0.65",
    "fontname": _FONT,
    "fontsize": "9",
    "fontcolor": GREY,
}
_FRAME: Attributes = {
    "style": "filled,rounded",
    "color": FRAME,
    "penwidth": "0.8",
    "margin": "14",
    "fontsize": "10",
    "fontcolor": GREY,
    "labeljust": "l",
}
_LEGEND: Attributes = {
    "margin": "0.1,0.045",
    "width": "0.5",
    "height": "0.2",
    "penwidth": "0.8",
    "fontsize": "8.5",
}
_UNSEEN: Attributes = {"style": "invis", "weight": "0"}


def dot_text(drawing: Drawing) -> str:
    r"""Return a drawing as DOT text, from top to bottom.

    Example:
        >>> from graphnet.viz.model import Node
        >>> text = dot_text(Drawing("one", (Node("a", "layer", ('say "hi"',)),), (), ()))
        >>> print(text.splitlines()[4])
          n0 [label="say \"hi\"", fillcolor="#d9dfe7", color="#5b6675"];
    """
    ids = {node.id: f"n{index}" for index, node in enumerate(drawing.nodes)}
    title = _label((drawing.title, *drawing.remarks), _TITLE_WIDTH)
    lines = [
        "digraph graphnet {",
        f"  graph {_bracketed({'label': title, **_GRAPH})};",
        f"  node {_bracketed(_NODE)};",
        f"  edge {_bracketed(_EDGE)};",
        *_legend_lines(drawing, ids),
        *_frame_lines(framed(drawing.nodes), ids, "  "),
        *(_edge_line(edge, ids) for edge in drawing.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _legend_lines(drawing: Drawing, ids: Mapping[str, str]) -> Iterator[str]:
    """Yield a row of small nodes above everything, held there by unseen edges to where the flow begins."""
    if not drawing.legend:
        return
    yield "  subgraph legend {"
    yield '    graph [rank="source"];'
    yield f"    node {_bracketed(_LEGEND)};"
    for index, line in enumerate(drawing.legend):
        look = _look(line.kind, line.marks, line.heat)
        look.pop("margin", None)  # a small node has its own
        yield f"    l{index} {_bracketed({'label': _label((line.text,)), **look})};"
    yield "  }"
    middle = (len(drawing.legend) - 1) // 2
    entered = {edge.target for edge in drawing.edges}
    left = {edge.source for edge in drawing.edges}
    first = drawing.nodes[0].kind if drawing.nodes else ""
    for node in drawing.nodes:
        if node.kind == first and node.id in left - entered:
            yield f"  l{middle} -> {ids[node.id]} {_bracketed(_UNSEEN)};"


def _frame_lines(frame: Frame, ids: Mapping[str, str], indent: str) -> Iterator[str]:
    for member in frame.members:
        if isinstance(member, Frame):
            fill = FRAME_FILLS[(len(member.path) - 1) % len(FRAME_FILLS)]
            look = {"label": _label((member.label,)), "fillcolor": fill, **_FRAME}
            yield f"{indent}subgraph cluster_{member.number} {{"
            yield f"{indent}  graph {_bracketed(look)};"
            yield from _frame_lines(member, ids, indent + "  ")
            yield f"{indent}}}"
        else:
            look = {"label": _label(member.lines), **_look(member.kind, member.marks, member.heat)}
            yield f"{indent}{ids[member.id]} {_bracketed(look)};"


def _look(kind: str, marks: tuple[str, ...], heat: float | None) -> dict[str, str]:
    """Return the attributes in which a node differs from the usual one."""
    look = LOOKS[kind] if heat is None else heated(LOOKS[kind], heat)
    style = ["filled", *(["rounded"] if look.rounded else []), *(MARKS[mark] for mark in marks)]
    attributes = {
        "shape": look.shape,
        "style": ",".join(style),
        "fillcolor": look.fill,
        "color": look.line,
        "fontcolor": look.text,
        "peripheries": str(look.borders),
        "penwidth": "1.7" if marks else _NODE["penwidth"],
        "margin": look.margin,
    }
    return {key: to for key, to in attributes.items() if _NODE.get(key) != to}


def _edge_line(edge: Edge, ids: Mapping[str, str]) -> str:
    arrow = f"  {ids[edge.source]} -> {ids[edge.target]}"
    lines = label_lines((edge.label,), _LABEL_WIDTH)
    if not lines:
        return f"{arrow};"
    # Graphviz puts the text right beside the line; the spaces keep them apart.
    return f"{arrow} {_bracketed({'label': chr(10).join(f'  {line}  ' for line in lines)})};"


def _label(lines: tuple[str, ...], width: int = _LABEL_WIDTH) -> str:
    return "\n".join(label_lines(lines, width))


def _bracketed(attributes: Attributes) -> str:
    return f"[{', '.join(f'{key}={quoted(to)}' for key, to in attributes.items())}]"


def quoted(text: str) -> str:
    r"""Return a DOT string that shows exactly this text.

    A backslash would begin an escape such as `\N`, and `&` an entity such as `&lt;`.

    Example:
        >>> print(quoted('a\\N "b" &lt;\nc'))
        "a\\N \"b\" &amp;lt;\nc"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return '"' + escaped.replace("\n", "\\n") + '"'
