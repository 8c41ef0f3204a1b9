"""Check a network's gradients against numeric ones, in float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.api.network import Network
from graphnet.backend import Array, generator_for
from graphnet.compiler import compile_spec
from graphnet.errors import UsageError
from graphnet.program import Port, Program
from graphnet.spec import spec_folder

SAMPLED = 24
"""Elements checked per parameter; all of them where there are no more."""
STEP = 1e-5
TOLERANCE = 1e-6
NOISE = 1e-4
BATCH = 5
SETTLING = 200
"""Passes before, so that singular vectors have settled: gradients take them as given, differences do not."""


def check_gradients(
    source: str | Path | Mapping[str, Any], *, overrides: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Compare every trainable parameter's gradient with central differences, on random data.

    The network is compiled again in float64. `(L(p + h) - L(p - h)) / 2h` is taken for a sample of the
    elements of each parameter, twice, with h and h/2, and extrapolated (Richardson). Where the two
    differ much, a kink lies in between and the element is left out.

    Args:
        source: Path of a spec, its YAML text, or a mapping.
        overrides: Values by dotted path.

    Returns:
        Per parameter: `parameter`, `size`, `checked`, `error` (largest difference, relative to the largest
        gradient of the parameter, or to a small share of the loss where that is larger) and `ok`. A
        padding row, which has no gradient, is left out.

    Raises:
        UsageError: When the network has no loss (GN718).
    """
    folder = spec_folder(source)
    program = compile_spec(
        source,
        overrides={**(overrides or {}), "dtype": "float64"},
        batch_size=BATCH,
        folder=folder,
    )
    if program.judgement is None:
        raise UsageError("GN718", "without a loss there are no gradients to check")
    network = Network(program, folder)
    inputs, targets = random_batch(program, BATCH)
    clock = network._executable.streams.clock

    settled: dict[str, Array] = {}

    def loss() -> float:
        clock[()] = 0
        for name, value in settled.items():
            network.buffers[name][...] = value
        return network.loss_and_gradients(inputs, targets, copy=False)[0]

    for _ in range(SETTLING if network.buffers else 0):
        loss()
    settled |= {name: value.copy() for name, value in network.buffers.items()}
    clock[()] = 0
    start, gradients = network.loss_and_gradients(inputs, targets)
    # Differences of the loss are no more exact than the loss is; gradients far below it are all noise.
    floor = NOISE * max(abs(start), *(float(np.abs(g).max()) for g in gradients.values()))
    padding = {row.name: row.zero_row for row in program.parameters}
    return [
        _verdict(name, network.parameters[name], gradient, loss, floor, padding[name])
        for name, gradient in gradients.items()
    ]


def random_batch(program: Program, count: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return random inputs and targets that a network may be given.

    Args:
        program: Its inputs and targets say what they are like.
        count: Number of samples.
    """
    inputs = {port.name: _random(port, count) for port in program.inputs}
    targets = {port.name: _random(port, count, target=True) for port in program.targets}
    return inputs, targets


def _random(port: Port, count: int, *, target: bool = False) -> Array:
    """Return random values a port may take; targets between 0 and 1 suit every loss."""
    generator = generator_for(0, f"check:{port.name}")
    shape = (count, *port.type.at(1)[1:])
    if port.type.dtype == "int64":
        return generator.integers(0, port.limit or 2, shape)
    return generator.random(shape) if target else generator.standard_normal(shape)


def _verdict(
    name: str,
    parameter: Array,
    gradient: Array,
    loss: Callable[[], float],
    floor: float,
    padding: int,
) -> dict[str, Any]:
    chosen = np.arange(parameter.size)
    if padding >= 0:
        # This row has no gradient by definition, whatever the loss says.
        chosen = chosen[chosen // (parameter.size // len(parameter)) != padding]
    if len(chosen) > SAMPLED:
        chosen = generator_for(0, f"check:{name}").choice(chosen, SAMPLED, replace=False)
    scale = max(float(np.abs(gradient).max()), floor, 1e-300)
    worst, checked = 0.0, 0
    for index in chosen.tolist():
        place = np.unravel_index(index, parameter.shape)
        coarse = _difference(parameter, place, STEP, loss)
        fine = _difference(parameter, place, STEP / 2, loss)
        numeric = (4.0 * fine - coarse) / 3.0
        if abs(coarse - fine) > 1e-3 * scale:
            continue
        checked += 1
        worst = max(worst, abs(numeric - float(gradient[place])) / scale)
    return {
        "parameter": name,
        "size": int(parameter.size),
        "checked": checked,
        "error": worst,
        "ok": worst <= TOLERANCE,
    }


def _difference(
    parameter: Array, place: tuple[Any, ...], step: float, loss: Callable[[], float]
) -> float:
    kept = parameter[place].item()
    parameter[place] = kept + step
    above = loss()
    parameter[place] = kept - step
    below = loss()
    parameter[place] = kept
    return (above - below) / (2.0 * step)
