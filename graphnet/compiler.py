"""The compiler: all stages in one short function, from a spec to a Program."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graphnet.declare import KindError
from graphnet.errors import GraphNetError, ResourceError, UsageError, raise_all
from graphnet.graph import Network, build_network
from graphnet.ir import LOSS, LOSS_TERM, LOSS_WEIGHT, InstructionList, ParameterRow
from graphnet.lowering import (
    PENALTY,
    lower_auxiliary,
    lower_evaluate,
    lower_predict,
    lower_train,
    parameter_table,
)
from graphnet.passes import PIPELINE, Pass, run_pipeline
from graphnet.program import Judgement, Port, Program, Routine, Term, canonical, plan_memory
from graphnet.recipe import Training
from graphnet.spec import Spec, TensorSpec, load_spec


def compile_spec(
    source: str | Path | Mapping[str, Any] | Spec,
    *,
    overrides: Mapping[str, Any] | None = None,
    batch_size: int | None = None,
    input_gradients: bool = False,
    max_memory: int | None = None,
    folder: Path | None = None,
    passes: Sequence[Pass] = PIPELINE,
) -> Program:
    """Compile a spec to a Program.

    Args:
        source: Path of a spec, its YAML text, a mapping, or a Spec.
        overrides: Values by dotted path that take the place of the spec's own.
        batch_size: Largest batch the Program is to take; the spec's `training.batch_size` by default.
        input_gradients: Whether training computes gradients of the inputs too.
        max_memory: Bytes above which compilation is refused.
        folder: What the paths of initializers are relative to: that the files fit is seen before anything
            is compiled. Where it is None, no file is looked at.
        passes: What is done to the lists after lowering.

    Raises:
        SpecError: When the spec is wrong or the network cannot be built.
        DataError: When first values in a file do not fit; ResourceError where it cannot be opened.
        ResourceError: When the network needs more than `max_memory`.
    """
    spec = source if isinstance(source, Spec) else load_spec(source, overrides)
    return compile_network(
        build_network(spec),
        batch_size=batch_size,
        input_gradients=input_gradients,
        max_memory=max_memory,
        folder=folder,
        passes=passes,
    )


def compile_network(
    network: Network,
    *,
    batch_size: int | None = None,
    input_gradients: bool = False,
    max_memory: int | None = None,
    folder: Path | None = None,
    passes: Sequence[Pass] = PIPELINE,
) -> Program:
    """Compile a checked network to a Program; see `compile_spec`."""
    spec = network.spec
    batch = _batch_size(network.spec, batch_size)
    rows = parameter_table(network)
    if folder is not None and any(row.draw.kind == "file" for row in rows):
        _refuse_unfit_files(network, rows, folder)
    lists: dict[str, InstructionList] = {}
    if spec.losses:
        lists["train"] = lower_train(network, rows, input_gradients=input_gradients)
        lists["evaluate"] = lower_evaluate(network, rows)
    lists["predict"] = lower_predict(network, rows)
    lists |= lower_auxiliary(network, rows)
    routines = {name: _routine(listing, batch, passes) for name, listing in lists.items()}
    program = Program(
        name=spec.name,
        batch_size=batch,
        dtype=spec.dtype,
        seed=spec.seed,
        inputs=tuple(_port(network, tensor) for tensor in spec.inputs),
        targets=tuple(_port(network, t) for t in spec.targets),
        outputs=spec.outputs,
        parameters=rows,
        routines=routines,
        judgement=_judgement(network, lists.get("evaluate")),
        spec={**spec.plain, "layers": _ordered_layers(network)},
        spec_sha256=spec_digest(spec),
    )
    _refuse_too_large(program, max_memory)
    return program


def spec_digest(spec: Spec) -> str:
    """Return the sha256 of all that a spec says, defaults written out."""
    return hashlib.sha256(canonical(spec.plain).encode("ascii")).hexdigest()


def _refuse_unfit_files(network: Network, rows: Sequence[ParameterRow], folder: Path) -> None:
    from graphnet.data import unfit_first_values  # noqa: PLC0415 - loads NumPy

    problems: list[GraphNetError] = []
    for name, error in unfit_first_values(rows, folder).items():
        row = next(row for row in rows if row.name == name)
        error.where = network.place_of_first_values(row.layer, name) or error.where
        problems.append(error)
    raise_all(problems)


def _batch_size(spec: Spec, given: int | None) -> int:
    """Return the batch size asked for, or the spec's own."""
    if given is None:
        return spec.training.batch_size
    try:
        size: int = Training.settings()["batch_size"].kind.parse(given)
    except KindError as error:
        raise UsageError("GN719", f"wrong batch_size: {error.message}", help=error.help) from error
    return size


