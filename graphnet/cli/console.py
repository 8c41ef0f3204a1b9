"""Consoles: results to stdout, messages to stderr; colour and line drawing only where they are welcome."""

from __future__ import annotations

import json
import os
import sys
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

    colored = wants_color(stream, output.color)
    return Console(
        file=stream,
        force_terminal=colored,
        no_color=not colored,
        color_system="auto" if colored else None,
        highlight=False,
        soft_wrap=not stream.isatty(),
        width=None if stream.isatty() else 120,
        emoji=False,
        markup=False,
    )


def plain_text(stream: TextIO) -> bool:
    """Whether only ASCII can be printed."""
    try:
        "─│●".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


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
            sys.stdout.write(json.dumps(document, indent=2) + "\n")

    def say(self, *parts: Any, style: str | None = None) -> None:
        """Print a part of the result for people."""
        if not self.output.json:
            self.out.print(*parts, style=style)

    def note(self, text: str) -> None:
        """Print a message for people, unless quiet."""
        if not self.output.quiet:
            self.err.print(text, style="dim")

    def warn(self, text: str) -> None:
        """Print a warning."""
        self.err.print(f"warning: {text}", style="yellow")

    def next(self, command: str) -> None:
        """Name the next useful command."""
        self.note(f"next: {command}")

    def table(self, columns: list[tuple[str, str]], title: str = "") -> Table:
        """Return an empty table.

        Args:
            columns: Heading and justification (`left` or `right`) of each.
            title: What stands above it.
        """
        from rich import box
        from rich.table import Table

        lines = box.ASCII2 if plain_text(sys.stdout) else box.SIMPLE_HEAD
        table = Table(box=lines, title=title or None, title_justify="left", pad_edge=False)
        for heading, justify in columns:
            kind: Any = justify
            table.add_column(heading, justify=kind, overflow="fold")
        return table
