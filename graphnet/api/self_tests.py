"""Self-tests of a network before it is trained: whether it learns a batch by heart, and at which rate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.api.by_heart import has_penalties, learned, verdict_of
from graphnet.api.gradient_check import random_batch
from graphnet.api.network import Network
from graphnet.backend import Array
from graphnet.compiler import compile_spec
from graphnet.data import Batches, Samples
from graphnet.errors import UsageError
from graphnet.spec import load_spec, spec_folder
from graphnet.training import load_parts

SAMPLES = 8
SMOOTHING = 0.9
DIVERGED = 4.0
FALL = 0.05
"""Share of its first value that a loss must fall by before a rate is suggested."""

Arrays = dict[str, Array]


def overfit_batch(
    source: str | Path | Mapping[str, Any],
    *,
    overrides: Mapping[str, Any] | None = None,
    updates: int = 500,
) -> dict[str, Any]:
    """Train on one small batch only, which any sound network learns by heart.

    The batch are the first samples of the training set, or random ones where the spec has no data; the
    optimizer is Adam at 0.01, whatever the spec says: it is the network that is tested.

    Args:
        source: Path of a spec, its YAML text, or a mapping.
        overrides: Values by dotted path.
        updates: After how many to give up.

    Returns:
        `first` and `last` loss, `updates` that were needed, `samples` in the batch, and the `verdict`:
        `learned` where the loss fell below a tenth of the first; `decided` where it has a minimum above
        that, but all classes are told right; `stopped` where no classes are told, and the loss stopped
        falling where its minimum may be, which cannot be told from a network that got stuck; else
        `not learned`. All but the last are `ok`.

    Raises:
        UsageError: When the network has no loss (GN710) or nothing to train (GN716).
    """
    _refuse_without_loss(bool(load_spec(source, overrides).losses))
    changes = {**(overrides or {}), "optimizer": {"type": "Adam", "lr": 0.01}, "scheduler": None}
    program = compile_spec(
        source, overrides=changes, batch_size=SAMPLES, folder=spec_folder(source)
    )
    network = Network(program, spec_folder(source))
    inputs, targets, count = _first_batch(network, spec_folder(source))
    losses = [network.train_step(inputs, targets)]
    early = not has_penalties(program)
    while len(losses) < updates and math.isfinite(losses[-1]):
        if early and learned(losses[0], losses[-1]):
            break
        losses.append(network.train_step(inputs, targets))
    verdict = verdict_of(network, inputs, targets, losses)
    return {
        "first": losses[0],
        "last": losses[-1],
        "updates": len(losses),
        "samples": count,
        "verdict": verdict,
        "ok": verdict != "not learned",
    }


def _refuse_without_loss(has_loss: bool) -> None:
    if not has_loss:
        raise UsageError(
            "GN710", "without a loss there is nothing to learn", help="give the spec a loss"
        )


def _first_batch(network: Network, folder: Path) -> tuple[Arrays, Arrays, int]:
    program = network.program
    if not program.spec.get("data"):
        inputs, targets = random_batch(program, SAMPLES)
        # Targets between 0 and 1 would leave cross-entropies something that cannot be learned.
        return inputs, {name: np.round(array) for name, array in targets.items()}, SAMPLES
    samples = load_parts(program, folder).train
    rows = np.arange(min(SAMPLES, samples.count))
    taken = samples.take(rows)
    return dict(taken.inputs), dict(taken.targets), taken.count


def find_learning_rate(
    source: str | Path | Mapping[str, Any],
    *,
    overrides: Mapping[str, Any] | None = None,
    low: float = 1e-7,
    high: float = 10.0,
    updates: int = 100,
) -> dict[str, Any]:
    """Train with a rate that rises from update to update, and see where the loss falls fastest.

    The rates are a geometric series. The loss is smoothed (see `smooth`); the test ends once its running
    mean is four times its least. Suggested is the rate of the steepest fall of the smoothed loss over the
    logarithm of the rate.

    Args:
        source: Path of a spec with data, its YAML text, or a mapping.
        overrides: Values by dotted path.
        low: First rate.
        high: Last rate.
        updates: How many rates.

    Returns:
        `rates`, `losses` and `smoothed` as lists; `suggestion` and `least` (the rate of the least smoothed
        loss), each None where the loss never fell.

    Raises:
        UsageError: When the network has no loss (GN710), no data (GN715) or nothing to train (GN716).

    Source: Smith, Cyclical learning rates for training neural networks, 2017, section 3.3.
    """
    program = compile_spec(source, overrides=overrides, folder=spec_folder(source))
    _refuse_without_loss(program.judgement is not None)
    network = Network(program, spec_folder(source))
    samples = load_parts(program, spec_folder(source)).train
    rates = np.geomspace(low, high, updates).tolist()
    losses: list[float] = []
    moving, least = 0.0, math.inf
    for rate, (inputs, targets) in zip(rates, _batches(network, samples), strict=False):
        loss = network.train_step(inputs, targets, lr=rate)
        if not math.isfinite(loss):
            break
        losses.append(loss)
        moving = SMOOTHING * moving + (1.0 - SMOOTHING) * loss
        mean = moving / (1.0 - SMOOTHING ** len(losses))
        least = min(least, mean)
        if mean > DIVERGED * abs(least):
            break
    smoothed = smooth(losses)
    return {"rates": rates[: len(losses)], "losses": losses, "smoothed": smoothed,
            **_suggested(rates, smoothed)}  # fmt: skip


def smooth(losses: Sequence[float]) -> list[float]:
    """Return the mean of the losses' running means from both ends, which lags behind in no direction.

    The running mean is `m = 0.9 m + 0.1 l`, divided by `1 - 0.9^t`.
    """
    ways = [_running(losses), _running(losses[::-1])[::-1]]
    return [(before + after) / 2.0 for before, after in zip(*ways, strict=True)]


def _running(losses: Sequence[float]) -> list[float]:
    moving, means = 0.0, []
    for count, loss in enumerate(losses, 1):
        moving = SMOOTHING * moving + (1.0 - SMOOTHING) * loss
        means.append(moving / (1.0 - SMOOTHING**count))
    return means


def _batches(network: Network, samples: Samples) -> Iterator[tuple[Arrays, Arrays]]:
    """Give shuffled batches without end; the arrays are used again."""
    program = network.program
    size = min(program.batch_size, samples.count)
    batches = Batches(samples, size, shuffle=True, drop_last=True, seed=program.seed)
    inputs = {name: np.empty((size, *a.shape[1:]), a.dtype) for name, a in samples.inputs.items()}
    targets = {name: np.empty((size, *a.shape[1:]), a.dtype) for name, a in samples.targets.items()}
    epoch = 0
    while True:
        order = batches.order(epoch)
        for index in range(len(batches)):
            batches.load(order, index, {**inputs, **targets})
            yield inputs, targets
        epoch += 1


def _suggested(rates: list[float], smoothed: list[float]) -> dict[str, float | None]:
    """Return the rate of the steepest fall up to the least loss, and that of the least.

    The first tenth says how high the loss is while rates are too small to matter. It is what the least is
    compared with, and nothing is suggested in it, where batches differ by more than training does.
    """
    skipped = max(1, len(smoothed) // 10)
    if len(smoothed) < 3:
        return {"suggestion": None, "least": None}
    bottom = int(np.argmin(smoothed))
    start = float(np.mean(smoothed[:skipped]))
    slopes = np.gradient(smoothed)[skipped : bottom + 1]
    if start - smoothed[bottom] < FALL * abs(start) or not slopes.size or slopes.min() >= 0:
        return {"suggestion": None, "least": None}
    return {"suggestion": rates[skipped + int(np.argmin(slopes))], "least": rates[bottom]}
