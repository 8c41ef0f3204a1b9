"""`graphnet predict`: a run's outputs for a file of inputs."""

from __future__ import annotations

from pathlib import Path

import click

from graphnet.cli.options import Output, output_options


@click.command("predict")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--input", "source", required=True, help="File with the inputs, in any format of data sources."
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    help="File for the outputs, .csv, .npz or .npy  [csv on stdout]",
)
@output_options
def command(run: Path, source: str, target: Path | None, output: Output) -> None:
    """Compute the outputs of RUN, a run's directory or one of its checkpoints, for a file.

    Beside the raw outputs stand what they mean: the probability and the class, where the network
    decides between classes. Files larger than memory are worked on piece by piece.
    """
    from graphnet.cli.console import Voice, shown
    from graphnet.data import as_in_training, load_samples
    from graphnet.training import Predictions, declarations, open_saved

    voice = Voice(output)
    saved = open_saved(run)
    declared = saved.source(source, targets=False)
    inputs = declarations(saved.program.inputs)
    with as_in_training():
        samples = load_samples(declared, Path(), inputs, [], saved.prepared)
    predictions = Predictions(saved, samples)
    if target is None:
        if output.json:
            whole = predictions.named()
            voice.result({name: array.tolist() for name, array in whole.items()})
        else:
            for text in predictions.csv():
                click.echo(text, nl=False)
        voice.next("evaluate", run)
        return
    names = predictions.write(target)
    voice.say(f"wrote {shown(target)}: {predictions.count} rows, {', '.join(names)}")
    voice.result({"file": str(target), "rows": predictions.count, "outputs": names})
    voice.next("evaluate", run)
