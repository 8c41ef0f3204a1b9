"""Problems: what is wrong with one spec, gathered so that all of it is reported at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from graphnet.errors import (
    GraphNetError,
    Position,
    SpecError,
    SpecErrors,
    nearest_name,
    raise_all,
)

_LONGEST = 300
"""Most characters of a message, a label, a help or a note."""
_COMPARISONS = 50_000
"""Names compared for suggestions, in all; a spec with thousands of typos must not take minutes."""
_MOST = 1000
"""Problems after which reading stops; a spec that is none must not be read to its end."""
_READING = frozenset({"GN103", "GN110", "GN111", "GN112", "GN119"})
"""Problems of a value itself, after which nothing else at its place is worth saying."""


class Problems:
    """Gathers errors; each place and message once."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], GraphNetError] = {}
        self._unreadable: set[tuple[object, ...]] = set()
        self._comparisons = 0

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> Sequence[GraphNetError]:
        """What was gathered, in the order found."""
        return list(self._found.values())

    def add(
        self,
        code: str,
        message: str,
        where: Position | None,
        *,
        label: str = "",
        help: str = "",  # noqa: A002 - as in GraphNetError
        notes: Iterable[str] = (),
    ) -> None:
        """Add a problem of the spec."""
        self.take(
            SpecError(
                code,
                _shortened(message),
                where=where,
                label=_shortened(label),
                help=_shortened(help),
                notes=[_shortened(note) for note in notes],
            )
        )

    def take(self, error: GraphNetError) -> None:
        """Add an error that is already built.

        Raises:
            SpecErrors: All problems so far, when there are very many.
        """
        if isinstance(error, SpecErrors):
            return  # raised below, on its way through those who gather
        where = error.where
        place = (where.file, where.line, where.column) if where else (id(error),)
        if error.code in _READING:
            self._unreadable.add(place)
        elif place in self._unreadable:
            return
        self._found.setdefault((error.code, error.message, *place), error)
        if len(self._found) >= _MOST:
            raise SpecErrors(self.errors)

    def silence(self, where: Position) -> None:
        """Say nothing more about a place: what is wrong with its value was said elsewhere."""
        self._unreadable.add((where.file, where.line, where.column))

    def is_silent(self, where: Position) -> bool:
        """Whether what is wrong with the value at a place was said already."""
        return (where.file, where.line, where.column) in self._unreadable

    def nearest(self, name: str, valid: Collection[str]) -> str:
        """Return a sentence that offers the valid name most like `name`, or an empty string."""
        found = self.nearest_name(name, valid)
        return f"did you mean {found!r}?" if found else ""

    def nearest_name(self, name: str, valid: Collection[str]) -> str:
        """Return the valid name most like `name`, or an empty string."""
        self._comparisons += len(valid)
        return nearest_name(name, valid) if self._comparisons <= _COMPARISONS else ""

    def raise_all(self) -> None:
        """Raise what was gathered.

        Raises:
            GraphNetError: The only problem there is.
            SpecErrors: When there are several.
        """
        raise_all(self.errors)


def _shortened(text: str) -> str:
    """Return a text cut in the middle where it is very long."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST * 2 // 3]} ... {text[-_LONGEST // 3 :]}"
