"""Show errors: as text with a caret, or as one JSON document."""

from __future__ import annotations

import json
import sys
from contextlib import suppress

from graphnet.cli.console import console_for, printable, wants_color
from graphnet.cli.options import Output
from graphnet.errors import GraphNetError, SpecErrors


def show_error(error: GraphNetError, *, as_json: bool, output: Output | None = None) -> None:
    """Print an error, or all problems of a spec, on stderr; in JSON also on stdout."""
    problems = as_dicts(error)
    if as_json:
        sys.stdout.write(json.dumps({"errors": problems}, indent=2) + "\n")
    text = _printable(f"{error}{count_line(len(problems), error)}")
    with suppress(OSError):  # where nobody hears it, the exit code still tells
        _write(text, output or Output())


def _write(text: str, output: Output) -> None:
    if not wants_color(sys.stderr, output.color):
        sys.stderr.write(f"{text}\n")
        return
    console = console_for(sys.stderr, output)
    for line in text.splitlines():
        console.print(line, style=_style(line), soft_wrap=True)


def as_dicts(error: GraphNetError) -> list[dict[str, object]]:
    """Return an error, or all problems of a spec, as plain data."""
    problems = error.problems if isinstance(error, SpecErrors) else (error,)
    return [problem.as_dict() for problem in problems]


def count_line(count: int, error: GraphNetError) -> str:
    """Return how many errors there were, for those of a spec."""
    if not isinstance(error, SpecErrors) and not error.code.startswith(("GN1", "GN2")):
        return ""
    word = "error" if count == 1 else "errors"
    return f"\n{count} {word}; nothing was written"


def _printable(text: str) -> str:
    """Return the text without characters that stderr cannot show or that would steer a terminal."""
    encoding = sys.stderr.encoding or "ascii"
    return printable(text).encode(encoding, "backslashreplace").decode(encoding)


def _style(line: str) -> str:
    if line.startswith("error["):
        return "bold red"
    if line.lstrip().startswith("= help"):
        return "green"
    return "cyan" if "-->" in line else ""
