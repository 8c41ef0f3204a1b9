"""Every exception graphnet raises: one base, stable codes, and the text a user reads.

A code is never reused. Its first digit names the stage: 1 spec, 2 graph and shapes, 3 data,
4 programs and checkpoints, 5 environment, 6 numerics, 7 command line and Python calls, 9 a bug in
graphnet.
`graphnet explain CODE` prints the long story of each, from `explanations.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphnet.wording import article as article  # noqa: PLC0414 - offered here too
from graphnet.wording import counted as counted  # noqa: PLC0414 - offered here too
from graphnet.wording import listed as listed  # noqa: PLC0414 - offered here too
from graphnet.wording import nearest as nearest  # noqa: PLC0414 - offered here too
from graphnet.wording import nearest_name as nearest_name  # noqa: PLC0414 - offered here too
from graphnet.wording import nearest_path as nearest_path  # noqa: PLC0414 - offered here too


@dataclass(frozen=True)
class Position:
    """A place in a text: where a value was written.

    Attributes:
        file: Path as the user gave it, or `--set KEY=VALUE`, or `<mapping>: a.b` for Python input.
        line: 1-based line; 0 where the text has no lines (Python input, `--set`).
        column: 1-based column, in characters; 0 where there is none. Without a line it counts in
            `file` itself.
        end_column: Column after the last character, on the same line.
        source: The whole source line, for the caret drawing.
    """

    file: str
    line: int = 0
    column: int = 0
    end_column: int = 0
    source: str = ""


class GraphNetError(Exception):
    """The base of all graphnet errors.

    Attributes:
        code: Stable code such as `GN104`.
        message: What is wrong, one line, in the user's words.
        where: Place in the source text, or None.
        label: What the caret says.
        help: The smallest cure, or an empty string.
        notes: What is allowed, and what was left untouched.
    """

    exit_code = 1

    def __init__(
        self,
        code: str,
        message: str,
        *,
        where: Position | None = None,
        label: str = "",
        help: str = "",  # noqa: A002 - the field is called help wherever errors are shown
        notes: Iterable[str] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where
        self.label = label
        self.help = help
        self.notes = tuple(note for note in notes if note)

    @property
    def file(self) -> str | None:
        """File the error points into, or None."""
        return self.where.file if self.where else None

    @property
    def line(self) -> int | None:
        """1-based line, or None where there is none."""
        return self.where.line or None if self.where else None

    @property
    def column(self) -> int | None:
        """1-based column, or None where there is none."""
        return self.where.column or None if self.where else None

    def __str__(self) -> str:
        head = f"error[{self.code}]: {self.message}"
        return "\n".join([head, *_pointer(self.where, self.label), *self._trailer()])

    def _trailer(self) -> list[str]:
        margin = _margin(self.where)
        # Where no caret can be drawn, what it would have said is said here.
        said = "" if self.where and self.where.column else self.label
        parts = [("help", self.help), *(("note", note) for note in (said, *self.notes))]
        return [f"{margin} = {kind}: {text}" for kind, text in parts if text]

    def as_dict(self) -> dict[str, object]:
        """Return the error as plain data, for `--format json`."""
        where = self.where
        return {
            "code": self.code,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "end_column": where.end_column or None if where else None,
            "label": self.label or None,
            "help": self.help or None,
            "notes": list(self.notes),
        }


_WIDTH = 120
"""Most characters of a source line that are shown."""


def _margin(where: Position | None) -> str:
    """Return as many spaces as the line number has digits."""
    return " " * len(str(where.line)) if where and where.line else "  "


def _pointer(where: Position | None, label: str) -> list[str]:
    """Draw the place: file, line, the source line and a caret below it."""
    if where is None:
        return []
    margin = _margin(where)
    head = f"{margin}--> "
    if not where.line:
        drawn = _underlined(where.file, where, label)
        line, caret = drawn if where.column else (_printable(where.file), "")
        return [head + line] + ([" " * len(head) + caret] if caret else [])
    head += f"{_printable(where.file)}:{where.line}:{where.column}"
    if not where.source.strip():
        return [head]
    line, caret = _underlined(where.source, where, label)
    return [head, f"{margin} |", f"{where.line} | {line}".rstrip(), f"{margin} | {caret}"]


def _printable(text: str) -> str:
    """Return a text without what could steer a terminal, as long as before."""
    return "".join(char if char.isprintable() or char == "\t" else "?" for char in text)


def _underlined(line: str, where: Position, label: str) -> tuple[str, str]:
    """Return a line, cut around the place where it is too long, and the carets below it."""
    start, end = where.column - 1, max(where.column, where.end_column - 1)
    first = 0 if len(line) <= _WIDTH else max(0, start - _WIDTH // 3)
    shown = _printable(line[first : first + _WIDTH])
    if first:
        shown = "..." + shown[3:]
    if first + _WIDTH < len(line):
        shown = shown[:-3] + "..."
    # A tab before the caret is repeated as a tab, so that the caret stands below its word.
    before = "".join("\t" if char == "\t" else " " for char in shown[: start - first])
    carets = "^" * max(1, min(end - first, _WIDTH) - (start - first))
    return shown, f"{before}{carets} {label}".rstrip()


class SpecError(GraphNetError, ValueError):
    """The spec is wrong (GN1xx)."""


class GraphError(SpecError):
    """The network cannot be built or its shapes do not fit (GN2xx)."""


class DataError(GraphNetError, ValueError):
    """A data file or an array given to the network is wrong (GN3xx).

    Attributes:
        missing: The column or array that is named and not there, or an empty string.
    """

    missing = ""


class ArtifactError(GraphNetError, ValueError):
    """A Program or a checkpoint is damaged, foreign or does not fit (GN4xx)."""


class ResourceError(GraphNetError, RuntimeError):
    """The environment refuses: disk, permission, lock, memory, a missing program (GN5xx)."""

    exit_code = 4


class NumericError(GraphNetError, ArithmeticError):
    """Training became non-finite (GN6xx).

    Attributes:
        layer: The layer that is to blame, or an empty string.
        spoiled: Whether an update before left something that is not finite.
    """

    exit_code = 3
    layer = ""
    spoiled = False


class UsageError(GraphNetError, ValueError):
    """A command or a Python call was put wrongly (GN7xx)."""

    exit_code = 2


class UnknownNameError(UsageError, KeyError):
    """A Python call names what there is not (GN7xx)."""


class ReadOnlyError(UsageError, TypeError):
    """A Python call replaces what can only be filled (GN7xx)."""


class NotCallableError(UsageError, TypeError):
    """A Python call is made of what is a value (GN7xx)."""


class InternalError(GraphNetError, RuntimeError):
    """A bug in graphnet (GN9xx)."""

    exit_code = 70


class SpecErrors(SpecError):
    """All problems of one spec, in the order of their lines.

    The fields of the base are those of the first problem; `problems` has them all.
    """

    LIMIT = 20

    def __init__(self, problems: Sequence[GraphNetError]) -> None:
        ordered = sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))
        first = ordered[0]
        super().__init__(
            first.code,
            first.message,
            where=first.where,
            label=first.label,
            help=first.help,
            notes=first.notes,
        )
        self.problems = tuple(ordered)

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[: self.LIMIT]]
        hidden = len(self.problems) - len(shown)
        if hidden:
            shown.append(f"(and {hidden} more)")
        return "\n\n".join(shown)


_LAYER = re.compile(r"layer '[^']*'")


def _told_once(problems: Sequence[GraphNetError]) -> list[GraphNetError]:
    """Return the first of all problems that say the same of one place, with a note on how many there are."""
    alike: dict[tuple[object, ...], list[GraphNetError]] = {}
    for problem in problems:
        where = problem.where
        place = (where.file, where.line, where.column) if where else (id(problem),)
        said = problem.label or _LAYER.sub("", problem.message)
        alike.setdefault((problem.code, said, problem.help, *place), []).append(problem)
    for first, *others in alike.values():
        if others:
            first.notes += (f"found {1 + len(others)} times, as often as this is used",)
    return [same[0] for same in alike.values()]


def raise_all(problems: Sequence[GraphNetError]) -> None:
    """Raise what was gathered: nothing, the only problem, or all of them together.

    What is wrong with a line of a block is said once, however often the block is used.

    Raises:
        GraphNetError: The only problem there is.
        SpecErrors: When there are several.
    """
    problems = _told_once(problems)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise SpecErrors(problems)
