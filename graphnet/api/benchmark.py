"""Benchmark: how long a training step takes, beside PyTorch's where that is wanted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.api.gradient_check import random_batch
from graphnet.api.network import Network
from graphnet.api.torch_twin import TorchTwin, import_torch
from graphnet.compiler import compile_network
from graphnet.errors import UsageError
from graphnet.graph import build_network
from graphnet.spec import load_spec, spec_folder
from graphnet.training.threads import limited_threads

Step = Callable[[], Any]

ROUNDS = 7
SECONDS = 0.2
"""How long a round of one side takes, about."""
WARM = 3
RANDOM = ("Dropout",)
"""Layers whose results cannot be compared."""


def benchmark(
    source: str | Path | Mapping[str, Any],
    *,
    overrides: Mapping[str, Any] | None = None,
    batch_size: int | None = None,
    against_torch: bool = False,
    threads: int = 1,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """Time training steps on a random batch that lies in memory already, each side in turns.

    Args:
        source: Path of a spec, its YAML text, or a mapping.
        overrides: Values by dotted path.
        batch_size: Samples in a step; the spec's by default.
        against_torch: Whether PyTorch's eager step of the same network is timed too, from the same weights.
        threads: How many the matrix products of both sides may take.
        seconds: How long a round of one side takes, about; there are seven.

    Returns:
        `batch`, `threads`, `memory_bytes`, and by side, `graphnet` and `torch`, the median `seconds` of a
        step and `samples_per_second`. Where there are two sides, also the `ratio` of their seconds, and
        `loss_difference`, how far apart the two first losses are, relative to them (None where a layer is
        random).

    Raises:
        UsageError: When the network does not train (GN710), or has no twin in PyTorch (GN770).
        ResourceError: When PyTorch is not installed (GN528).
    """
    graph = build_network(load_spec(source, overrides))
    folder = spec_folder(source)
    program = compile_network(graph, batch_size=batch_size, folder=folder)
    if not program.update:
        raise UsageError(
            "GN710", f"{program.name!r} does not train, so there is no step to time",
            help="give the spec a loss and an optimizer",
        )  # fmt: skip
    network = Network(program, folder)
    inputs, targets = random_batch(program, program.batch_size)
    dtypes = {port.name: port.type.dtype for port in (*program.inputs, *program.targets)}
    inputs = {name: array.astype(dtypes[name]) for name, array in inputs.items()}
    targets = {name: array.astype(dtypes[name]) for name, array in targets.items()}
    sides: dict[str, Step] = {}
    difference = None
    if against_torch:
        import_torch().set_num_threads(threads)
        twin = TorchTwin(graph, network.state_dict())
        sides["torch"] = twin.step(inputs, targets)
    ours = float(network.train_step(inputs, targets))
    if against_torch:
        theirs = float(sides["torch"]())
        if not any(graph.layer(name).layer.name() in RANDOM for name in graph.order):
            difference = abs(ours - theirs) / max(abs(ours), 1e-12)
    sides = {"graphnet": lambda: network.train_step(inputs, targets), **sides}
    with limited_threads(threads):
        times = in_turns(sides, seconds)
    found: dict[str, Any] = {
        "name": program.name,
        "batch": program.batch_size,
        "threads": threads,
        "memory_bytes": program.memory_bytes,
        "versions": {"numpy": np.__version__},
    }
    for name, spent in times.items():
        found[name] = {"seconds": spent, "samples_per_second": program.batch_size / spent}
    if against_torch:
        found["versions"]["torch"] = str(import_torch().__version__)
        found |= {"ratio": times["graphnet"] / times["torch"], "loss_difference": difference}
    return found


def in_turns(steps: Mapping[str, Step], seconds: float) -> dict[str, float]:
    """Return the seconds of each step: the median over rounds in which all take their turn."""
    counts: dict[str, int] = {}
    for name, step in steps.items():
        for _ in range(WARM):
            step()
        counts[name] = max(1, round(seconds / max(_timed(step, 3), 1e-9)))
    rounds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            rounds[name].append(_timed(step, counts[name]))
    return {name: statistics.median(times) for name, times in rounds.items()}


def _timed(step: Step, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - began) / count
