from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.errors import GraphNetError, Position
from graphnet.spec import plain_of, read_text
from graphnet.spec import reader as reader_module
from graphnet.spec.nodes import ListNode, MapNode, Node, ScalarNode

TEXT = """\
# a comment
name: mlp
layers:
  linear1: {type: Linear, out_features: 5}   # more
  tanh1: Tanh
list:
- a
- b: 1
  c: 2
- [x, "y"]
long: {a: 1,
  b: 2}
quoted: 'it''s'
empty:
text: |
  one
  two
"""


def span(where: Position) -> str:
    return where.source[where.column - 1 : where.end_column - 1]


def at(root: Node, *path: str | int) -> Node:
    for part in path:
        if isinstance(root, MapNode):
            root = root.items[str(part)]
        elif isinstance(root, ListNode):
            root = root.items[int(part)]
    return root


def test_plain_values() -> None:
    assert plain_of(read_text(TEXT, "f")) == {
        "name": "mlp",
        "layers": {"linear1": {"type": "Linear", "out_features": 5}, "tanh1": "Tanh"},
        "list": ["a", {"b": 1, "c": 2}, ["x", "y"]],
        "long": {"a": 1, "b": 2},
        "quoted": "it's",
        "empty": None,
        "text": "one\ntwo\n",
    }


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize(
    ("path", "line", "shown"),
    [
        (("name",), 2, "mlp"),
        (("layers",), 3, "layers"),
        (("layers", "linear1"), 4, "{type: Linear, out_features: 5}"),
        (("layers", "linear1", "out_features"), 4, "5"),
        (("layers", "tanh1"), 5, "Tanh"),
        (("list",), 6, "list"),
        (("list", 0), 7, "a"),
        (("list", 1), 8, "b"),
        (("list", 1, "c"), 9, "2"),
        (("list", 2), 10, '[x, "y"]'),
        (("list", 2, 1), 10, '"y"'),
        (("long",), 11, "{a: 1,"),
        (("quoted",), 13, "'it''s'"),
        (("empty",), 14, ""),
        (("text",), 15, "|"),
    ],
)
def test_places_of_values(
    monkeypatch: pytest.MonkeyPatch,
    loader: str,
    path: tuple[str | int, ...],
    line: int,
    shown: str,
) -> None:
    monkeypatch.setattr(reader_module, "_LOADER", getattr(yaml, loader))
    where = at(read_text(TEXT, "f"), *path).position
    assert (where.file, where.line, span(where)) == ("f", line, shown)


def test_places_of_keys() -> None:
    root = read_text(TEXT, "f")
    inner = at(root, "layers", "linear1")
    assert isinstance(inner, MapNode)
    where = inner.keys["out_features"]
    assert (where.line, where.column, span(where)) == (4, 27, "out_features")
    assert root.position == root.keys["name"]


def test_quotes_are_known() -> None:
    root = read_text("a: '1'\nb: 1\nc: \"x\"\n", "f")
    assert [
        (node.value, node.quoted) for node in root.items.values() if isinstance(node, ScalarNode)
    ] == [("1", True), (1, False), ("x", True)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_breaks(newline: str) -> None:
    root = read_text(newline.join(["a: 1", "", "b:  ", "  c: 2", ""]), "f")
    where = at(root, "b", "c").position
    assert (where.line, where.column, where.source) == (4, 6, "  c: 2")


@pytest.mark.parametrize("char", ["\x85", "\u2028", "\u2029"])
def test_foreign_breaks_end_no_line(char: str) -> None:
    root = read_text(f"# a{char}b: 0\nc: x{char}y\nd: 1 # {char}\ne: '{char}'\nf: 2\n", "f")
    assert plain_of(root) == {"c": f"x{char}y", "d": 1, "e": char, "f": 2}
    assert at(root, "f").position.line == 5


def test_stand_ins_do_not_meet_the_text() -> None:
    text = 'a: "\U000f0000\u2028\U000f0001"\n'
    assert plain_of(read_text(text, "f")) == {"a": "\U000f0000\u2028\U000f0001"}


def test_columns_count_characters() -> None:
    where = at(read_text('ä: {"\U0001f600": 5}\n', "f"), "ä", "\U0001f600").position
    assert (where.column, span(where)) == (10, "5")


def test_multi_line_text_is_folded_and_pointed_at_in_its_first_line() -> None:
    root = read_text("a: one\n  two\nb: 1\n", "f")
    assert plain_of(root) == {"a": "one two", "b": 1}
    assert span(at(root, "a").position) == "one"


def parsed(text: str) -> Any:
    try:
        return plain_of(read_text(text, "f"))
    except GraphNetError as error:
        return error.code


@given(st.text(st.sampled_from("ab1:-{}[],'\" \n#."), max_size=25))
@settings(max_examples=200, deadline=None)
def test_both_parsers_agree(text: str) -> None:
    fast = parsed(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader_module, "_LOADER", yaml.SafeLoader)
        slow = parsed(text)
    # The two differ in a few texts that only one of them takes for YAML.
    if isinstance(fast, dict) and isinstance(slow, dict):
        assert fast == slow


def test_what_only_the_slow_parser_lets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "_LOADER", yaml.SafeLoader)
    for escape in ("\\UFFFFFFFF", "\\ud800"):
        with pytest.raises(GraphNetError, match="stands for no character") as caught:
            read_text(f'a: "{escape}"\n', "f")
        assert caught.value.code == "GN113"
