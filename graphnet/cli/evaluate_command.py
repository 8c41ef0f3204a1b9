"""`graphnet evaluate`: loss and metrics of a run over a whole set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, output_options

if TYPE_CHECKING:
    from graphnet.data import Samples
    from graphnet.training import SavedRun


@click.command("evaluate")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--data",
    metavar="PART_OR_PATH",
    help="train, validation or test, or a file  [every part of the spec]",
)
@output_options
def command(run: Path, data: str | None, output: Output) -> None:
    """Judge RUN, a run's directory or one of its checkpoints, by loss and metrics over whole sets."""
    from graphnet.cli.console import Voice, shown
    from graphnet.cli.train_report import results_table, say_confusions
    from graphnet.training import Evaluator, metrics_of, open_saved

    voice = Voice(output)
    saved = open_saved(run)
    metrics = metrics_of(saved.program)
    results = {
        name: Evaluator(saved.executable, samples, metrics, saved.thresholds).run()
        for name, samples in _sets(saved, data).items()
    }
    plain: dict[str, Any] = {
        "name": saved.program.name,
        "checkpoint": str(saved.checkpoint),
        "loss": {name: result["loss"] for name, result in results.items()},
        "metrics": {
            name: {key: value for key, value in result.items() if key != "loss"}
            for name, result in results.items()
        },
    }
    voice.say(f"{saved.program.name} from {shown(saved.checkpoint)}")
    voice.say(results_table(voice, plain))
    say_confusions(voice, plain, classes_of(saved))
    voice.result(plain)
    voice.next("predict", run, "--input", "FILE")


def classes_of(saved: SavedRun) -> tuple[str, ...]:
    """Return the names of the classes of the target that is judged, where it has any."""
    judgement = saved.program.judgement
    return saved.classes(judgement.target) if judgement and judgement.target else ()


def _sets(saved: SavedRun, data: str | None) -> dict[str, Samples]:
    """Return the sets to judge: all parts, one of them, or a file read as the training set is."""
    from graphnet.errors import UsageError, listed
    from graphnet.recipe import PARTS
    from graphnet.training import load_part, load_parts

    if data is None or data in PARTS:
        present = load_parts(saved.program, saved.folder, saved.prepared).present()
        if data is None:
            return dict(present)
        if data not in present:
            raise UsageError(
                "GN720",
                f"the spec of this run has no {data} set",
                notes=[f"it has {listed(present)}"],
            )
        return {data: present[data]}
    source = saved.source(data, targets=True)
    return {Path(data).name: load_part(saved.program, source, Path(), saved.prepared)}
