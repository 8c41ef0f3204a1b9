"""`graphnet new`: a spec to start from, which trains as it is."""

from __future__ import annotations

from pathlib import Path

import click

from graphnet.cli.options import NearChoice, Output, output_options

TEMPLATES = {
    "classifier": "Points of three classes in the plane.",
    "regressor": "A curve through noisy points.",
    "images": "Small pictures of two classes, with convolutions.",
    "sequences": "Sequences of symbols that a recurrent network turns around.",
}
"""Every template with its one line; `graphnet/templates/NAME.yaml` holds it."""


@click.command("new")
@click.argument("name")
@click.option(
    "--template",
    type=NearChoice(tuple(TEMPLATES)),
    default="classifier",
    show_default=True,
    help="; ".join(f"{name}: {about}" for name, about in TEMPLATES.items()),
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@output_options
def command(name: str, template: str, force: bool, output: Output) -> None:
    """Write NAME.yaml, a spec to start from. It has data of its own, and trains as it is."""
    from graphnet.cli.console import Voice, shown
    from graphnet.errors import ResourceError
    from graphnet.program import write_atomically
    from graphnet.spec import read_spec_text

    voice = Voice(output)
    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    if path.exists() and not force:
        raise ResourceError(
            "GN516",
            f"there is a file {str(path)!r} already",
            help="choose another name, or write over it with --force",
            notes=["nothing was written"],
        )
    text = template_text(template).replace("name: NAME\n", f"name: {_named(path)}\n")
    read_spec_text(text, str(path))  # the name comes from the user, and may be none for a spec
    write_atomically(path, text.encode())
    voice.result({"file": str(path), "template": template})
    voice.say(f"wrote {shown(path)}")
    voice.next("train", path)


def template_text(template: str) -> str:
    """Return the text of a template."""
    file = Path(__file__).parents[1] / "templates" / f"{template}.yaml"
    return file.read_text("utf-8")


def _named(path: Path) -> str:
    """Return a file's stem as a name that a spec may have."""
    from graphnet.spec import name_from_stem

    return name_from_stem(path.stem)
