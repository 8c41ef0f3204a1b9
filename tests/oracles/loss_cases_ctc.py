"""Cases of connectionist temporal classification, whose formula adds up every alignment there is."""

from __future__ import annotations

from itertools import groupby, product
from typing import Any

import numpy as np
from layer_case import whole
from loss_case import Array, LossCase, LossCases, LossRefusal, Sizes, log_shares


def from_one(limit: int) -> Any:
    """Draw classes but the blank, 0."""
    return lambda chance, shape: chance.integers(1, limit, shape)


def up_to(most: int, least: int = 0) -> Any:
    return lambda chance, shape: chance.integers(least, most + 1, shape)


def every_alignment(mean: bool, blank: int = 0, zero: bool = False) -> Any:
    def formula(x: Array, labels: Array, steps: Array, lengths: Array) -> Array:
        losses = []
        for scores, row, time, length in zip(x, labels, steps, lengths, strict=True):
            wanted, found = [int(c) for c in row[:length]], 0.0
            for path in product(range(x.shape[2]), repeat=int(time)):
                if [c for c, _ in groupby(path) if c != blank] == wanted:
                    found += float(np.exp(sum(scores[t, c] for t, c in enumerate(path))))
            loss = 0.0 if zero and not found else -np.log(found)
            losses.append(loss / max(length, 1) if mean else loss)
        return np.array(losses)

    return formula


SHAPES: tuple[tuple[Sizes, ...], tuple[Sizes, ...]] = (((5, 3),), ((2,), (), ()))
INT = "int64"

CTC: dict[str, LossCases] = {
    "CTCLoss": LossCases(
        (
            LossCase(
                *SHAPES,
                every_alignment(mean=True),
                None,
                draws=(log_shares(2),),
                wanted=(from_one(3), up_to(5, 4), up_to(2)),
                whole_sum=every_alignment(mean=False),
            ),
            LossCase(
                *SHAPES,
                every_alignment(mean=True, blank=2, zero=True),
                None,
                {"blank": 2, "zero_infinity": True},
                draws=(log_shares(2),),
                wanted=(whole(2), up_to(5), up_to(2)),
                whole_sum=every_alignment(mean=False, blank=2, zero=True),
            ),
        ),
        (
            LossRefusal(
                "needs log_probs [N, T, C], labels [N, S]", ((3,),), ((2,), (), ()), wanted=INT
            ),
            LossRefusal("needs whole numbers as targets", ((5, 3),), ((2,), (), ())),
            LossRefusal("CTCLoss takes 3 targets, 1 given", ((5, 3),), ((2,),), wanted=INT),
            LossRefusal(
                "has 1000000000 labels a sample", ((5, 3),), ((10**9,), (), ()), wanted=INT
            ),
            LossRefusal(
                "blank 3 is none of the 3 classes",
                ((5, 3),),
                ((2,), (), ()),
                {"blank": 3},
                wanted=INT,
            ),
        ),
        no_torch="compared behind LogSoftmax, where gradients agree, in test_ctc.py",
    ),
}
"""All cases by loss."""
