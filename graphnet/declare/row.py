"""Row: a kind whose values are rows of a table: `NAME`, or `{type: NAME, ...}` with the row's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphnet.declare.entry import Entry, Nested, Table, UnknownName
from graphnet.declare.kinds import Kind, KindError


@dataclass(frozen=True)
class Row(Kind):
    """An entry of a table, which is only looked up when a value is read: its rows may be declared later."""

    table: Callable[[], Table[Any]]

    def parse(self, value: Any) -> Entry:
        """Return the entry; one that is already built passes as it is."""
        if isinstance(value, Entry) and value.name() in self.table():
            return value
        plain = {"type": value} if isinstance(value, str) else value
        if not isinstance(plain, Mapping) or not isinstance(plain.get("type"), str):
            raise self.refuse(value)
        try:
            row: type[Entry] = self.table()[plain["type"]]
        except UnknownName as unknown:
            raise KindError(unknown.message, unknown.help) from unknown
        return row.from_plain({key: item for key, item in plain.items() if key != "type"})

    def describe(self) -> str:
        """Return for example `one optimizer, such as SGD`."""
        table = self.table()
        return f"one {table.what}, such as {next(iter(table))}"

    def schema(self) -> dict[str, Any]:
        """Return the schema of a name, or of a mapping with `type` and its settings."""
        rows = self.table()
        return {"anyOf": [{"enum": list(rows)}, *(_variant(row) for row in rows.values())]}


def _variant(row: type[Entry]) -> dict[str, Any]:
    schema = Nested(row).schema()
    schema["properties"] = {"type": {"const": row.name()}, **schema["properties"]}
    schema["required"] = ["type", *schema.get("required", [])]
    return schema
