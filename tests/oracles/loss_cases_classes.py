"""Cases of losses of classes: indices, probabilities, yes and no, overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from layer_case import between, whole
from loss_case import Array, LossCase, LossCases, LossRefusal, log_shares, shares, some, yes_no
from loss_cases_numbers import ALIKE, module

WEIGHTS = [0.5, 2.0, 1.5, 0.25]
CLASSES_WANTED = (
    LossRefusal("needs a dimension of classes beside the batch", ((),), ((),), wanted="int64"),
    LossRefusal("needs class indices, the target holds float32", ((4,),), ((),)),
    LossRefusal("without dim 1: output [N, 4], target [N, 1]", ((4,),), ((1,),), wanted="int64"),
    LossRefusal("dim 2 is not a dimension of classes", ((4,),), ((),), {"dim": 2}, wanted="int64"),
    LossRefusal(
        "weight has 2 numbers, the output [N, 4] has 4 classes",
        ((4,),),
        ((),),
        {"weight": [1.0, 2.0]},
        wanted="int64",
    ),
)
PLACES = (
    LossRefusal(
        "weight has 2 numbers, the output [N, 3] has 3 on its last dimension",
        ((3,),),
        ((3,),),
        {"weight": [1, 2]},
    ),
)


def picked(x: Array, t: Array, axis: int) -> Array:
    return np.take_along_axis(x, np.expand_dims(t, axis), axis).squeeze(axis)


def log_softmax(x: Array, axis: int) -> Array:
    moved = x - x.max(axis, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis, keepdims=True)))


def weights_of(t: Array, weight: Sequence[float] | None, ignore: int | None, size: int) -> Array:
    """Return the weight of each target's class, 0 where it is ignored."""
    table = np.ones(size) if weight is None else np.array(weight)
    kept = np.ones(t.shape, bool) if ignore is None else t != ignore
    return np.asarray(np.where(kept, table[np.where(kept, t, 0)], 0.0))


def cross_entropy(
    weight: Sequence[float] | None = None,
    ignore: int | None = None,
    smoothing: float = 0.0,
    axis: int = 1,
    gamma: float = 0.0,
) -> Any:
    """Return the formula for indices or probabilities, with all options."""

    def formula(x: Array, t: Array) -> Any:
        size, logs = x.shape[axis], log_softmax(x, axis)
        table = np.ones(size) if weight is None else np.array(weight)
        along = np.moveaxis(logs, axis, -1)
        if t.dtype.kind == "f":
            wanted = (1 - smoothing) * np.moveaxis(t, axis, -1) + smoothing / size
            return -(along * wanted * table).sum(-1)
        weights = weights_of(t, weight, ignore, size)
        right = picked(logs, np.where(weights_of(t, None, ignore, size) > 0, t, 0), axis)
        evenly = (along * table).sum(-1) * weights_of(t, None, ignore, size)
        focus = (1 - np.exp(right)) ** gamma
        return -(1 - smoothing) * weights * focus * right - smoothing / size * evenly, weights

    return formula


def nll(weight: Sequence[float] | None = None, ignore: int | None = None, axis: int = 1) -> Any:
    def formula(x: Array, t: Array) -> Any:
        weights = weights_of(t, weight, ignore, x.shape[axis])
        index = np.where(weights_of(t, None, ignore, x.shape[axis]) > 0, t, 0)
        return -weights * picked(x, index, axis), weights

    return formula


def weighted(name: str, **keys: Any) -> Any:
    """Return what makes PyTorch's module with settings, lists as tensors in float64."""

    def make(t: Any, **more: Any) -> Any:
        given = {
            key: t.tensor(value, dtype=t.float64) if key.endswith("weight") else value
            for key, value in keys.items()
        }
        return getattr(t.nn, name)(**given, **more)

    return make


def classes_last(make: Any) -> Any:
    """Return a module that takes the classes last."""

    def build(t: Any, **more: Any) -> Any:
        made = make(t, **more)
        return lambda x, y: made(x.movedim(-1, 1), y)

    return build


def bce(x: Array, t: Array) -> Array:
    return np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x)))


def bce_of_probabilities(p: Array, t: Array) -> Array:
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def positive(x: Array, t: Array, q: Any) -> Array:
    return -(np.asarray(q) * t * np.log(sigmoid(x)) + (1 - t) * np.log(sigmoid(-x)))


