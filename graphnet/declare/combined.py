"""Kinds made of kinds: optional ones, alternatives, lists, mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphnet.declare.kinds import Kind, KindError


@dataclass(frozen=True)
class Optional(Kind):
    """A kind, or nothing at all (`null`)."""

    kind: Kind

    def parse(self, value: Any) -> Any:
        """Return None or the parsed value."""
        return None if value is None else self.kind.parse(value)

    def describe(self) -> str:
        """Return the kind's words and null."""
        return f"{self.kind.describe()} or null"

    def schema(self) -> dict[str, Any]:
        """Return the kind's schema or null."""
        return {"anyOf": [self.kind.schema(), {"type": "null"}]}


@dataclass(frozen=True)
class Either(Kind):
    """The first of several kinds that fits."""

    kinds: tuple[Kind, ...]

    def parse(self, value: Any) -> Any:
        """Return the value as the first fitting kind reads it."""
        for kind in self.kinds:
            try:
                return kind.parse(value)
            except KindError:
                continue
        raise self.refuse(value)

    def describe(self) -> str:
        """Return all kinds' words."""
        return " or ".join(kind.describe() for kind in self.kinds)

    def schema(self) -> dict[str, Any]:
        """Return any of the kinds' schemas."""
        return {"anyOf": [kind.schema() for kind in self.kinds]}


@dataclass(frozen=True)
class Listed(Kind):
    """A list of values of one kind, of a fixed length where `length` is given."""

    kind: Kind
    length: int | None = None

    def parse(self, value: Any) -> tuple[Any, ...]:
        """Return the values as a tuple."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self.refuse(value, self._as_list(value))
        if self.length is not None and len(value) != self.length:
            raise KindError(f"expected {self.describe()}, found {len(value)} values")
        return tuple(self.kind.parse(item) for item in value)

    def _as_list(self, value: Any) -> str:
        """Offer a list of a single value, where that may be what was meant."""
        if self.length not in (None, 1) or not isinstance(value, (str, int, float)):
            return ""
        try:
            self.kind.parse(value)
        except KindError:
            return ""
        return f"write [{str(value).lower() if isinstance(value, bool) else value}]"

    def describe(self) -> str:
        """Return for example `a list of 2 values, each a number >= 0`."""
        count = "values" if self.length is None else f"{self.length} values"
        return f"a list of {count}, each {self.kind.describe()}"

    def schema(self) -> dict[str, Any]:
        """Return an array schema."""
        size = {} if self.length is None else {"minItems": self.length, "maxItems": self.length}
        return {"type": "array", "items": self.kind.schema(), **size}


@dataclass(frozen=True)
class Mapped(Kind):
    """A mapping from names to values of one kind."""

    kind: Kind

    def parse(self, value: Any) -> dict[str, Any]:
        """Return the mapping with every value parsed."""
        if not isinstance(value, Mapping):
            raise self.refuse(value)
        return {str(key): self.kind.parse(item) for key, item in value.items()}

    def describe(self) -> str:
        """Return `a mapping of names to ...`."""
        return f"a mapping of names to {self.kind.describe()}"

    def schema(self) -> dict[str, Any]:
        """Return an object schema."""
        return {"type": "object", "additionalProperties": self.kind.schema()}
