"""Entries, their settings, and tables of them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest

from graphnet.declare import (
    Entry,
    Integer,
    KindError,
    Listed,
    Nested,
    Optional,
    Real,
    Table,
    UnknownName,
    setting,
)


@dataclass(frozen=True, kw_only=True)
class Inner(Entry):
    """Something inside."""

    depth: int = setting(Integer(0), doc="how deep")
    width: float = setting(Real(), 1.0, doc="how wide")


@dataclass(frozen=True, kw_only=True)
class Outer(Entry):
    """Something with parts.

    More about it.
    """

    type_name = "outer"
    inner: Inner | None = setting(Optional(Nested(Inner)), None, doc="the part")
    sizes: tuple[int, ...] = setting(Listed(Integer()), (1, 2), doc="all sizes")


def test_settings_are_in_the_order_of_declaration() -> None:
    settings = Inner.settings()
    assert list(settings) == ["depth", "width"]
    assert settings["depth"].required
    assert not settings["width"].required
    assert (settings["width"].default, settings["width"].doc) == (1.0, "how wide")


def test_names_and_summaries() -> None:
    assert (Inner.name(), Outer.name()) == ("Inner", "outer")
    assert Outer.summary() == "Something with parts."


def test_plain_data_and_back() -> None:
    made = Outer.from_plain({"inner": {"depth": 3}, "sizes": [5]})
    assert made == Outer(inner=Inner(depth=3, width=1.0), sizes=(5,))
    assert made.plain() == {"inner": {"depth": 3, "width": 1.0}, "sizes": [5]}
    assert Outer.from_plain(made.plain()) == made
    assert Outer.from_plain({}).values() == {"inner": None, "sizes": (1, 2)}


def test_an_entry_that_is_built_already_passes() -> None:
    inner = Inner(depth=1)
    assert Outer.from_plain({"inner": inner}).inner is inner


@pytest.mark.parametrize(
    ("values", "message", "cure"),
    [
        ({"dpth": 1}, "unknown key 'dpth' in Inner", "did you mean 'depth'?"),
        ({}, "Inner needs a value for 'depth'", ""),
        ({"depth": -1}, "expected a whole number >= 0, found the number -1", ""),
    ],
)
def test_wrong_values(values: dict[str, Any], message: str, cure: str) -> None:
    with pytest.raises(KindError) as caught:
        Inner.from_plain(values)
    assert caught.value.message == message
    assert caught.value.help == cure


def test_wrong_nested_values() -> None:
    with pytest.raises(KindError, match="a mapping with the keys depth, width"):
        Outer.from_plain({"inner": 3})
    with pytest.raises(KindError, match="Inner needs a value for 'depth'"):
        Outer.from_plain({"inner": {}})


def test_the_schema_of_a_nested_entry() -> None:
    assert Nested(Inner).schema() == {
        "type": "object",
        "properties": {
            "depth": {"type": "integer", "minimum": 0, "description": "how deep"},
            "width": {"type": "number", "description": "how wide"},
        },
        "additionalProperties": False,
        "required": ["depth"],
    }


def test_entries_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Inner(depth=1).depth = 2  # type: ignore[misc]


def test_tables_keep_their_order_and_name_what_is_missing() -> None:
    table: Table[Entry] = Table("thing", [Outer, Inner])
    assert list(table) == ["outer", "Inner"]
    assert len(table) == 2
    assert table["Inner"] is Inner
    assert "Inner" in table
    assert "inner" not in table
    with pytest.raises(UnknownName) as caught:
        table["iner"]
    assert caught.value.message == "unknown thing 'iner'"
    assert caught.value.help == "did you mean 'Inner'?"
    assert caught.value.note == "things: outer, Inner"


def test_a_name_stands_once_in_a_table() -> None:
    with pytest.raises(ValueError, match="thing 'Inner' stands twice"):
        Table("thing", [Inner, Inner])
