"""Kinds of hyper-parameters: what a value may be, in words, as a check, and as JSON Schema."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphnet.declare.elsewhere import word_elsewhere
from graphnet.errors import listed, nearest


class KindError(ValueError):
    """A value does not fit its kind.

    Attributes:
        message: What was expected and what came, for the end of a sentence.
        help: The smallest cure, or an empty string.
    """

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - as in GraphNetError
        super().__init__(message)
        self.message = message
        self.help = help


def spoken(value: object) -> str:
    """Say a value in the user's words: never a Python type name.

    Example:
        >>> spoken(None), spoken([1]), spoken("x"), spoken(True), spoken(2.5)
        ('nothing', 'a list', "the text 'x'", 'true', 'the number 2.5')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value!r}"
    return "a mapping" if isinstance(value, Mapping) else "a list"


class Kind(ABC):
    """What values a hyper-parameter takes."""

    @abstractmethod
    def parse(self, value: Any) -> Any:
        """Return the checked value.

        Raises:
            KindError: When the value is not of this kind.
        """

    @abstractmethod
    def describe(self) -> str:
        """Return what is allowed, in a few words."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema (draft 7) of the allowed values."""

    def refuse(self, value: object, help: str = "") -> KindError:  # noqa: A002 - as in GraphNetError
        """Return the error for a value that does not fit."""
        return KindError(f"expected {self.describe()}, found {spoken(value)}", help)


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number, at least `low` and at most `high` where these are given."""

    low: int | None = None
    high: int | None = None

    def parse(self, value: Any) -> int:
        """Return the integer; text, booleans and fractions are refused."""
        if isinstance(value, float) and math.isfinite(value) and value.is_integer():
            raise self.refuse(value, f"write {int(value)}")
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(value, _unquoted(value))
        if (self.low is not None and value < self.low) or (
            self.high is not None and value > self.high
        ):
            raise self.refuse(value)
        return value

    def describe(self) -> str:
        """Return for example `a whole number >= 1`."""
        return _bounded("a whole number", ">=", self.low, "<=", self.high)

    def schema(self) -> dict[str, Any]:
        """Return an integer schema with its bounds."""
        bounds = {"minimum": self.low, "maximum": self.high}
        return {"type": "integer", **{key: to for key, to in bounds.items() if to is not None}}


@dataclass(frozen=True)
class Real(Kind):
    """A finite number. `above`/`below` exclude their bound, `low`/`high` include it."""

    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None

    def parse(self, value: Any) -> float:
        """Return the number as float; text, booleans, infinities and NaN are refused."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refuse(value, _unquoted(value))
        try:
            number = float(value)
        except OverflowError:
            raise KindError(f"expected {self.describe()}, found a number too large") from None
        if not math.isfinite(number) or not self._inside(number):
            raise self.refuse(value)
        return number

    def _inside(self, number: float) -> bool:
        return (
            (self.low is None or number >= self.low)
            and (self.high is None or number <= self.high)
            and (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
        )

    def describe(self) -> str:
        """Return for example `a number > 0`."""
        low = (">", self.above) if self.above is not None else (">=", self.low)
        high = ("<", self.below) if self.below is not None else ("<=", self.high)
        return _bounded("a number", *low, *high)

    def schema(self) -> dict[str, Any]:
        """Return a number schema with its bounds."""
        bounds = {
            "minimum": self.low,
            "maximum": self.high,
            "exclusiveMinimum": self.above,
            "exclusiveMaximum": self.below,
        }
        return {"type": "number", **{key: to for key, to in bounds.items() if to is not None}}


@dataclass(frozen=True)
class Flag(Kind):
    """true or false."""

    def parse(self, value: Any) -> bool:
        """Return the truth value; nothing else counts as one."""
        if not isinstance(value, bool):
            told = str(value).lower()
            cure = "write true" if told in {"yes", "on"} else ""
            raise self.refuse(value, "write false" if told in {"no", "off"} else cure)
        return value

    def describe(self) -> str:
        """Return `true or false`."""
        return "true or false"

    def schema(self) -> dict[str, Any]:
        """Return a boolean schema."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Text(Kind):
    """Any text."""

    def parse(self, value: Any) -> str:
        """Return the text."""
        if not isinstance(value, str):
            raise self.refuse(
                value, "put it in quotes" if not isinstance(value, (list, dict)) else ""
            )
        return value

    def describe(self) -> str:
        """Return `text`."""
        return "text"

    def schema(self) -> dict[str, Any]:
        """Return a string schema."""
        return {"type": "string"}


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    options: tuple[str, ...]

    def parse(self, value: Any) -> str:
        """Return the word."""
        if not isinstance(value, str) or value not in self.options:
            told = word_elsewhere(str(value), self.options)
            raise self.refuse(value, told or nearest(str(value), self.options))
        return value

    def describe(self) -> str:
        """Return the words."""
        return f"one of {listed(self.options)}"

    def schema(self) -> dict[str, Any]:
        """Return an enumeration."""
        return {"enum": list(self.options)}


def _bounded(
    what: str, low_sign: str, low: float | None, high_sign: str, high: float | None
) -> str:
    parts = [f"{low_sign} {low:g}"] if low is not None else []
    parts += [f"{high_sign} {high:g}"] if high is not None else []
    return f"{what} {' and '.join(parts)}".strip()


def _unquoted(value: object) -> str:
    """Offer the number inside a quoted text."""
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return ""
        return "remove the quotes" if value.replace("_", "") == value else "write it in decimal"
    return ""
