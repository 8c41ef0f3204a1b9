"""Cases of losses that are zero beyond a margin."""

from __future__ import annotations

from typing import Any

import numpy as np
from layer_case import between, whole
from loss_case import Array, LossCase, LossCases, LossRefusal, signs, some, yes_no
from loss_cases_classes import CLASSES_WANTED, WEIGHTS, bce, picked, weighted, weights_of
from loss_cases_numbers import ALIKE, module


def multi_margin(p: int, margin: float, weight: Any = None, ignore: int | None = None) -> Any:
    def formula(x: Array, t: Array) -> Any:
        size = x.shape[1]
        kept = weights_of(t, None, ignore, size)
        index = np.where(kept > 0, t, 0)
        lacking = np.maximum(0, margin - picked(x, index, 1)[:, None] + x) ** p
        np.put_along_axis(lacking, index[:, None], 0.0, 1)
        return lacking.sum(1) / size * weights_of(t, weight, ignore, size), kept

    return formula


def best_of_others(weight: Any = None, ignore: int | None = None, axis: int = 1) -> Any:
    def formula(x: Array, t: Array) -> Any:
        weights = weights_of(t, weight, ignore, x.shape[axis])
        index = np.where(weights_of(t, None, ignore, x.shape[axis]) > 0, t, 0)
        others = np.array(x)
        np.put_along_axis(others, np.expand_dims(index, axis), -np.inf, axis)
        return weights * np.maximum(0, 1 + others.max(axis) - picked(x, index, axis)), weights

    return formula


def multi_label(x: Array, t: Array) -> Array:
    losses = np.zeros(len(x))
    for row, (scores, listed) in enumerate(zip(x, t, strict=True)):
        labels = list(listed[: list(listed).index(-1)] if -1 in listed else listed)
        for j in labels:
            for i in set(range(len(scores))) - set(labels):
                losses[row] += max(0.0, 1 - (scores[j] - scores[i])) / len(scores)
    return losses


def some_labels(chance: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw lists of different labels, ended by -1; what comes after it means nothing."""
    rows = []
    for _ in range(shape[0]):
        labels = chance.permutation(shape[1])
        labels[chance.integers(0, shape[1] + 1) :][:1] = -1
        rows.append(labels)
    return np.array(rows)


def pairs(shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    return (shape, shape)


MARGINS: dict[str, LossCases] = {
    "HingeLoss": LossCases(
        (LossCase(((3,),), ((3,),), lambda x, t: np.maximum(0, 1 - t * x), None, wanted=(signs,)),),
        ALIKE,
        no_torch="torch has none; scikit-learn's is compared in tests/unit/losses",
    ),
    "SquaredHingeLoss": LossCases(
        (
            LossCase(
                ((2, 3),),
                ((2, 3),),
                lambda x, t: np.maximum(0, 1 - t * x) ** 2,
                None,
                wanted=(signs,),
            ),
        ),
        ALIKE,
        no_torch="torch has none",
    ),
    "CategoricalHingeLoss": LossCases(
        (
            LossCase(((4,),), ((),), best_of_others(), None, wanted=(whole(4),)),
            LossCase(
                ((3, 4),),
                ((3,),),
                best_of_others(WEIGHTS, -100, 2),
                None,
                {"weight": WEIGHTS, "ignore_index": -100, "dim": -1},
                wanted=(some(whole(4), -100),),
            ),
        ),
        CLASSES_WANTED,
        no_torch="torch has none; scikit-learn's is compared in tests/unit/losses",
    ),
    "SoftMarginLoss": LossCases(
        tuple(
            LossCase(
                (shape,),
                (shape,),
                lambda x, t: np.log1p(np.exp(-t * x)),
                module("SoftMarginLoss"),
                wanted=(signs,),
            )
            for shape in ((3,), (2, 3))
        ),
        ALIKE,
    ),
    "HingeEmbeddingLoss": LossCases(
        (
            LossCase(
                ((3,),),
                ((3,),),
                lambda x, t: np.where(t == 1, x, np.maximum(0, 1 - x)),
                module("HingeEmbeddingLoss"),
                draws=(between(0, 2),),
                wanted=(signs,),
            ),
            LossCase(
                ((),),
                ((),),
                lambda x, t: np.where(t == 1, x, np.maximum(0, 0.5 - x)),
                module("HingeEmbeddingLoss", margin=0.5),
                {"margin": 0.5},
                wanted=(signs,),
            ),
        ),
        ALIKE,
    ),
    "MarginRankingLoss": LossCases(
        (
            LossCase(
                pairs(()),
                ((),),
                lambda a, b, t: np.maximum(0, -t * (a - b)),
                module("MarginRankingLoss"),
                wanted=(signs,),
            ),
            LossCase(
                pairs((2, 3)),
                ((2, 3),),
                lambda a, b, t: np.maximum(0, -t * (a - b) + 0.5),
                module("MarginRankingLoss", margin=0.5),
                {"margin": 0.5},
                wanted=(signs,),
            ),
        ),
        (
            LossRefusal("input1 [N, 2], input2 [N, 3]", ((2,), (3,)), ((2,),)),
            LossRefusal("output [N, 2], target [N, 3]", ((2,), (2,)), ((3,),)),
            LossRefusal("MarginRankingLoss takes 2 inputs, 1 given", ((2,),), ((2,),)),
        ),
    ),
    "MultiMarginLoss": LossCases(
        (
            LossCase(
                ((4,),), ((),), multi_margin(1, 1.0), module("MultiMarginLoss"), wanted=(whole(4),)
            ),
            LossCase(
                ((4,),),
                ((),),
                multi_margin(2, 0.5, WEIGHTS),
                weighted("MultiMarginLoss", p=2, margin=0.5, weight=WEIGHTS),
                {"p": 2, "margin": 0.5, "weight": WEIGHTS},
                wanted=(whole(4),),
            ),
            LossCase(
                ((4,),),
                ((),),
                multi_margin(1, 1.0, WEIGHTS, 7),
                None,
                {"weight": WEIGHTS, "ignore_index": 7},
                wanted=(some(whole(4), 7),),
            ),
        ),
        (*CLASSES_WANTED, LossRefusal("wrong value for 'p'", ((4,),), ((4,),), {"p": 3})),
    ),
    "MultiLabelMarginLoss": LossCases(
        (
            LossCase(
                ((4,),),
                ((4,),),
                multi_label,
                module("MultiLabelMarginLoss"),
                wanted=(some_labels,),
            ),
        ),
        (
            LossRefusal("needs [N, C] and a list of C indices", ((4,),), ((3,),), wanted="int64"),
            LossRefusal("needs class indices, the target holds float32", ((4,),), ((4,),)),
        ),
    ),
    "MultiLabelSoftMarginLoss": LossCases(
        (
            LossCase(
                ((4,),),
                ((4,),),
                lambda x, t: bce(x, t).mean(1),
                module("MultiLabelSoftMarginLoss"),
                wanted=(yes_no,),
            ),
            LossCase(
                ((2, 4),),
                ((2, 4),),
                lambda x, t: (bce(x, t) * WEIGHTS).mean(2),
                weighted("MultiLabelSoftMarginLoss", weight=WEIGHTS),
                {"weight": WEIGHTS},
                wanted=(yes_no,),
            ),
        ),
        (
            *ALIKE,
            LossRefusal("needs a dimension of labels", ((),), ((),)),
            LossRefusal(
                "weight has 4 numbers, the output [N, 3] has 3 classes",
                ((3,),),
                ((3,),),
                {"weight": WEIGHTS},
            ),
        ),
    ),
}
"""All cases by loss."""
