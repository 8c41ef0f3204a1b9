"""Consoles: results to stdout, messages to stderr; colour and line drawing only where they are welcome."""

from __future__ import annotations

import json
import math
import os
import re
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from graphnet.cli.options import Output

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def wants_color(stream: TextIO, choice: str) -> bool:
    """Decide by --color, then NO_COLOR, then FORCE_COLOR, then whether it is a capable terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def console_for(stream: TextIO, output: Output) -> Console:
    """Return a console that writes to a stream as the options and the environment ask."""
    from rich.console import Console

    class PipedConsole(Console):
        """A console that leaves it to the command what happens when its reader has gone."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    colored = wants_color(stream, output.color)
    capable = stream.isatty() and os.environ.get("TERM") != "dumb"
    return PipedConsole(
        file=stream,
        force_terminal=colored or capable,
        no_color=not colored,
        color_system="auto" if colored else None,
        highlight=False,
        soft_wrap=not stream.isatty(),
        width=None if stream.isatty() else 120,
        emoji=False,
        markup=False,
    )


def plain_text(stream: TextIO) -> bool:
    """Whether only ASCII is to be printed: into files and pipes, and where nothing else can be."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return True
    try:
        "─│●".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def printable(text: str) -> str:
    """Return a text without characters that would steer a terminal."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda found: f"\\x{ord(found[0]):02x}", text)


def shown(path: object) -> str:
    """Return a path as it is, or with what cannot be printed in it written as escapes."""
    text = str(path)
    return text if text.isprintable() else repr(text)


def finite(value: Any) -> Any:
    """Return plain data with null for every number that JSON cannot write."""
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


class Voice:
    """What a command says: results once, at the end; everything else on the side."""

    def __init__(self, output: Output) -> None:
        """Open both consoles."""
        self.output = output
        self.out = console_for(sys.stdout, output)
        self.err = console_for(sys.stderr, output)

    def result(self, document: Any) -> None:
        """Print the JSON document of a command, where one was asked for."""
        if self.output.json:
            text = json.dumps(finite(document), indent=2, allow_nan=False)
            sys.stdout.write(f"{text}\n")

    def say(self, *parts: Any) -> None:
        """Print a part of the result for people: texts and tables."""
        if not self.output.json:
            shown = (printable(part) if isinstance(part, str) else part for part in parts)
            self.out.print(*shown, crop=False)

    def tell(self, text: str, style: str | None = None) -> None:
        """Print a message; one that nobody can hear any more stops nothing."""
        with suppress(OSError):
            self.err.print(printable(text), style=style)

    def note(self, text: str) -> None:
        """Print a message for people, unless quiet."""
        if not self.output.quiet:
            self.tell(text, "dim")

    def warn(self, text: str) -> None:
        """Print a warning."""
        self.tell(f"warning: {text}", "yellow")

    def next(self, *words: object) -> None:
        """Name the next useful command, so that it can be copied into a shell."""
        line = shlex.join(["graphnet", *map(str, words)])
        self.note(f"next: {shown(line)}")

    def table(self, columns: list[tuple[str, str]], title: str = "") -> Table:
        """Return an empty table.

        Args:
            columns: Heading and justification (`left` or `right`) of each.
            title: What stands above it.
        """
        from rich import box
        from rich.table import Table

        lines = box.ASCII2 if plain_text(sys.stdout) else box.SIMPLE_HEAD
        edge = lines is box.ASCII2
        table = Table(box=lines, title=title or None, title_justify="left", pad_edge=edge)
        for heading, justify in columns:
            kind: Any = justify
            table.add_column(heading, justify=kind, overflow="fold")
        return table

    def fitting(
        self, columns: list[tuple[str, str]], rows: list[dict[str, str]], least: list[str]
    ) -> tuple[Table, list[str]]:
        """Return a table that breaks no word, and the columns it leaves out where the terminal is narrow.

        Args:
            columns: Heading and justification of each.
            rows: Cells by heading.
            least: What is left out, the first of them first; with -v, and into files, nothing is.
        """
        unbound = self.out.options.update(max_width=100_000)
        whole = self.output.verbose or not self.out.is_terminal
        for count in range(len(least) + 1):
            hidden = least[:count]
            kept = [column for column in columns if column[0] not in hidden]
            table = self.table(kept)
            for row in rows:
                table.add_row(*(row[heading] for heading, _ in kept))
            width = self.out.measure(table, options=unbound).maximum
            if whole or width <= self.out.width:
                break
        table.width = width
        return table, hidden
