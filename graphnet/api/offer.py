"""What `import graphnet` offers beside Network: compile, load, predict, train, draw, learning_rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnet.api.network import Network
from graphnet.api.run_plots import plot_run
from graphnet.compiler import compile_spec
from graphnet.data import as_in_training, assemble, load_samples, match_columns, table_of
from graphnet.errors import ResourceError, UsageError, listed
from graphnet.spec import load_spec, spec_folder, to_yaml
from graphnet.training import (
    Observer,
    Predictions,
    Rates,
    Run,
    RunDirectory,
    Summary,
    declarations,
    open_saved,
)
from graphnet.training.callbacks import CallbackLike


def compile(  # noqa: A001 - graphnet.compile is what users call
    source: str | Path | Mapping[str, Any],
    *,
    batch_size: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    input_gradients: bool = False,
    max_memory: int | None = None,
) -> Network:
    """Compile a spec to a Network with first weights.

    Args:
        source: Path of a spec, its YAML text, or a mapping.
        batch_size: Largest batch; the spec's training.batch_size by default.
        overrides: Values by dotted path, as `--set` takes them.
        input_gradients: Whether loss_and_gradients gives those of the inputs too.
        max_memory: Bytes above which compilation is refused.

    Raises:
        SpecError: When the spec is wrong or the network cannot be built.
        ResourceError: When it needs more than max_memory.

    Example:
        >>> net = compile(
        ...     {
        ...         "inputs": {"x": {"shape": [2]}},
        ...         "layers": {"sum": {"type": "Linear", "out_features": 1}},
        ...     }
        ... )
        >>> net.parameters["sum.weight"][...] = [[1.0, 2.0]]
        >>> net.parameters["sum.bias"][...] = 0.5
        >>> net.forward({"x": [[3.0, 4.0]]})["sum"].tolist()
        [[11.5]]
    """
    program = compile_spec(
        source,
        overrides=overrides,
        batch_size=batch_size,
        input_gradients=input_gradients,
        max_memory=max_memory,
        folder=spec_folder(source),
    )
    return Network(program, spec_folder(source))


def load(path: str | Path) -> Network:
    """Return the network of a run, or of one of its checkpoints, with the saved weights.

    Args:
        path: A run's directory, or a checkpoint in it.

    Raises:
        ResourceError: When there is no such run.
        ArtifactError: When it is damaged.
    """
    saved = open_saved(Path(path))
    network = Network(saved.program, saved.folder, files=False)
    weights = {**saved.executable.parameters, **saved.executable.statistics}
    network.load_state_dict(weights)
    return network


def predict(
    run: str | Path, inputs: str | Path | Mapping[str, ArrayLike]
) -> dict[str, NDArray[Any]]:
    """Return what a run says of new data, which goes through the transforms it was trained with.

    Args:
        run: A run's directory, or a checkpoint in it.
        inputs: A file in any format of data sources, or columns by the names they had in training:
            arrays or lists of numbers or words.

    Returns:
        Arrays (samples, ...): each output by its name, and where the network decides between classes
        `probability` and `class`, by name where the training data had names.

    Raises:
        ResourceError: When there is no such run or file.
        ArtifactError: When the run is damaged.
        DataError: What is wrong with the data.
    """
    saved = open_saved(Path(run))
    wanted = declarations(saved.program.inputs)
    if isinstance(inputs, Mapping):
        table = table_of(inputs)
        chosen = match_columns(table, saved.source("", targets=False), wanted, [])
        with as_in_training():
            samples = assemble(table, chosen, saved.prepared, wanted, [])
    else:
        source = saved.source(str(inputs), targets=False)
        with as_in_training():
            samples = load_samples(source, Path(), wanted, [], saved.prepared)
    return Predictions(saved, samples).named()


def train(
    source: str | Path | Mapping[str, Any],
    *,
    overrides: Mapping[str, Any] | None = None,
    run_dir: str | Path | None = None,
    resume: bool = False,
    observer: Observer | None = None,
    callbacks: Iterable[CallbackLike] = (),
    plots: bool = True,
) -> Summary:
    """Train a spec as `graphnet train` does, with a run directory.

    Args:
        source: Path of a spec, its YAML text, or a mapping.
        overrides: Values by dotted path, as `--set` takes them.
        run_dir: The run's own directory; the next `runs/NAME/NNNN` by default.
        resume: Go on from the newest whole checkpoint there.
        observer: Told what happens.
        callbacks: Callbacks, or functions of (state, record) that are called after every epoch.
        plots: Whether pictures of the run are drawn into its plots/.

    Returns:
        How the run ended; `.plain` is the content of summary.json.

    Raises:
        GraphNetError: Whatever went wrong.
    """
    program = compile_spec(source, overrides=overrides, folder=spec_folder(source))

    def directory() -> RunDirectory:
        if run_dir is None:
            return RunDirectory.create(Path("runs"), program.name)
        return RunDirectory.at(Path(run_dir))

    run = Run(
        program,
        spec_folder(source),
        directory,
        resume=resume,
        observer=observer,
        spec_text=resolved_yaml,
        callbacks=callbacks,
    )
    summary = run.execute()
    if summary.error is not None:
        raise summary.error
    if not plots:
        return summary
    try:
        plot_run(run)
    except ResourceError as error:
        run.observer.note(f"no plots were drawn: {error.message}")
    return summary


def resolved_yaml(plain: Mapping[str, Any]) -> str:
    """Return a resolved spec as YAML, its keys in the order in which people write them."""
    return to_yaml(load_spec(dict(plain)).plain)


def draw(
    source: str | Path | Mapping[str, Any],
    path: str | Path,
    *,
    level: str = "layers",
    fold: bool | None = None,
    overlay: str | None = None,
) -> Path:
    """Draw a spec; the format follows from the suffix of `path`.

    Args:
        source: Path of a spec, its YAML text, or a mapping.
        path: The picture: .svg, .png, .pdf, .dot, .mmd or .txt.
        level: `layers`, `ops`, `program` or `memory`.
        fold: Whether repeated layers are drawn once; by default where there are very many.
        overlay: What layers are coloured by: `time`, `bytes` or `flops`.

    Returns:
        The path written.

    Raises:
        SpecError: When the spec is wrong.
        UsageError: When the level, the overlay or the format do not exist, or it is too large a picture.
        ResourceError: When what draws is not installed (GN520, GN521), or writing fails.
    """
    from graphnet.api.overlays import OVERLAYS, overlay_of
    from graphnet.compiler import compile_network
    from graphnet.graph import build_network
    from graphnet.viz import LEVELS, Drawing, fold_if_large, picture_of, render, with_overlay

    for what, value, known in (("level", level, LEVELS), ("overlay", overlay, OVERLAYS)):
        if value is not None and value not in known:
            raise UsageError(
                "GN736", f"there is no {what} {value!r}", help=f"one of {listed(known)}"
            )
    network = build_network(load_spec(source))
    target = Path(path)
    picture = picture_of(level, network, lambda: compile_network(network))
    if isinstance(picture, Drawing):
        picture, _ = fold_if_large(picture, fold)
        if overlay is not None:
            picture = with_overlay(picture, overlay_of(overlay, compile_network(network)))
    render(picture, target)
    return target


def learning_rates(
    source: str | Path | Mapping[str, Any],
    *,
    epochs: int,
    batches_per_epoch: int,
    overrides: Mapping[str, Any] | None = None,
) -> NDArray[np.float64]:
    """Return the learning rate of every update, known before the run.

    Args:
        source: Path of a spec, its YAML text, or a mapping.
        epochs: How many epochs.
        batches_per_epoch: Batches in each; as many updates, unless gradients are accumulated.
        overrides: Values by dotted path.

    Returns:
        float64 (updates,), that of the first group. What depends on results (ReduceLROnPlateau) stays as at
        first.
    """
    program = compile_spec(source, overrides=overrides)
    rates = Rates(program, batches_per_epoch)
    return rates.series(epochs * rates.updates_per_epoch)
