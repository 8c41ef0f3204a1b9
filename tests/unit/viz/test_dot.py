"""DOT text: exact, harmless whatever the labels hold, and read by Graphviz as it is meant."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from xml.etree import ElementTree

import pytest

from graphnet.viz import Drawing, Edge, Legend, Node, dot_text

ODD = (
    'say "hi"',
    "<b>bold</b> a<b",
    "back\\slash \\N \\G \\L \\l",
    "ends in \\",
    "module::name",
    "x & y &amp; &lt; &#65;",
    "層の名前",
    "{a|b} [c] %d",
)
PROGRAMS = {
    "dot": shutil.which("dot"),
    "graphviz-pure": shutil.which("graphviz-pure")
    or shutil.which("graphviz-pure", path=sysconfig.get_path("scripts")),
}


def odd_drawing() -> Drawing:
    """Return a drawing in which every text is odd."""
    nodes = tuple(
        Node(f"id{index}", "layer", (text,), (text,) if index % 3 == 0 else ())
        for index, text in enumerate(ODD)
    )
    edges = tuple(Edge(f"id{index}", f"id{index + 1}", text) for index, text in enumerate(ODD[1:]))
    return Drawing(ODD[0], nodes, edges, (Legend("layer", ODD[1]),))


def texts_of_svg(program: str, drawing: Drawing) -> list[str]:
    path = PROGRAMS[program]
    if path is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        [path, "-Tsvg"], input=dot_text(drawing).encode(), capture_output=True, check=True
    )
    root = ElementTree.fromstring(done.stdout)  # noqa: S314 - written a line above
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return [(text.text or "").replace("\N{NO-BREAK SPACE}", " ").strip() for text in found]


def test_a_small_drawing_is_written_exactly() -> None:
    nodes = (
        Node("x", "input", ("x", "[N, 2]")),
        Node("a.b", "layer", ("b", "Linear"), ("a",), ("frozen",)),
    )
    legend = (Legend("input", "input"), Legend("layer", "frozen", ("frozen",)))
    lines = dot_text(Drawing("net", nodes, (Edge("x", "a.b", "[N, 2]"),), legend)).splitlines()
    assert lines[0] == "digraph graphnet {"
    assert lines[1].startswith('  graph [label="net", rankdir="TB", ')
    assert lines[4:] == [
        "  subgraph legend {",
        '    graph [rank="source"];',
        '    node [margin="0.1,0.045", width="0.5", height="0.2", penwidth="0.8", fontsize="8.5"];',
        '    l0 [label="input", shape="ellipse", fillcolor="#cfe0f1", color="#1f5a96"];',
        '    l1 [label="frozen", style="filled,rounded,dashed", fillcolor="#d9dfe7", '
        'color="#5b6675", penwidth="1.7"];',
        "  }",
        '  l0 -> n0 [style="invis", weight="0"];',
        '  n0 [label="x\\n[N, 2]", shape="ellipse", fillcolor="#cfe0f1", color="#1f5a96", '
        'margin="0.06,0.02"];',
        "  subgraph cluster_1 {",
        '    graph [label="a", fillcolor="#f8f9fa", style="filled,rounded", color="#b9c1cb", '
        'penwidth="0.8", margin="14", fontsize="10", fontcolor="#667080", labeljust="l"];',
        '    n1 [label="b\\nLinear", style="filled,rounded,dashed", fillcolor="#d9dfe7", '
        'color="#5b6675", penwidth="1.7"];',
        "  }",
        '  n0 -> n1 [label="  [N, 2]  "];',
        "}",
    ]


def test_no_attribute_links_loads_or_holds_markup() -> None:
    text = dot_text(odd_drawing())
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "TEXT", text)
    assert set(re.findall(r"(\w+)=", outside)).isdisjoint({"URL", "href", "image", "shapefile"})
    assert "=<" not in outside
    # What is left outside of quotes is ours: no character of a label got out.
    assert set(outside) <= set("\n ,;[]{}=->_abcdefghijklmnopqrstuvwxyz0123456789TEXT")


def test_ids_are_numbers_so_a_name_is_never_syntax() -> None:
    text = dot_text(odd_drawing())
    arrows = re.findall(r"^  (\S+) -> (\S+)", text, re.MULTILINE)
    assert len(arrows) == len(ODD)
    assert all(re.fullmatch(r"[nl]\d+", end) for arrow in arrows for end in arrow)


@pytest.mark.parametrize("program", PROGRAMS)
def test_labels_are_shown_literally(program: str) -> None:
    shown = texts_of_svg(program, odd_drawing())
    expected = [ODD[0], ODD[1], *ODD, *(ODD[index] for index in range(0, len(ODD), 3)), *ODD[1:]]
    assert sorted(shown) == sorted(expected)


@pytest.mark.parametrize("program", PROGRAMS)
def test_line_breaks_and_long_lines_become_lines(program: str) -> None:
    long = "Layer(" + ", ".join(f"setting{number}=1" for number in range(8)) + ")"
    shown = texts_of_svg(program, Drawing("", (Node("a", "loss", ("one\ntwo", long)),), (), ()))
    assert shown[:2] == ["one", "two"]
    assert " ".join(shown[2:]) == long
    assert max(map(len, shown)) <= 44


def test_what_cannot_be_shown_is_replaced() -> None:
    node = Node("a", "layer", ("tab\there", "bell\x07", "half \ud800", "nul\0", "turn \u202e"))
    text = dot_text(Drawing("t", (node,), (), ()))
    assert 'label="tab here\\nbell?\\nhalf ?\\nnul?\\nturn ?"' in text
    text.encode()


def test_equal_drawings_give_equal_bytes() -> None:
    assert dot_text(odd_drawing()) == dot_text(odd_drawing())
