"""Overlays: what the layers of a picture can be coloured by, computed or measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from graphnet.api.profile import profile
from graphnet.data import Batches
from graphnet.errors import UsageError
from graphnet.ir import GRADIENT_OF
from graphnet.program import OPTIMIZER, Program, layer_bytes, layer_flops
from graphnet.training import load_parts, open_saved
from graphnet.viz import Overlay

OVERLAYS = ("time", "bytes", "flops", "gradients")


def overlay_of(name: str, program: Program, run: Path | None = None) -> Overlay:
    """Return an overlay for a Program.

    Args:
        name: `time`, `bytes`, `flops` or `gradients`.
        program: The Program.
        run: A run of it, or one of its checkpoints; needed for gradients.

    Raises:
        UsageError: GN736 when gradients are asked for without a run.
        GraphNetError: Whatever is wrong with the run or its data.
    """
    if name == "gradients":
        return _gradients(run)
    return {"time": _time, "bytes": _bytes, "flops": _flops}[name](program)


def _time(program: Program) -> Overlay:
    found = profile(program)
    step = "training step" if found.routine == "train" else "prediction"
    meaning = (
        f"time: {time_text(found.step_seconds)} measured for one {step} of {found.batch} samples"
    )
    return _split(found.layers(), meaning, time_text)


def _bytes(program: Program) -> Overlay:
    meaning = (
        f"bytes for {program.batch_size} samples: parameters, gradients, optimizer state,\n"
        "and what a layer writes into the arena, where layers take turns"
    )
    values = {name: float(count) for name, count in layer_bytes(program).items()}
    return _split(values, meaning, lambda value: f"{value:,.0f} bytes")


def _flops(program: Program) -> Overlay:
    step = "training step" if "train" in program.routines else "prediction"
    meaning = f"floating point operations of one {step} of {program.batch_size} samples"
    values = {name: float(count) for name, count in layer_flops(program).items()}
    return _split(values, meaning, count_text)


def _split(values: dict[str, float], meaning: str, told: Callable[[float], str]) -> Overlay:
    """Return an overlay of parts of a whole; what belongs to no layer is told apart."""
    rest = {"optimizer": values.pop(OPTIMIZER)} if OPTIMIZER in values else {}
    return Overlay(meaning, values, told, rest=rest)


def _gradients(run: Path | None) -> Overlay:
    """Compute the gradients at a run's last weights, on the first batch of its training set."""
    if run is None:
        raise UsageError(
            "GN736",
            "gradients are those of a run",
            help="name a run, for example: graphnet draw runs/mlp/0001 --overlay gradients",
        )
    saved = open_saved(run)
    executable, program = saved.executable, saved.program
    samples = load_parts(program, saved.folder).train
    batches = Batches(samples, min(program.batch_size, samples.count))
    routine = executable.routine("train", batches.batch_size)
    with np.errstate(all="ignore"):
        batches.load(batches.order(0), 0, {**routine.inputs, **routine.targets})
        routine.forward()
        routine.backward()
        squares: dict[str, float] = {}
        for row in program.parameters:
            if row.trainable:
                array = executable.gradients[f"{GRADIENT_OF}{row.name}"]
                square = float(np.square(array, dtype=np.float64).sum())
                squares[row.layer] = squares.get(row.layer, 0.0) + square
    meaning = (
        f"gradients: L2 norm over each layer's parameters, with the weights of {saved.checkpoint.name},\n"
        f"of the loss of the first {batches.batch_size} training samples"
    )
    norms = {layer: math.sqrt(square) for layer, square in squares.items()}
    return Overlay(meaning, norms, lambda value: f"gradient {value:.3g}", _norm, shares=False)


def _norm(parts: Sequence[float]) -> float:
    return math.sqrt(sum(part * part for part in parts))


def time_text(seconds: float) -> str:
    """Return a time in the unit that suits it.

    Example:
        >>> time_text(1.25e-5), time_text(0.0042), time_text(3.0)
        ('12.5 us', '4.2 ms', '3 s')
    """
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def count_text(count: float) -> str:
    """Return a number of operations with a prefix.

    Example:
        >>> count_text(950), count_text(12_500), count_text(3.4e9)
        ('950 FLOPs', '12.5 kFLOPs', '3.4 GFLOPs')
    """
    for size, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g} {prefix}FLOPs"
    return f"{count:.0f} FLOPs"
