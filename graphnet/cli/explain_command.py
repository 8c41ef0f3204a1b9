"""`graphnet explain`: the long story of an error code."""

from __future__ import annotations

import re
from importlib import resources

import click

from graphnet.cli.options import Output, output_options

_HEADING = re.compile(r"^## (GN\d{3}) (.*)$", re.MULTILINE)


def explanations() -> dict[str, tuple[str, str]]:
    """Return title and text of every code, read from `explanations.md`."""
    text = resources.files("graphnet").joinpath("explanations.md").read_text("utf-8")
    pieces = _HEADING.split(text)
    return {
        code: (title.strip(), body.strip())
        for code, title, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True)
    }


@click.command("explain")
@click.argument("code")
@output_options
def command(code: str, output: Output) -> None:
    """Explain an error CODE such as GN104: what it means and how to cure it."""
    from graphnet.cli.console import Voice
    from graphnet.errors import UsageError, nearest

    voice = Voice(output)
    known = explanations()
    wanted = f"GN{code}" if code.isdecimal() else code.upper()
    if wanted not in known:
        raise UsageError(
            "GN706",
            f"there is no error {code!r}",
            help=nearest(wanted, known),
            notes=[f"codes run from {min(known)} to {max(known)}"],
        )
    title, body = known[wanted]
    voice.say(f"{wanted}: {title}\n\n{body}")
    voice.result({"code": wanted, "title": title, "text": body})
    voice.next("check", "SPEC")
