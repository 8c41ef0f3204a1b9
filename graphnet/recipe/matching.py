"""Which columns or arrays of a source feed which input or target, told from names and sizes alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from graphnet.errors import listed, nearest
from graphnet.recipe.data import Source

Chosen = dict[str, tuple[str, ...]]
SAMPLE_WEIGHT = "sample_weight"
"""Name of the target that says how much each sample counts; 1 where the data do not say."""


class MatchError(ValueError):
    """Columns cannot be matched; with the smallest cure and what there is.

    Attributes:
        namesake: Declaration that a column has the name of, but not the size; empty where there is none.
    """

    def __init__(
        self,
        message: str,
        help: str,  # noqa: A002 - as in GraphNetError
        notes: Iterable[str] = (),
        namesake: str = "",
    ) -> None:
        super().__init__(message)
        self.message, self.help, self.notes = message, help, tuple(notes)
        self.namesake = namesake


class Wanted(Protocol):
    """An input or target, as far as matching looks at it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def size(self) -> int:
        """Numbers per sample."""


def match(
    columns: Mapping[str, int],
    word: str,
    source: Source,
    inputs: Sequence[Wanted],
    targets: Sequence[Wanted],
) -> Chosen:
    """Return the columns of every declaration, as the source maps them or as only one fit exists.

    Where the source maps nothing, a column of the same name and size is taken; if then a single
    declaration is left and the columns left are exactly as many as it has numbers (or one array of
    its size), these are taken in order. A target called `sample_weight` is read from the source's
    `weights`, and from nothing where there are none.

    Args:
        columns: Numbers per sample by column, in the order of the source.
        word: What a column is called: column or array.
        source: Its `inputs`, `targets` and `weights`.
        inputs: Every input of the network.
        targets: Every target; empty for prediction.

    Raises:
        MatchError: When a mapping does not name what is declared, or no single fit exists.
    """
    given = source.targets or {}
    plain = [t for t in targets if t.name != SAMPLE_WEIGHT or SAMPLE_WEIGHT in given]
    chosen = _given(columns, word, "inputs", source.inputs, inputs)
    if plain:
        chosen |= _given(columns, word, "targets", source.targets, plain)
    if source.weights is not None and len(plain) < len(targets):
        chosen[SAMPLE_WEIGHT] = (source.weights,)
    used = {column for names in chosen.values() for column in names}
    left = [declared for declared in (*inputs, *plain) if declared.name not in chosen]
    for declared in left:
        if columns.get(declared.name) == declared.size:
            chosen[declared.name] = (declared.name,)
            used.add(declared.name)
    left = [declared for declared in left if declared.name not in chosen]
    if not left:
        return chosen
    free = [column for column in columns if column not in used]
    if len(left) > 1 or not _fills(columns, free, left[0]):
        raise _no_fit(word, left, free, plain)
    return chosen | {left[0].name: tuple(free)}


def _given(
    columns: Mapping[str, int],
    word: str,
    section: str,
    mapping: Mapping[str, Any] | None,
    declarations: Sequence[Wanted],
) -> Chosen:
    """Return one explicit mapping, checked against what is declared."""
    if mapping is None:
        return {}
    names = [declared.name for declared in declarations]
    for name in mapping:
        if name not in names:
            raise MatchError(
                f"the data map {section[:-1]} {name!r}, which the network does not have",
                nearest(name, names),
                [f"{section}: {listed(names)}"],
            )
    for name in names:
        if name not in mapping:
            raise MatchError(
                f"the data map nothing to {section[:-1]} {name!r}",
                f"add {name!r} to `{section}` of the data source",
                [f"{word}s: {listed(columns)}" if columns else f"it has no {word}s"],
            )
    return {
        name: (names,) if isinstance(names, str) else tuple(names)
        for name, names in mapping.items()
    }


def _fills(columns: Mapping[str, int], free: Sequence[str], declared: Wanted) -> bool:
    """Tell whether the columns left are exactly the numbers of the declaration left."""
    single = len(free) == 1 and columns[free[0]] == declared.size
    return single or (len(free) == declared.size and all(columns[column] == 1 for column in free))


def _no_fit(
    word: str, left: Sequence[Wanted], free: Sequence[str], targets: Sequence[Wanted]
) -> MatchError:
    first = left[0]
    role = "target" if first in targets else "input"
    wanted = "one column" if first.size == 1 else f"{first.size} columns"
    shown = [*free[: first.size], *["NAME"] * first.size][: min(first.size, 3)]
    some = ", ".join(shown if first.size <= 3 else [*shown[:2], "..."])
    example = some if first.size == 1 else f"[{some}]"
    return MatchError(
        f"cannot tell which {word}s are the {role} {first.name!r}",
        f"say it in the data source: {role}s: {{{first.name}: {example}}}",
        [
            f"it takes {wanted}; {word}s left: {listed(free) or 'none'}",
            f"also open: {listed(other.name for other in left[1:])}" if left[1:] else "",
        ],
        next((declared.name for declared in left if declared.name in free), ""),
    )