def sigmoid_focal(alpha: float | None, gamma: float) -> Any:
    def formula(x: Array, t: Array) -> Array:
        p = sigmoid(x)
        right = p * t + (1 - p) * (1 - t)
        share = 1.0 if alpha is None else alpha * t + (1 - alpha) * (1 - t)
        return np.asarray(share * (1 - right) ** gamma * bce(x, t))

    return formula


def focal_torch(alpha: float, gamma: float) -> Any:
    def make(t: Any, reduction: str) -> Any:
        def loss(x: Any, y: Any) -> Any:
            p = t.sigmoid(x)
            base = t.nn.functional.binary_cross_entropy_with_logits(x, y, reduction="none")
            right = p * y + (1 - p) * (1 - y)
            made = (alpha * y + (1 - alpha) * (1 - y)) * (1 - right) ** gamma * base
            return made.mean() if reduction == "mean" else made.sum()

        return loss

    return make


def overlap(alpha: float, beta: float, smooth: float, logits: bool = False) -> Any:
    def formula(x: Array, t: Array) -> Array:
        p = sigmoid(x) if logits else x
        axes = tuple(range(1, x.ndim))
        right = (p * t).sum(axes)
        wrong, missed = (p * (1 - t)).sum(axes), ((1 - p) * t).sum(axes)
        return np.asarray(1 - (right + smooth) / (right + alpha * wrong + beta * missed + smooth))

    return formula


PROBABILITIES = (between(0.05, 0.95),)
OVERLAPS = LossRefusal("wrong value for 'smooth'", ((3,),), ((3,),), {"smooth": -1})