def _ordered_layers(network: Network) -> dict[str, Any]:
    """Return the layers of the resolved spec in an order that says no more than it must.

    Compatibility streams draw in the order of the file, so it is kept for them. Otherwise the order of
    computation takes its place, and a file with its layers permuted compiles to the same bytes.
    """
    layers: dict[str, Any] = network.spec.plain["layers"]
    if network.spec.training.initialization.stream != "named":
        return dict(layers)
    computed = [name for name in network.order if name in layers]
    return {name: layers[name] for name in [*computed, *sorted(set(layers) - set(computed))]}


def _routine(listing: InstructionList, batch: int, passes: Sequence[Pass]) -> Routine:
    finished = run_pipeline(listing, passes)
    return Routine(finished, plan_memory(finished, batch))


def _port(network: Network, tensor: TensorSpec) -> Port:
    name, limits, ignored = tensor.name, network.limits, network.ignored
    weighs = any(
        loss.sample_weight == name and loss.loss.over_batches == "mean"
        for loss in network.spec.losses
    )
    return Port(name, tensor.type, limits.get(name), ignored.get(name), weighs)


def _judgement(network: Network, evaluate: InstructionList | None) -> Judgement | None:
    """Say how metrics read the network: as its first loss does; and how its loss is put together."""
    if evaluate is None:
        return None
    first = network.spec.losses[0]
    judged = next((name for name in first.inputs if name in network.spec.outputs), None)
    judged = judged or network.spec.outputs[0]
    read = [network.type_of(reference) for reference in first.inputs]
    kind = first.loss.decides(read, [network.type_of(name) for name in first.targets])
    # The loss knows the classes of what it reads; of another output, they are where torch has them.
    axis = first.loss.class_axis(network.type_of(judged)) if judged in first.inputs else 1
    target = first.targets[0] if first.targets else None
    return Judgement(kind, judged, target, axis, _terms(network, evaluate.keep))


def _terms(network: Network, kept: Sequence[str]) -> tuple[Term, ...]:
    """Return what the loss of an epoch is put together from: of all that a routine keeps, each once."""
    terms: dict[str, Term] = {}
    for loss in network.spec.losses:
        value, weight = f"{LOSS_TERM}{loss.name}", f"{LOSS_WEIGHT}{loss.name}"
        name = value if value in kept else LOSS
        terms[name] = Term(name, weight if weight in kept else None, loss.loss.over_batches)
    if f"{LOSS_TERM}{PENALTY}" in kept:
        terms[PENALTY] = Term(f"{LOSS_TERM}{PENALTY}", None, "mean")
    return tuple(terms.values())


def _refuse_too_large(program: Program, limit: int | None) -> None:
    if limit is None or program.memory_bytes <= limit:
        return
    parts = program.memory_by_category()
    largest = max(parts, key=lambda name: parts[name])
    raise ResourceError(
        "GN531",
        f"{program.name!r} needs {readable(program.memory_bytes)}, the limit is {readable(limit)}",
        help="raise it with --max-memory, or compile for fewer samples with --batch-size",
        notes=[f"most of it is {largest}: {readable(parts[largest])}", "nothing was allocated"],
    )


def readable(count: int) -> str:
    """Return bytes in the largest unit that leaves a number of at least 1.

    Example:
        >>> readable(512), readable(8 * 2**30), readable(1536)
        ('512 bytes', '8 GiB', '1.5 KiB')
    """
    size, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.3g} {unit}" if unit != "bytes" else f"{count:,} bytes"
