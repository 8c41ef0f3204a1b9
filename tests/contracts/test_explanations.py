"""Every error code has its story in explanations.md, and no story is about a code nobody raises."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import graphnet

PACKAGE = Path(graphnet.__file__).parent
STORIES = (PACKAGE / "explanations.md").read_text("utf-8")
HEADS = re.findall(r"^## (GN\d{3}) (.+)$", STORIES, re.MULTILINE)


def raised() -> set[str]:
    """Return every code that stands as a text of its own in the package's code."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        found.update(re.findall(r'"(GN\d{3})"', path.read_text("utf-8")))
    return found


def test_every_code_raised_is_explained() -> None:
    assert sorted(raised() - {code for code, _ in HEADS}) == []


def test_every_code_explained_is_raised() -> None:
    assert sorted({code for code, _ in HEADS} - raised()) == []


def test_codes_are_explained_once() -> None:
    codes = Counter(code for code, _ in HEADS)
    assert [code for code, count in codes.items() if count > 1] == []


def test_stories_have_a_title_and_say_something() -> None:
    parts = re.split(r"^## GN\d{3} ", STORIES, flags=re.MULTILINE)[1:]
    assert len(parts) == len(HEADS)
    for (code, title), part in zip(HEADS, parts, strict=True):
        assert not title.endswith("."), code
        assert len(part.partition("\n")[2].strip()) >= 40, f"{code} is hardly explained"