CLASSES: dict[str, LossCases] = {
    "BCEWithLogitsLoss": LossCases(
        (
            LossCase(((3,),), ((3,),), bce, module("BCEWithLogitsLoss"), wanted=(yes_no,)),
            LossCase(((),), ((),), bce, module("BCEWithLogitsLoss"), wanted=(between(0, 1),)),
            LossCase(
                ((2, 3),),
                ((2, 3),),
                lambda x, t: bce(x, t) * [0.5, 2.0, 0.0],
                weighted("BCEWithLogitsLoss", weight=[0.5, 2.0, 0.0]),
                {"weight": [0.5, 2.0, 0.0]},
                wanted=(yes_no,),
            ),
            LossCase(
                ((3,),),
                ((3,),),
                lambda x, t: 3 * positive(x, t, 2.5),
                weighted("BCEWithLogitsLoss", pos_weight=2.5, weight=3.0),
                {"pos_weight": 2.5, "weight": 3},
                wanted=(between(0, 1),),
            ),
            LossCase(
                ((2, 3),),
                ((2, 3),),
                lambda x, t: positive(x, t, [0.5, 1.0, 4.0]),
                weighted("BCEWithLogitsLoss", pos_weight=[0.5, 1.0, 4.0]),
                {"pos_weight": [0.5, 1.0, 4.0]},
                wanted=(yes_no,),
            ),
        ),
        (
            *ALIKE,
            *PLACES,
            LossRefusal(
                "pos_weight has 2 numbers, the output [N, 3] has 3",
                ((3,),),
                ((3,),),
                {"pos_weight": [1, 2]},
            ),
        ),
    ),
    "BCELoss": LossCases(
        (
            LossCase(
                ((3,),),
                ((3,),),
                bce_of_probabilities,
                module("BCELoss"),
                draws=PROBABILITIES,
                wanted=(yes_no,),
            ),
            LossCase(
                ((2, 3),),
                ((2, 3),),
                lambda p, t: bce_of_probabilities(p, t) * [0.5, 2.0, 0.0],
                weighted("BCELoss", weight=[0.5, 2.0, 0.0]),
                {"weight": [0.5, 2.0, 0.0]},
                draws=PROBABILITIES,
                wanted=(between(0, 1),),
            ),
        ),
        (*ALIKE, *PLACES),
    ),
    "CrossEntropyLoss": LossCases(
        (
            LossCase(
                ((4,),), ((),), cross_entropy(), module("CrossEntropyLoss"), wanted=(whole(4),)
            ),
            LossCase(
                ((4, 3, 2),),
                ((3, 2),),
                cross_entropy(WEIGHTS, -100),
                weighted("CrossEntropyLoss", weight=WEIGHTS, ignore_index=-100),
                {"weight": WEIGHTS, "ignore_index": -100},
                wanted=(some(whole(4), -100),),
            ),
            LossCase(
                ((3, 4),),
                ((3,),),
                cross_entropy(WEIGHTS, 2, 0.1, axis=2),
                classes_last(
                    weighted(
                        "CrossEntropyLoss", weight=WEIGHTS, ignore_index=2, label_smoothing=0.1
                    )
                ),
                {"weight": WEIGHTS, "ignore_index": 2, "label_smoothing": 0.1, "dim": -1},
                wanted=(whole(4),),
            ),
            LossCase(
                ((4, 2),),
                ((4, 2),),
                cross_entropy(WEIGHTS, None, 0.2),
                weighted("CrossEntropyLoss", weight=WEIGHTS, label_smoothing=0.2),
                {"weight": WEIGHTS, "label_smoothing": 0.2},
                wanted=(shares(),),
            ),
            LossCase(
                ((4,),), ((4,),), cross_entropy(), module("CrossEntropyLoss"), wanted=(shares(),)
            ),
        ),
        (
            *CLASSES_WANTED,
            LossRefusal(
                "ignore_index means nothing for targets that are probabilities",
                ((4,),),
                ((4,),),
                {"ignore_index": -100},
            ),
            LossRefusal(
                "wrong value for 'label_smoothing'", ((4,),), ((4,),), {"label_smoothing": 2}
            ),
        ),
    ),
    "NLLLoss": LossCases(
        (
            LossCase(
                ((4,),), ((),), nll(), module("NLLLoss"), draws=(log_shares(),), wanted=(whole(4),)
            ),
            LossCase(
                ((4, 3),),
                ((3,),),
                nll(WEIGHTS, -1),
                weighted("NLLLoss", weight=WEIGHTS, ignore_index=-1),
                {"weight": WEIGHTS, "ignore_index": -1},
                draws=(log_shares(),),
                wanted=(some(whole(4), -1),),
            ),
        ),
        CLASSES_WANTED,
    ),
    "FocalLoss": LossCases(
        (
            LossCase(
                ((4,),),
                ((),),
                cross_entropy(gamma=0.0),
                module("CrossEntropyLoss"),
                {"gamma": 0},
                wanted=(whole(4),),
            ),
            LossCase(
                ((4, 3),),
                ((3,),),
                cross_entropy(WEIGHTS, -100, gamma=2.0),
                None,
                {"weight": WEIGHTS, "ignore_index": -100},
                wanted=(some(whole(4), -100),),
            ),
            LossCase(
                ((4,),), ((),), cross_entropy(gamma=0.7), None, {"gamma": 0.7}, wanted=(whole(4),)
            ),
        ),
        CLASSES_WANTED,
    ),
    "SigmoidFocalLoss": LossCases(
        (
            LossCase(
                ((3,),), ((3,),), sigmoid_focal(0.25, 2.0), focal_torch(0.25, 2.0), wanted=(yes_no,)
            ),
            LossCase(
                ((2, 3),),
                ((2, 3),),
                sigmoid_focal(None, 1.5),
                None,
                {"alpha": None, "gamma": 1.5},
                wanted=(between(0, 1),),
            ),
            LossCase(
                ((3,),),
                ((3,),),
                sigmoid_focal(0.6, 0.0),
                None,
                {"alpha": 0.6, "gamma": 0},
                wanted=(yes_no,),
            ),
        ),
        ALIKE,
    ),
    "DiceLoss": LossCases(
        (
            LossCase(
                ((3,),),
                ((3,),),
                overlap(0.5, 0.5, 0.5),
                None,
                draws=PROBABILITIES,
                wanted=(yes_no,),
            ),
            LossCase(
                ((1, 3, 2),),
                ((1, 3, 2),),
                overlap(0.5, 0.5, 0.05, logits=True),
                None,
                {"smooth": 0.1, "from_logits": True},
                wanted=(between(0, 1),),
            ),
        ),
        (*ALIKE, OVERLAPS),
        no_torch="torch has none",
    ),
    "TverskyLoss": LossCases(
        (
            LossCase(
                ((3,),),
                ((3,),),
                overlap(0.5, 0.5, 1.0),
                None,
                draws=PROBABILITIES,
                wanted=(yes_no,),
            ),
            LossCase(
                ((2, 3),),
                ((2, 3),),
                overlap(0.3, 0.9, 0.2, logits=True),
                None,
                {"alpha": 0.3, "beta": 0.9, "smooth": 0.2, "from_logits": True},
                wanted=(yes_no,),
            ),
        ),
        (*ALIKE, OVERLAPS),
        no_torch="torch has none",
    ),
}
"""All cases by loss."""
