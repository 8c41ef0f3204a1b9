"""Entry: how a layer, loss, optimizer and every other row of a table declares its hyper-parameters."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from graphnet.declare.kinds import Kind, KindError
from graphnet.errors import listed, nearest

MANY = 50
"""More names than this are counted in messages, not listed."""
_REQUIRED = dataclasses.MISSING
SelfEntry = TypeVar("SelfEntry", bound="Entry")


def setting(kind: Kind, default: Any = _REQUIRED, *, doc: str) -> Any:
    """Declare one hyper-parameter of an `Entry`.

    Args:
        kind: What values it takes.
        default: Its value where none is given; leave it out where one must be given.
        doc: One line on its meaning.
    """
    return dataclasses.field(default=default, metadata={"kind": kind, "doc": doc})


@dataclass(frozen=True)
class Setting:
    """A declared hyper-parameter, as tables, documentation and validation see it."""

    name: str
    kind: Kind
    doc: str
    default: Any

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is _REQUIRED


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Base of everything a table lists: frozen hyper-parameters, declared with `setting`."""

    type_name: ClassVar[str] = ""
    typed: ClassVar[bool] = False
    """Whether it says its type where it stands inside another entry, as a row of a table does."""

    @classmethod
    def name(cls) -> str:
        """Return the name users write: `type_name`, or else the class's own."""
        return cls.type_name or cls.__name__

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """Return the declared hyper-parameters by name, in order of declaration."""
        return {
            field.name: Setting(
                field.name, field.metadata["kind"], field.metadata["doc"], field.default
            )
            for field in dataclasses.fields(cls)
            if "kind" in field.metadata
        }

    def conflict(self) -> str:
        """Return what is wrong with hyper-parameters that are each right alone, or an empty string."""
        return ""

    def values(self) -> dict[str, Any]:
        """Return every hyper-parameter's value, defaults included."""
        return {name: getattr(self, name) for name in self.settings()}

    def plain(self) -> dict[str, Any]:
        """Return every hyper-parameter as plain data: nested entries as dicts, tuples as lists."""
        return {name: _plain(value) for name, value in self.values().items()}

    @classmethod
    def from_plain(cls: type[SelfEntry], values: Mapping[str, Any]) -> SelfEntry:
        """Build an entry from plain data, every value checked.

        Raises:
            KindError: When a key is unknown or missing or a value does not fit.
        """
        settings = cls.settings()
        for key in values:
            if key not in settings:
                raise KindError(f"unknown key {key!r} in {cls.name()}", nearest(key, settings))
        for key, declared in settings.items():
            if declared.required and key not in values:
                raise KindError(f"{cls.name()} needs a value for {key!r}")
        entry = cls(**{key: settings[key].kind.parse(value) for key, value in values.items()})
        if entry.conflict():
            raise KindError(entry.conflict())
        return entry

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Nested(Kind):
    """A mapping that holds the settings of an entry of its own."""

    entry: type[Entry]

    def parse(self, value: Any) -> Entry:
        """Return the entry; one that is already built passes as it is."""
        if isinstance(value, self.entry):
            return value
        if not isinstance(value, Mapping):
            raise self.refuse(value)
        return self.entry.from_plain(value)

    def describe(self) -> str:
        """Return `a mapping with the keys ...`."""
        return f"a mapping with the keys {listed(self.entry.settings())}"

    def schema(self) -> dict[str, Any]:
        """Return an object schema with the entry's settings as properties."""
        settings = self.entry.settings()
        required = [name for name, declared in settings.items() if declared.required]
        return {
            "type": "object",
            "properties": {
                name: {**declared.kind.schema(), "description": declared.doc}
                for name, declared in settings.items()
            },
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Entry):
        return {"type": value.name(), **value.plain()} if value.typed else value.plain()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


class UnknownName(LookupError):
    """A table has no such row; `help` offers the nearest, `notes` lists all."""

    def __init__(self, what: str, name: str, names: list[str]) -> None:
        super().__init__(f"unknown {what} {name!r}")
        self.message = f"unknown {what} {name!r}"
        self.help = nearest(name, names)
        plural = f"{what}es" if what.endswith("s") else f"{what}s"
        listing = plural.replace(" types", "s")
        many = f"there are {len(names)} {plural}; graphnet list {listing} shows them"
        self.note = many if len(names) > MANY else f"{plural}: {listed(names)}"


class Table(Mapping[str, type[E]], Generic[E]):
    """A literal, ordered, read-only registry of entries of one kind."""

    def __init__(self, what: str, rows: list[type[E]]) -> None:
        """Build the table.

        Args:
            what: Singular word for a row, for messages: `layer`, `loss`.
            rows: The entries, in the order they are listed to users.

        Raises:
            ValueError: When two rows have the same name.
        """
        self.what = what
        self._rows: dict[str, type[E]] = {}
        for row in rows:
            if row.name() in self._rows:
                raise ValueError(f"{what} {row.name()!r} stands twice in its table")
            self._rows[row.name()] = row

    def __getitem__(self, name: str) -> type[E]:
        try:
            return self._rows[name]
        except KeyError:
            raise UnknownName(self.what, name, list(self._rows)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
