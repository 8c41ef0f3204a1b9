"""`graphnet schema`: the JSON Schema of specs."""

from __future__ import annotations

import json

import click


@click.command("schema")
@click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks of errors.")
def command() -> None:
    """Print the JSON Schema (draft 7) of specs.

    Editors complete and check specs by it: save it as graphnet.schema.json and begin a spec with
    `# yaml-language-server: $schema=graphnet.schema.json`.
    """
    from graphnet.spec import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
