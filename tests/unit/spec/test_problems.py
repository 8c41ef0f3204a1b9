from __future__ import annotations

import pytest

from graphnet.errors import GraphNetError, Position, SpecErrors
from graphnet.spec import read_spec_text
from graphnet.spec.problems import Problems
from graphnet.spec.source_text import SourceText
from graphnet.spec.syntax import Failure, syntax_error

HERE = Position("f", 1, 2, 3, "abc")
THERE = Position("f", 2, 2, 3, "abc")


def codes(problems: Problems) -> list[str]:
    return [error.code for error in problems.errors]


def test_the_same_problem_is_kept_once() -> None:
    problems = Problems()
    for where in (HERE, HERE, THERE):
        problems.add("GN106", "wrong", where)
    problems.add("GN106", "wrong in another way", HERE)
    assert len(problems) == 3


def test_after_an_unreadable_value_nothing_is_said_about_it() -> None:
    problems = Problems()
    problems.add("GN110", "aliases are not allowed", HERE)
    problems.add("GN106", "wrong", HERE)
    problems.add("GN103", "duplicate", HERE)
    problems.add("GN106", "wrong", THERE)
    assert codes(problems) == ["GN110", "GN103", "GN106"]
    problems.silence(Position("f", 3, 1, 2, "x"))
    problems.add("GN106", "wrong", Position("f", 3, 1, 2, "x"))
    assert len(problems) == 3


def test_problems_without_a_place_are_all_kept() -> None:
    problems = Problems()
    problems.add("GN106", "one", None)
    problems.add("GN106", "one", None)
    assert len(problems) == 2


def test_long_texts_are_cut_in_the_middle() -> None:
    problems = Problems()
    problems.add("GN106", "a" * 1000 + "z", HERE, label="b" * 1000, notes=["c" * 1000])
    error = problems.errors[0]
    assert error.message == "a" * 200 + " ... " + "a" * 99 + "z"
    assert len(error.label) == len(error.notes[0]) == 305


def test_suggestions_have_a_budget() -> None:
    problems = Problems()
    names = [f"layer{n}" for n in range(20_000)]
    assert problems.nearest("Layer7", names) == "did you mean 'layer7'?"
    assert problems.nearest("Layer7", names) == "did you mean 'layer7'?"
    assert problems.nearest("Layer7", names) == ""


def test_raising() -> None:
    problems = Problems()
    problems.raise_all()
    problems.add("GN106", "second", THERE)
    with pytest.raises(GraphNetError, match="second"):
        problems.raise_all()
    problems.add("GN106", "first", HERE)
    with pytest.raises(SpecErrors) as caught:
        problems.raise_all()
    assert [problem.message for problem in caught.value.problems] == ["first", "second"]


def test_reading_stops_after_very_many() -> None:
    head = "graphnet: 1\ninputs: {x: {shape: [2]}}\nlayers:\n"
    layers = "".join(f"  a{n}: {{type: Tanh, y: 1}}\n" for n in range(3000))
    for text in ("a: 1\n" * 3000, "1: 1\n" * 3000, head + layers):
        with pytest.raises(SpecErrors) as caught:
            read_spec_text(text)
        assert len(caught.value.problems) == 1000


def test_what_no_rule_knows_is_quoted() -> None:
    source = SourceText("f", "a: b\n")
    error = syntax_error(Failure("", None, "something new", (0, 3), None), source)
    assert (error.code, error.line, error.column) == ("GN101", 1, 4)
    assert error.notes == ("the YAML parser says: something new",)
    error = syntax_error(Failure("", None, "", None, None), source)
    assert (error.file, error.line, error.notes) == ("f", None, ())
