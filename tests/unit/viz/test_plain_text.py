"""Plain text: one line for each node, columns under each other."""

from __future__ import annotations

from graphnet.viz import Drawing, Edge, Node, plain_text


def test_a_small_drawing_is_written_exactly() -> None:
    nodes = (
        Node("x", "input", ("x", "input", "[N, 2]")),
        Node("s.0.a", "layer", ("a", "Linear(out_features=5)", "[N, 5]"), ("s", "0")),
        Node("s.0.b", "function", ("b", "Add"), ("s", "0")),
    )
    edges = (
        Edge("x", "s.0.a", "[N, 2]"),
        Edge("s.0.a", "s.0.b", "[N, 5]"),
        Edge("x", "s.0.b"),
    )
    assert plain_text(Drawing("net", nodes, edges, ())).splitlines() == [
        "net",
        "",
        "  x      input                   [N, 2]",
        "  s",
        "    s.0",
        "      a  Linear(out_features=5)  [N, 5]  <- x [N, 2]",
        "      b  Add                             <- s.0.a [N, 5], x",
    ]


def test_wide_characters_take_two_columns_and_long_cells_stick_out() -> None:
    nodes = (
        Node("a", "layer", ("層", "one")),
        Node("b", "layer", ("ab", "x" * 60, "end")),
        Node("c", "layer", ("e\N{COMBINING ACUTE ACCENT}", "y", "z")),
    )
    lines = plain_text(Drawing("t", nodes, (), ())).splitlines()[2:]
    assert lines == [
        "  層  one",
        f"  ab  {'x' * 60}  end",
        f"  e\N{COMBINING ACUTE ACCENT}   y{' ' * 51}  z",
    ]


def test_nothing_in_a_label_moves_the_cursor() -> None:
    node = Node("a", "layer", ("two\nlines", "\x1b[2Jclear", "\r\x08"))
    assert plain_text(Drawing("t\n\x1b", (node,), (), ())).splitlines() == [
        "t ?",
        "",
        "  two lines  ?[2Jclear   ?",
    ]


def test_an_empty_drawing_is_its_title() -> None:
    assert plain_text(Drawing("nothing", (), (), ())) == "nothing\n\n"
