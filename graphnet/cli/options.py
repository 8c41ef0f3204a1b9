"""Options that commands share, and values with a `did you mean`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import click

from graphnet.errors import listed, nearest

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Output:
    """How a command talks.

    Attributes:
        json: Print one JSON document in place of text.
        quiet: Print results only.
        verbose: Print more.
        color: `auto`, `always` or `never`.
    """

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"


class NearChoice(click.Choice):  # type: ignore[type-arg]  # generic only in newer click
    """One of a few words; a wrong one is answered with the nearest."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(list(choices))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the word."""
        if value not in self.choices:
            self._refuse(str(value), param, ctx)
        return value

    def _refuse(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        cure = nearest(value, self.choices)
        self.fail(f"{value!r} is not one of {listed(self.choices)}. {cure}".strip(), param, ctx)


class Size(click.ParamType):  # type: ignore[type-arg]  # generic only in newer click
    """A number of bytes: `500MB`, `8GiB`, `1024`."""

    name = "size"
    _UNITS: ClassVar = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", str(value).strip().lower())
        if match is None:
            self.fail(f"{value!r} is not a size; write for example 500MB or 8GiB", param, ctx)
        step = 1024 if match[3] else 1000
        return int(float(match[1]) * step ** self._UNITS[match[2]])


def parse_settings(
    ctx: click.Context, param: click.Parameter, values: Sequence[str]
) -> dict[str, str]:
    """Turn `--set KEY=VALUE` options into overrides."""
    overrides: dict[str, str] = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE, as in optimizer.lr=3e-4")
        overrides[key] = text
    return overrides


def settings_option(function: F) -> F:
    """Add `--set KEY=VALUE`."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        callback=parse_settings,
        help="Put a value in place of the spec's, e.g. --set optimizer.lr=3e-4.",
    )(function)


def output_options(function: F) -> F:
    """Add `--format`, `-q`, `-v`, `--debug` and `--color`, handed over as one `output`."""

    def gather(ctx: click.Context, param: click.Parameter, value: str) -> Output:
        found = ctx.params
        return Output(
            json=value == "json",
            quiet=bool(found.pop("quiet", False)),
            verbose=bool(found.pop("verbose", False)),
            color=str(found.pop("color", None) or "auto"),
        )

    decorators = [
        click.option("-q", "--quiet", is_flag=True, is_eager=True, help="Print results only."),
        click.option("-v", "--verbose", is_flag=True, is_eager=True, help="Print more."),
        click.option(
            "--debug", is_flag=True, expose_value=False, help="Show tracebacks of errors."
        ),
        click.option(
            "--color",
            type=NearChoice(("auto", "always", "never")),
            is_eager=True,
            help="Colour on terminals (auto), always or never.",
        ),
        click.option(
            "--format",
            "output",
            type=NearChoice(("text", "json")),
            default="text",
            callback=gather,
            help="Print text for people, or one JSON document.",
        ),
    ]
    for decorator in reversed(decorators):
        function = decorator(function)
    return function
