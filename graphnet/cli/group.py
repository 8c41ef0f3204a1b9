"""LazyGroup: commands are listed without being imported, so that help is quick."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "new": "Write a spec to start from.",
    "compile": "Compile a spec to a program and show what it will cost.",
    "train": "Train a spec or a compiled program.",
    "resume": "Go on with a run, or verify that going on gives the same bits.",
    "sweep": "Train a spec with many settings and name the best.",
    "runs": "List runs and what they came to.",
    "diff": "Say what differs between two specs or runs, and what follows.",
    "lr-find": "Find a learning rate by raising it.",
    "evaluate": "Judge a run on a whole set.",
    "predict": "Compute a run's outputs for a file.",
    "draw": "Draw a network.",
    "plot": "Draw what a run recorded and decides.",
    "report": "Write a run as one page.",
    "inspect": "Look at what the compiler made.",
    "trace": "Follow one step with real numbers.",
    "check": "Check specs without side effects.",
    "bench": "Time the training step, beside PyTorch where it is there.",
    "list": "List what exists: layers, losses, optimizers, ...",
    "explain": "Explain an error code.",
    "schema": "Print the JSON Schema of specs, for editors.",
}
"""Every command with its one line of help; `graphnet/cli/NAME_command.py` holds it."""


class LazyGroup(click.Group):
    """A group whose commands are modules, imported when one is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"graphnet.cli.{cmd_name.replace('-', '_')}_command")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which name is nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from graphnet.errors import nearest

            cure = nearest(args[0], COMMANDS) if args else ""
            raise click.UsageError(f"no such command {args[0]!r}. {cure}".strip(), ctx) from None
