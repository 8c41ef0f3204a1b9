"""`graphnet predict`: a run's outputs for a file of inputs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, output_options

if TYPE_CHECKING:
    from graphnet.backend import Array
    from graphnet.program import Judgement


@click.command("predict")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--input", "source", required=True, help="File with the inputs: csv, tsv or npz.")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    help="File for the outputs, .csv or .npz  [csv on stdout]",
)
@output_options
def command(run: Path, source: str, target: Path | None, output: Output) -> None:
    """Compute the outputs of RUN, a run's directory or one of its checkpoints, for a file.

    Beside the raw outputs stand what they mean: the probability and the class, where the network
    decides between classes.
    """
    from graphnet.cli.console import Voice, shown
    from graphnet.data import load_samples
    from graphnet.program import write_atomically
    from graphnet.training import declarations, open_saved, predict

    voice = Voice(output)
    saved = open_saved(run)
    declared = saved.source(source, targets=False)
    samples = load_samples(declared, Path(), declarations(saved.program.inputs), [])
    outputs = predict(saved.executable, samples.inputs)
    outputs |= _meanings(outputs, saved.program.judgement)
    if target is None:
        if output.json:
            voice.result({name: array.tolist() for name, array in outputs.items()})
        else:
            click.echo(_csv(outputs), nl=False)
        voice.next("evaluate", run)
        return
    write_atomically(target, _encoded(outputs, target))
    voice.say(f"wrote {shown(target)}: {samples.count} rows, {', '.join(outputs)}")
    voice.result({"file": str(target), "rows": samples.count, "outputs": list(outputs)})
    voice.next("evaluate", run)


def _meanings(outputs: Mapping[str, Array], judgement: Judgement | None) -> dict[str, Array]:
    """Return probability and class of what the loss judges, where it means a class."""
    import numpy as np

    if judgement is None or judgement.kind == "none":
        return {}
    values = outputs[judgement.output].astype(np.float64)
    with np.errstate(all="ignore"):  # a network that has overflowed still gets its file
        if judgement.kind == "argmax":
            # Softmax of scores; of log-probabilities it gives the probabilities themselves.
            axis = judgement.axis
            powers = np.exp(values - values.max(axis=axis, keepdims=True))
            shares = powers / powers.sum(axis=axis, keepdims=True)
            return {"probability": shares, "class": values.argmax(axis=axis)}
        if judgement.kind == "logit":
            values = 1.0 / (1.0 + np.exp(-values))
    return {"probability": values, "class": (values > 0.5).astype(np.int64)}


def _encoded(outputs: Mapping[str, Array], target: Path) -> bytes:
    import numpy as np

    from graphnet.errors import UsageError

    if target.suffix == ".npz":
        buffer = io.BytesIO()
        np.savez(buffer, **outputs)  # type: ignore[arg-type]  # arrays by name
        return buffer.getvalue()
    if target.suffix == ".csv":
        return _csv(outputs).encode("utf-8")
    raise UsageError(
        "GN721",
        f"outputs cannot be written as {target.suffix or 'a file without suffix'!r}",
        help="end the file's name in .csv or .npz",
    )


def _csv(outputs: Mapping[str, Array]) -> str:
    """Return one line per sample; an output of several numbers has a column for each."""
    import csv

    columns: dict[str, Any] = {}
    for name, array in outputs.items():
        flat = array.reshape(len(array), -1)
        for index in range(flat.shape[1]):
            columns[name if flat.shape[1] == 1 else f"{name}.{index}"] = flat[:, index].tolist()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()
