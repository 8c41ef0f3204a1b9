"""Whether a batch is learned by heart, also where the loss has a minimum above 0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from graphnet.api.doors import samples_of
from graphnet.api.network import Network
from graphnet.backend import Array
from graphnet.losses import LOSSES, Loss
from graphnet.metrics import METRICS
from graphnet.program import Program
from graphnet.training import Evaluator
from graphnet.training.judging import judged_by

LEARNED = 0.1
"""Share of its first loss below which a batch is learned by heart."""
LATE = 0.2
"""Share of the updates, the last ones, in which a loss that has stopped does not fall."""
STILL = 0.02
"""Share of what it fell by that a loss which has stopped may still fall by in the last updates."""
SEEN = 0.01
"""Share of the loss by which it is higher with others' targets, where the network tells samples apart."""

Arrays = Mapping[str, Array]


def learned(first: float, last: float) -> bool:
    """Tell whether a loss fell to next to nothing."""
    return last <= LEARNED * abs(first) or last <= 1e-8


def has_penalties(program: Program) -> bool:
    """Tell whether something is added to the loss that falls also if nothing is learned: without a target."""
    kinds = _losses(program)
    free = [kind for kind in kinds if not kind.target_roles]
    return bool(program.spec.get("regularizers")) or 0 < len(free) < len(kinds)


def _losses(program: Program) -> list[type[Loss]]:
    """Return the kinds of the loss's terms."""
    plain = program.spec["loss"]
    terms = [plain] if isinstance(plain.get("type"), str) else plain.values()
    return [LOSSES[term["type"]] for term in terms]


def verdict_of(network: Network, inputs: Arrays, targets: Arrays, losses: Sequence[float]) -> str:
    """Return what can be said of a network after its updates on one batch.

    Args:
        network: As it is after them.
        inputs: The batch, by input name.
        targets: The batch, by target name.
        losses: Before each update.

    Returns:
        `learned` where the loss fell to next to nothing; `decided` where it did not, as smoothed targets
        or penalties do not let it, but all decisions are right; `stopped` where that says nothing, the loss
        stopped falling, depends on the samples, and may have its minimum there; else `not learned`.
    """
    first, last = losses[0], losses[-1]
    if learned(first, last) and (
        not has_penalties(network.program) or _tells_apart(network, inputs, targets)
    ):
        return "learned"
    if not math.isfinite(last):
        return "not learned"
    decided = _decided(network, inputs, targets) if _alike(targets) is False else None
    if decided is not None:
        return "decided" if decided else "not learned"
    may = not _reaches_zero(network.program) and has_stopped(losses)
    return "stopped" if may and _tells_apart(network, inputs, targets) else "not learned"


def has_stopped(losses: Sequence[float]) -> bool:
    """Tell whether losses fell, and then stopped doing so."""
    late = math.ceil(LATE * len(losses))
    before, after = losses[:-late], losses[-late:]
    if not before:
        return False
    fell = losses[0] - min(before)
    return fell > 0 and min(before) - min(after) <= STILL * fell


def _alike(targets: Arrays) -> bool | None:
    """Tell whether the samples have all the same targets; None where there are no targets."""
    if not targets:
        return None
    return all(bool((array == array[:1]).all()) for array in targets.values())


def _decided(network: Network, inputs: Arrays, targets: Arrays) -> bool | None:
    """Tell whether all decisions are right; None where nothing is decided, or not for certain."""
    program, metric = network.program, METRICS["accuracy"].from_plain({})
    judgement = program.judgement
    if judgement is None or judgement.target is None:
        return None
    if judged_by(program, metric).decision.kind == "none":
        return None
    samples = samples_of(program, inputs, targets)
    right = Evaluator(network._executable, samples, {"right": metric}).run()["right"] == 1.0
    wanted = np.asarray(targets[judgement.target])
    # Probabilities near 1/2, or a strong penalty, leave even a sound network with wrong decisions.
    certain = bool((wanted == np.round(wanted)).all()) and not has_penalties(program)
    return right if right or certain else None


def _reaches_zero(program: Program) -> bool:
    """Tell whether the loss of a perfect network is 0: one of numbers, and nothing added to it."""
    return not has_penalties(program) and all(kind.zero_where_alike for kind in _losses(program))


def _tells_apart(network: Network, inputs: Arrays, targets: Arrays) -> bool:
    """Tell whether the network treats samples by what they are: no others' targets fit as well as their own.

    Where there are no targets, whether outputs differ. Where all have the same, nothing can be told, and
    nothing is held against it.
    """
    alike = _alike(targets)
    if alike is None:
        outputs = network.forward(inputs).values()
        return any(_differ(array) for array in outputs)
    if alike:
        return True
    own, _ = network.loss_and_gradients(inputs, targets, copy=False)
    others = [
        network.loss_and_gradients(inputs, _exchanged(targets, by), copy=False)[0]
        for by in range(1, len(next(iter(targets.values()))))
    ]
    return own <= min(others) and sum(others) / len(others) - own > SEEN * abs(own)


def _differ(array: Array) -> bool:
    largest = float(np.abs(array).max(initial=0.0))
    return float(np.ptp(array, axis=0).max(initial=0.0)) > SEEN * largest


def _exchanged(targets: Arrays, by: int) -> Arrays:
    """Give every sample the targets of another."""
    return {name: np.roll(array, by, axis=0) for name, array in targets.items()}
