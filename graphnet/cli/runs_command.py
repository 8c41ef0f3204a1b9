"""`graphnet runs`: the runs there are and what they came to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, output_options

if TYPE_CHECKING:
    from graphnet.cli.console import Voice

FIXED = ("run", "status", "epochs", "updates", "seconds")
LAST = "when"
LEAST = ("updates", "seconds", LAST, "epochs")
"""What is left out first where the terminal is narrow."""
FEW = 2
"""Columns of numbers, unless asked for more."""


@click.command("runs")
@click.argument("name", required=False)
@click.option("--sort", metavar="KEY", help="Sort by a column, e.g. train.loss  [by run]")
@click.option("--reverse", is_flag=True, help="Largest first.")
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="KEY=VALUE",
    help="Only runs that meet it: status=finished, 'validation.loss<0.3'.",
)
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option(
    "--runs-dir",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where runs are.",
)
@output_options
def command(
    name: str | None,
    sort: str | None,
    reverse: bool,
    conditions: tuple[str, ...],
    limit: int | None,
    runs_dir: Path,
    output: Output,
) -> None:
    """List runs, those of NAME or all: how each ended, and its loss and metrics.

    Columns are called PART.NUMBER, as in validation.loss or test.accuracy; -v shows all of them.
    """
    from graphnet.cli.console import Voice
    from graphnet.training import keep_runs, list_runs, order_runs

    voice = Voice(output)
    rows = keep_runs(list_runs(runs_dir, name), conditions)
    if sort is not None:
        rows = order_runs(rows, sort, reverse=reverse)
    elif reverse:
        rows.reverse()
    rows = rows[:limit]
    voice.result({"runs": rows})
    if not rows:
        voice.note(f"no runs in {runs_dir}" + (f" of {name}" if name else ""))
        voice.next("train", "SPEC")
        return
    say_runs(voice, rows)
    voice.next("evaluate", rows[0]["run"])


def say_runs(voice: Voice, rows: list[dict[str, Any]]) -> None:
    """Print a row per run: the numbers of validation where there are any, else of training."""
    keys = list(dict.fromkeys(key for row in rows for key in row if "." in key))
    if not voice.output.verbose:
        judged = "validation." if any(key.startswith("validation.") for key in keys) else "train."
        keys = [key for key in keys if key.startswith(judged) or key == "train.loss"][:FEW]
    shown = (*FIXED, *keys, LAST)
    table, hidden = voice.fitting(
        [(key, "left" if key in ("run", "status", LAST) else "right") for key in shown],
        [{key: _cell(key, row.get(key)) for key in shown} for row in rows],
        [*LEAST, *reversed(keys), "status"],
    )
    voice.say(table)
    if hidden:
        voice.note(f"the terminal is too narrow for {', '.join(hidden)} (-v shows them)")


def _cell(key: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.2f}" if key == "seconds" else f"{value:.4g}"
    return value[:16] if key == LAST else f"{value:,}" if isinstance(value, int) else str(value)
