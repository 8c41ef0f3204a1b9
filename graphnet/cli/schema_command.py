"""`graphnet schema`: the JSON Schema of specs."""

from __future__ import annotations

import json

import click

from graphnet.cli.options import Output, output_options


@click.command("schema")
@output_options
def command(output: Output) -> None:
    """Print the JSON Schema (draft 7) of specs.

    Editors complete and check specs by it: save it as graphnet.schema.json and begin a spec with
    `# yaml-language-server: $schema=graphnet.schema.json`.
    """
    from graphnet.cli.console import Voice
    from graphnet.spec import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
    Voice(output).next("check", "SPEC")
