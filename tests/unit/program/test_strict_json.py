"""JSON without loopholes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.program import JsonError, canonical
from graphnet.program.strict_json import parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab\"\\[{é"), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
@settings(derandomize=True, deadline=None)
def test_what_is_written_reads_back_equal(value: object) -> None:
    text = canonical(value)
    assert text.isascii()
    read = parse(text, 40)
    assert read == value
    assert canonical(read) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": {1, 2}}, b"bytes", object()])
def test_what_cannot_be_written(value: object) -> None:
    with pytest.raises(JsonError):
        canonical(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value"),
        ("{", "Expecting"),
        ("1 2", "Extra data"),
        ('{"a":1,"a":2}', "the key 'a' stands twice"),
        ('{"b":{"a":1,"a":2}}', "stands twice"),
        ("NaN", "NaN is not a number"),
        ("-Infinity", "-Infinity is not a number"),
        ("1e999", "out of range"),
        ("1" * 1001, "a number of 1001 digits"),
        ("0." + "1" * 1000, "digits"),
        ('"\\ud800"', "half of a surrogate pair"),
        ("[[[[[[1]]]]]]", "nested more than 5 levels"),
        ("[" * 100_000, "nested more than 5 levels"),
        ('{"a":' * 6 + "1" + "}" * 6, "nested more than 5 levels"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(JsonError, match=words):
        parse(text, 5)


@pytest.mark.parametrize(
    "text", ['"[[[[[[[["', '"\\"[[[[[["', '["\\\\", [[1]]]', "[[[[[1]]]]]", '{"a": "}}}}{{{{{{{"}']
)
def test_brackets_in_texts_are_no_nesting(text: str) -> None:
    parse(text, 5)
