"""JSON without its loopholes: what is written has one form, what is read means one thing."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

DIGITS = 1000
"""Most digits of one number; the state of a random generator has 39."""


class JsonError(ValueError):
    """A text is not JSON, or is JSON that two readers may understand differently."""


def canonical(value: Any) -> str:
    """Return the one JSON text of plain data: sorted keys, ASCII, no spaces.

    Raises:
        JsonError: When the data holds anything but mappings with text keys, lists, text, finite
            numbers, truth values and nothing.

    Example:
        >>> canonical({"b": [1, 2.5], "a": None})
        '{"a":null,"b":[1,2.5]}'
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise JsonError("not plain data of finite numbers") from error


def parse(text: str, depth: int) -> Any:
    """Read JSON strictly.

    Args:
        text: The JSON text.
        depth: How many lists and mappings may lie inside each other.

    Raises:
        JsonError: On anything that is not JSON, a key that stands twice, numbers that are not
            finite or have too many digits, half of a surrogate pair, or deeper nesting.

    Example:
        >>> parse('{"a": [1, 2.5]}', depth=2)
        {'a': [1, 2.5]}
    """
    if _depth(text) > depth:
        raise JsonError(f"nested more than {depth} levels deep")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_without_twins,
            parse_int=_short_integer,
            parse_float=_finite,
            parse_constant=_not_a_number,
        )
        # Escapes can spell half a character, which no file could hold as text.
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise JsonError("half of a surrogate pair in a text") from error
    except json.JSONDecodeError as error:
        raise JsonError(f"{error.msg} at character {error.pos}") from error
    return value


def _depth(text: str) -> int:
    """Return how deep brackets are nested, before any parser recurses into them.

    Pairs of backslashes go first and escaped quotes next, so that every quote left begins or ends a
    text and the texts, with whatever brackets they hold, can be cut out.
    """
    bare = re.sub(r'"[^"]*"', "", text.replace("\\\\", "").replace('\\"', ""))
    deepest = level = 0
    for bracket in re.findall(r"[\[\]{}]", bare):
        level += 1 if bracket in "[{" else -1
        deepest = max(deepest, level)
    return deepest


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise JsonError(f"the key {key!r} stands twice")
        found[key] = value
    return found


def _short_integer(digits: str) -> int:
    if len(digits) > DIGITS:
        raise JsonError(f"a number of {len(digits)} digits")
    return int(digits)


def _finite(digits: str) -> float:
    if len(digits) > DIGITS:
        raise JsonError(f"a number of {len(digits)} digits")
    number = float(digits)
    if not math.isfinite(number):
        raise JsonError(f"the number {digits} is out of range")
    return number


def _not_a_number(word: str) -> NoReturn:
    raise JsonError(f"{word} is not a number")
