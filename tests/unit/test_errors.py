from __future__ import annotations

import pytest

from graphnet.errors import (
    GraphNetError,
    Position,
    SpecError,
    SpecErrors,
    listed,
    nearest,
    nearest_name,
    raise_all,
)
from graphnet.spec import read_spec_text

MLP = """\
graphnet: 1
name: mlp




inputs:
  points: {shape: [2]}

layers:

  linear1: {type: Linear, out_feature: 5}
"""


def printed(text: str, file: str = "specs/mlp.yaml") -> str:
    with pytest.raises(GraphNetError) as caught:
        read_spec_text(text, file)
    return str(caught.value)


def test_layout_is_that_of_the_interface() -> None:
    assert printed(MLP.replace("name: mlp\n", "name: mlp\n\n")) == (
        "error[GN104]: unknown key 'out_feature' in layer 'linear1'\n"
        "  --> specs/mlp.yaml:13:27\n"
        "   |\n"
        "13 |   linear1: {type: Linear, out_feature: 5}\n"
        "   |                           ^^^^^^^^^^^ not a key of Linear\n"
        "   = help: did you mean 'out_features'?\n"
        "   = note: keys of Linear: bias, in_features, out_features"
    )


def test_margin_is_as_wide_as_the_line_number() -> None:
    error = SpecError("GN100", "m", where=Position("f", 7, 2, 4, "abc"), label="here", help="h")
    assert str(error) == ("error[GN100]: m\n --> f:7:2\n  |\n7 | abc\n  |  ^^ here\n  = help: h")
    error = SpecError("GN100", "m", where=Position("f", 1234, 1, 2, "abc"), notes=["n", ""])
    assert str(error) == (
        "error[GN100]: m\n    --> f:1234:1\n     |\n1234 | abc\n     | ^\n     = note: n"
    )


def test_place_without_a_line_is_drawn_below_itself() -> None:
    where = Position("--set optimizer.lr=abc", 0, 20, 23)
    assert str(SpecError("GN106", "m", where=where, label="expected a number")) == (
        "error[GN106]: m\n"
        "  --> --set optimizer.lr=abc\n"
        "                         ^^^ expected a number"
    )


def test_place_without_a_column_says_its_label_as_a_note() -> None:
    error = SpecError("GN106", "m", where=Position("<mapping>: a.b"), label="expected", help="h")
    assert str(error) == (
        "error[GN106]: m\n  --> <mapping>: a.b\n   = help: h\n   = note: expected"
    )
    assert str(SpecError("GN106", "m")) == "error[GN106]: m"


def test_empty_source_line_is_not_drawn() -> None:
    assert str(SpecError("GN102", "m", where=Position("f", 3, 1, 1, "  "))) == (
        "error[GN102]: m\n --> f:3:1"
    )


def test_tab_before_the_caret_stays_a_tab() -> None:
    drawn = str(SpecError("GN101", "m", where=Position("f", 1, 3, 4, "\ta: 1"))).splitlines()
    assert drawn[-2:] == ["1 | \ta: 1", "  | \t ^"]


def test_escape_sequences_do_not_reach_the_terminal() -> None:
    error = SpecError("GN101", "m", where=Position("f", 1, 1, 2, "\x1b[31mred\u202e"))
    assert "1 | ?[31mred?" in str(error)
    assert "\x1b" not in str(error)


@pytest.mark.parametrize("column", [1, 50, 119, 120, 121, 5000, 9999, 10_000])
def test_long_lines_are_cut_around_the_caret(column: int) -> None:
    source = "".join(str(n % 10) for n in range(10_000))
    drawn = str(SpecError("GN101", "m", where=Position("f", 1, column, column + 1, source)))
    line, caret = drawn.splitlines()[-2:]
    assert len(line) <= 124
    assert line[caret.index("^")] == source[column - 1]


def test_wide_places_end_with_the_line_shown() -> None:
    where = Position("f", 1, 5, 5000, "x" * 5000)
    caret = str(SpecError("GN101", "m", where=where)).splitlines()[-1]
    assert caret == "  |     " + "^" * 116


def test_fields_and_plain_form() -> None:
    where = Position("f", 2, 3, 5, "abcdef")
    error = SpecError("GN104", "m", where=where, label="l", help="h", notes=["n"])
    assert (error.file, error.line, error.column) == ("f", 2, 3)
    assert error.as_dict() == {
        "code": "GN104",
        "message": "m",
        "file": "f",
        "line": 2,
        "column": 3,
        "end_column": 5,
        "label": "l",
        "help": "h",
        "notes": ["n"],
    }
    assert isinstance(error, ValueError)
    bare = SpecError("GN104", "m")
    assert (bare.file, bare.line, bare.column) == (None, None, None)


def test_raise_all() -> None:
    raise_all([])
    first = SpecError("GN101", "first", where=Position("f", 2, 1, 2, "x"))
    second = SpecError("GN102", "second", where=Position("f", 1, 5, 6, "x"))
    with pytest.raises(SpecError) as one:
        raise_all([first])
    assert one.value is first
    with pytest.raises(SpecErrors) as both:
        raise_all([first, second])
    assert both.value.problems == (second, first)
    assert both.value.code == "GN102"
    assert str(both.value) == f"{second}\n\n{first}"


def test_nearest() -> None:
    assert nearest("Lineer", ["Linear", "Tanh"]) == "did you mean 'Linear'?"
    assert nearest("LINEAR", ["Linear", "Tanh"]) == "did you mean 'Linear'?"
    assert nearest("x", ["y", "xx"]) == ""
    assert nearest("something", ["else"]) == ""
    assert nearest_name("tahn", ["Tanh", "Linear"]) == "Tanh"
    assert nearest_name("a" * 101, ["a" * 101]) == ""
    assert nearest_name("ab", ["ab" * 100_000, "abc"]) == "abc"


def test_listed() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(n) for n in range(50)], limit=2) == "0, 1 and 48 more"
