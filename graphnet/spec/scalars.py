"""Scalars: what unquoted text means, by the core rules of YAML 1.2, in decimal only."""

from __future__ import annotations

import math
import re

from graphnet.spec.nodes import Scalar

MAX_DIGITS = 18
"""Most digits of a whole number; more would not fit into 64 bits everywhere."""

_WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_ENDLESS = re.compile(r"[-+]?\.?(inf|infinity|nan)", re.IGNORECASE)
_NUMBERLIKE = re.compile(r"[-+.]*[0-9][0-9a-fxo_.,:+TZ \t-]*", re.IGNORECASE)


class TooManyDigits(ValueError):
    """A whole number has more digits than graphnet takes."""


def resolve(text: str) -> Scalar:
    """Return what plain (unquoted) text means; all that is not clearly another value is text.

    Raises:
        TooManyDigits: For a whole number of more than `MAX_DIGITS` digits.

    Example:
        >>> [resolve(text) for text in ("1e-3", "-7", "true", "~", "no", "010", "1:30", ".inf")]
        [0.001, -7, True, None, 'no', '010', '1:30', '.inf']
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text.lstrip("+-")) > MAX_DIGITS:
            raise TooManyDigits
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return text if _lost(text, number) else number
    return text


def _lost(text: str, number: float) -> bool:
    """Whether a number is too large or too small for double precision."""
    mantissa = re.split("[eE]", text)[0]
    return math.isinf(number) or (number == 0.0 and any(char in mantissa for char in "123456789"))


def cure(text: str) -> str:
    """Return how to write unquoted text where a number was expected, or an empty string.

    Example:
        >>> cure("0x1F"), cure(".nan"), cure("tanh")
        ('write it in decimal or quote it', 'numbers must be finite', '')
    """
    if _ENDLESS.fullmatch(text):
        return "numbers must be finite"
    if _FLOAT.fullmatch(text):
        huge = math.isinf(float(text))
        return "numbers must be finite" if huge else "write 0 or a number of at least 5e-324"
    return "write it in decimal or quote it" if _NUMBERLIKE.fullmatch(text) else ""
