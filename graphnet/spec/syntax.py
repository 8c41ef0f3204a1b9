"""Syntax: what the YAML parser could not read, said in the user's words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphnet.errors import Position, SpecError
from graphnet.spec.source_text import SourceText

Mark = tuple[int, int]
"""A 0-based line and column."""


@dataclass(frozen=True)
class Failure:
    """What the parser reports: where it was in what, and what it met.

    Attributes:
        context: What it was reading, as the parser words it; may be empty.
        began: Where that began, or None.
        problem: What it met, as the parser words it.
        met: Where it met it, or None.
        opened: Where the innermost bracket stands that is still open, or None.
    """

    context: str
    began: Mark | None
    problem: str
    met: Mark | None
    opened: Mark | None


@dataclass(frozen=True)
class _Rule:
    """How failures whose words match a pattern are told: by code, message and label, and a cure."""

    pattern: str
    told: tuple[str, str, str]
    help: str


_SIBLINGS = "give all keys of one mapping the same indentation, in spaces"
_QUOTE = "put the text in quotes"
_HERE = "not expected here"
_RULES = tuple(
    _Rule(*row)
    for row in (
        (
            "mapping values are not allowed",
            ("GN101", "a ':' where no key can stand", _HERE),
            f"{_SIBLINGS}, or quote text that holds ': '",
        ),
        (
            "found unexpected ':'",
            ("GN101", "a ':' inside a value in brackets", _HERE),
            "put a space behind it where it ends a key, or put the text in quotes",
        ),
        ("sequence entries", ("GN101", "a '-' where no list can stand", _HERE), _QUOTE),
        ("mapping keys are not", ("GN101", "a '?' where no key can stand", _HERE), _QUOTE),
        (
            "could not find expected ':'",
            ("GN101", "a line that is neither a key nor a value", "no ':' follows"),
            "write it as key: value",
        ),
        ("cannot start any", ("GN101", "a value cannot begin with {char}", _HERE), _QUOTE),
        (
            "unknown escape",
            ("GN101", "an unknown escape in a text in double quotes", "begins with a backslash"),
            "double the backslash, or use single quotes",
        ),
        (
            "escape sequence of|hexdecimal",
            ("GN101", "an escape with too few digits", "in this text"),
            "write \\xNN, \\uNNNN or \\UNNNNNNNN with hexadecimal digits",
        ),
        (
            "invalid Unicode|out of range|too large|not in range",
            ("GN113", "an escape that stands for no character", "in this text"),
            "leave it out; a character above U+FFFF is one \\UNNNNNNNN",
        ),
        (
            "undefined tag handle|(parsing|scanning) a tag",
            ("GN110", "tags are not allowed in a spec", "begins with '!'"),
            _QUOTE,
        ),
        (
            "an alias|an anchor",
            ("GN110", "anchors and aliases are not allowed in a spec", "begins here"),
            "quote the text, or name the value under variables: and write ${name}",
        ),
        (
            "directive",
            ("GN110", "directives are not allowed in a spec", "begins with '%'"),
            "remove the line, or quote the text",
        ),
        (
            "block collection.*(expected '-'|block end)",
            ("GN101", "a line in a list that begins without '-'", "not part of the list"),
            "begin it with '- ', or change its indentation",
        ),
        (
            "block mapping.*(expected key|block end)",
            ("GN101", "a line that does not fit its surroundings", _HERE),
            f"{_SIBLINGS}; nothing can follow a closing quote or bracket but a comment",
        ),
        ("node content", ("GN101", "a value is missing before {char}", _HERE), _QUOTE),
        (
            "expected '?<document start>",
            ("GN101", "text after the end of the spec", _HERE),
            "remove it; a file holds one spec",
        ),
        ("block scalar", ("GN101", "a text block indented wrongly", "this block"), _SIBLINGS),
    )
)


def syntax_error(failure: Failure, source: SourceText) -> SpecError:
    """Return the error for text that is not YAML."""
    tab = _tab_in_indentation(failure, source)
    if tab is not None:
        return SpecError(
            "GN101",
            "a tab in the indentation",
            where=tab,
            label="a tab",
            help="indent with spaces; most editors can replace the tabs of a file",
        )
    if failure.began is not None and _is_unclosed(failure):
        return _unclosed(failure, failure.began, source)
    if failure.opened is not None and _is_at_end(failure.met, source):
        return _unclosed(failure, failure.opened, source)
    words = f"{failure.context} {failure.problem}"
    rule = next((rule for rule in _RULES if re.search(rule.pattern, words)), None)
    mark = failure.met or failure.began
    if failure.began and "could not find" in failure.problem:
        mark = failure.began
    where = _character(source, mark) if mark else source.whole()
    if rule is None:
        return SpecError(
            "GN101",
            "the spec is not YAML",
            where=where,
            label="not expected here",
            notes=[f"the YAML parser says: {failure.problem}"] if failure.problem else [],
        )
    code, message, label = rule.told
    message = message.format(char=_shown(source, mark))
    return SpecError(code, message, where=where, label=label, help=rule.help)


def _character(source: SourceText, mark: Mark) -> Position:
    return source.span(mark, (mark[0], mark[1] + 1))


def _shown(source: SourceText, mark: Mark | None) -> str:
    """Return the character at a mark as it is quoted in messages."""
    char = source.character(mark) if mark else ""
    return repr(char) if char else "the end of the text"


def _tab_in_indentation(failure: Failure, source: SourceText) -> Position | None:
    """Return the tab that a failing line, or what it was read with, is indented with."""
    if "quoted scalar" in failure.context or failure.met is None:
        return None
    line = source.line(failure.met[0])
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" not in indentation:
        return None
    return _character(source, (failure.met[0], indentation.index("\t")))


def _is_unclosed(failure: Failure) -> bool:
    if "quoted scalar" in failure.context:
        return "end of stream" in failure.problem or "document" in failure.problem
    return re.search("parsing a flow", failure.context) is not None and "node" not in (
        failure.context
    )


def _is_at_end(met: Mark | None, source: SourceText) -> bool:
    """Whether nothing is left of the text where the parser gave up."""
    return met is not None and not source.character(met) and met[0] + 1 >= source.line_count


def _unclosed(failure: Failure, began: Mark, source: SourceText) -> SpecError:
    """Return the error for a bracket or quote that is never closed, or closed too late.

    The place is where it was opened: where the parser gave up says little about the cause.
    """
    opening = source.character(began)
    closing = {"[": "]", "{": "}"}.get(opening, opening)
    met = failure.met
    if met is not None and met[0] == began[0] and source.character(met):
        return SpecError(
            "GN101",
            f"expected ',' or {closing!r} before {_shown(source, met)}",
            where=_character(source, met),
            label="not expected here",
            help=f"put a ',' between values, and {closing!r} at the end",
            notes=[f"the {opening!r} was opened in column {began[1] + 1}"],
        )
    at_end = met is None or not source.character(met)
    reached = (
        f"the text ends on line {source.line_count}"
        if at_end or met is None
        else (f"line {met[0] + 1} cannot be part of it")
    )
    return SpecError(
        "GN101",
        f"this {opening!r} is never closed",
        where=_character(source, began),
        label="opened here",
        help=f"add {closing!r}",
        notes=[reached],
    )
