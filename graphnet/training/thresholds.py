"""Thresholds: above which probability an output says yes, fixed or chosen on the validation set."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from graphnet.backend import Array, NumpyExecutable
from graphnet.data import Samples
from graphnet.errors import UsageError
from graphnet.metrics import METRICS
from graphnet.metrics.reading import probabilities, read
from graphnet.recipe import Threshold, Training
from graphnet.training.evaluation import predict
from graphnet.training.judging import judged_by

Floats = NDArray[np.float64]


def choose_thresholds(executable: NumpyExecutable, samples: Samples) -> dict[str, float]:
    """Return the thresholds of a trained network, by output: as given, or the best on a set.

    Args:
        executable: Its current weights are judged.
        samples: The validation set, or the training set where there is none.

    Raises:
        UsageError: GN731 where the network does not answer yes or no.
    """
    program = executable.program
    wanted = Training.from_plain(program.spec["training"]).threshold
    if wanted is None:
        return {}
    judged = judged_by(program, METRICS["accuracy"]())
    if not judged.decision.yes_no or judged.decision.labels > 1:
        raise UsageError(
            "GN731",
            "a threshold is for one answer of yes or no",
            help="remove training.threshold, or use BCEWithLogitsLoss with one number a sample",
        )
    if not isinstance(wanted, Threshold):
        return {judged.output: float(wanted)}
    scores = predict(executable, samples.inputs)[judged.output]
    reading = read(judged.decision, scores, np.asarray(samples.targets[judged.target]))
    shares = probabilities(judged.decision, reading.scores)[:, 0]
    return {judged.output: best_threshold(wanted.choose, shares, reading.wanted[:, 0])}


def best_threshold(metric: str, shares: Floats, wanted: Array) -> float:
    """Return the threshold with the greatest value of a metric; of equal ones that nearest to 0.5.

    Between two neighbouring probabilities all thresholds decide alike, so the middle stands for them.

    Args:
        metric: One of `RATES`.
        shares: Probabilities (n,).
        wanted: Truth values (n,).

    Example:
        >>> best_threshold("accuracy", np.array([0.1, 0.2, 0.3, 0.9]), np.array([0, 0, 1, 1]) > 0)
        0.25
    """
    levels, places = np.unique(shares, return_inverse=True)
    yes = np.bincount(places, wanted, len(levels))
    no = np.bincount(places, ~wanted, len(levels))
    # Threshold k lies below level k: everything from there on says yes.
    right = np.append(np.cumsum(yes[::-1])[::-1], 0.0)
    wrong = np.append(np.cumsum(no[::-1])[::-1], 0.0)
    between = (levels[:-1] + levels[1:]) / 2
    thresholds = np.concatenate([[levels[0] / 2], between, [(1.0 + levels[-1]) / 2]])
    with np.errstate(all="ignore"):
        values = np.nan_to_num(RATES[metric](right, wrong, yes.sum() - right, no.sum() - wrong))
    best = np.flatnonzero(values >= values.max() - 1e-12)
    return float(thresholds[best[np.abs(thresholds[best] - 0.5).argmin()]])


def _mcc(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    above = tp * tn - fp * fn
    result: Floats = above / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return result


RATES: Mapping[str, Callable[[Floats, Floats, Floats, Floats], Floats]] = {
    "accuracy": lambda tp, fp, fn, tn: (tp + tn) / (tp + fp + fn + tn),
    "balanced_accuracy": lambda tp, fp, fn, tn: (tp / (tp + fn) + tn / (tn + fp)) / 2,
    "f1": lambda tp, fp, fn, tn: 2 * tp / (2 * tp + fp + fn),
    "jaccard": lambda tp, fp, fn, tn: tp / (tp + fp + fn),
    "mcc": _mcc,
}
"""Metrics a threshold can be chosen by, of true and false yes, false and true no."""
