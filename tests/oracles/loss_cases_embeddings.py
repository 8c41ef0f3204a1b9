"""Cases of losses of embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
from loss_case import Array, LossCase, LossCases, LossRefusal, signs, yes_no
from loss_cases_classes import log_softmax
from loss_cases_numbers import module

PAIR = ((5,), (5,))
TRIPLE = ((5,), (5,), (5,))
PAIR_REFUSALS = (
    LossRefusal("input1 [N, 2], input2 [N, 3]", ((2,), (3,)), ((),)),
    LossRefusal("needs a target for each pair, float32[N]; it is float32[N, 1]", PAIR, ((1,),)),
    LossRefusal("needs vectors", ((), ()), ((),)),
)
TRIPLE_REFUSALS = (
    LossRefusal("anchor [N, 2], positive [N, 3], negative [N, 2]", ((2,), (3,), (2,)), ()),
    LossRefusal("needs vectors", ((), (), ()), ()),
    LossRefusal("takes 3 inputs, 2 given", PAIR, ()),
    LossRefusal("wrong value for 'margin'", TRIPLE, (), {"margin": 0}),
)


def few(chance: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw one of two vectors, so that many are equal."""
    drawn = chance.integers(0, 2, (shape[0], *(1 for _ in shape[1:])))
    return np.broadcast_to(drawn, shape).astype(float)


def norm(a: Array, b: Array, p: float = 2.0, eps: float = 1e-6) -> Array:
    return np.asarray((np.abs(a - b + eps) ** p).sum(-1) ** (1 / p))


def cosine(a: Array, b: Array) -> Array:
    return np.asarray((a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1)))


def triplet(distance: Any, margin: float = 1.0, swap: bool = False) -> Any:
    def formula(a: Array, p: Array, n: Array) -> Array:
        far = distance(a, n)
        far = np.minimum(far, distance(p, n)) if swap else far
        return np.maximum(0, distance(a, p) - far + margin)

    return formula


def info_nce(temperature: float, normalized: bool, symmetric: bool) -> Any:
    def formula(q: Array, k: Array) -> Array:
        if normalized:
            q, k = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (q, k))
        every = q @ k.T / temperature
        losses = -np.diagonal(log_softmax(every, 1))
        if symmetric:
            losses = (losses - np.diagonal(log_softmax(every, 0))) / 2
        return np.asarray(losses)

    return formula


def info_nce_torch(t: Any, reduction: str) -> Any:
    def loss(q: Any, k: Any) -> Any:
        functional = t.nn.functional
        every = functional.normalize(q) @ functional.normalize(k).T / 0.1
        return functional.cross_entropy(every, t.arange(len(q)), reduction=reduction)

    return loss


def named_distance(name: str) -> Any:
    def make(t: Any, **more: Any) -> Any:
        distances = {
            "squared_euclidean": lambda a, b: ((a - b) ** 2).sum(-1),
            "manhattan": lambda a, b: (a - b).abs().sum(-1),
            "cosine": lambda a, b: 1 - t.nn.functional.cosine_similarity(a, b),
        }
        return t.nn.TripletMarginWithDistanceLoss(distance_function=distances[name], **more)

    return make


EMBEDDINGS: dict[str, LossCases] = {
    "CosineEmbeddingLoss": LossCases(
        tuple(
            LossCase(
                PAIR,
                ((),),
                lambda a, b, t, margin=margin: np.where(
                    t == 1, 1 - cosine(a, b), np.maximum(0, cosine(a, b) - margin)
                ),
                module("CosineEmbeddingLoss", margin=margin),
                {"margin": margin},
                wanted=(signs,),
            )
            for margin in (0.0, -0.6)
        ),
        PAIR_REFUSALS,
    ),
    "ContrastiveLoss": LossCases(
        (
            LossCase(
                PAIR,
                ((),),
                lambda a, b, t: t * norm(a, b) ** 2 + (1 - t) * np.maximum(0, 3 - norm(a, b)) ** 2,
                None,
                {"margin": 3},
                wanted=(yes_no,),
            ),
        ),
        PAIR_REFUSALS,
        no_torch="torch has none",
    ),
    "TripletMarginLoss": LossCases(
        (
            LossCase(TRIPLE, (), triplet(norm), module("TripletMarginLoss")),
            LossCase(
                TRIPLE,
                (),
                triplet(lambda a, b: norm(a, b, 1.0, 0.1), 0.5, swap=True),
                module("TripletMarginLoss", p=1.0, eps=0.1, margin=0.5, swap=True),
                {"p": 1, "eps": 0.1, "margin": 0.5, "swap": True},
            ),
            LossCase(
                ((2, 5), (2, 5), (2, 5)),
                (),
                triplet(lambda a, b: norm(a, b, 3.0)),
                module("TripletMarginLoss", p=3.0),
                {"p": 3},
            ),
            *(
                LossCase(
                    TRIPLE,
                    (),
                    triplet(lambda a, b, p=p: norm(a, b, p, 0.0)),
                    module("TripletMarginLoss", p=p, eps=0.0),
                    {"eps": 0, "p": p},
                    draws=(few, few, few),
                    smooth=False,
                )
                for p in (0.5, 2.0, 50.0)
            ),
        ),
        TRIPLE_REFUSALS,
    ),
    "TripletMarginWithDistanceLoss": LossCases(
        (
            LossCase(TRIPLE, (), triplet(norm), module("TripletMarginWithDistanceLoss")),
            *(
                LossCase(
                    TRIPLE,
                    (),
                    triplet(distance, swap=True),
                    lambda t, name=name, **more: named_distance(name)(t, swap=True, **more),
                    {"distance_function": name, "swap": True},
                )
                for name, distance in (
                    ("squared_euclidean", lambda a, b: ((a - b) ** 2).sum(-1)),
                    ("manhattan", lambda a, b: np.abs(a - b).sum(-1)),
                    ("cosine", lambda a, b: 1 - cosine(a, b)),
                )
            ),
        ),
        (
            *TRIPLE_REFUSALS,
            LossRefusal(
                "wrong value for 'distance_function'", TRIPLE, (), {"distance_function": "far"}
            ),
        ),
    ),
    "InfoNCELoss": LossCases(
        (
            LossCase(PAIR, (), info_nce(0.1, True, False), info_nce_torch, alone=False),
            LossCase(
                PAIR,
                (),
                info_nce(0.5, False, True),
                None,
                {"temperature": 0.5, "normalize": False, "symmetric": True},
                alone=False,
            ),
        ),
        (
            LossRefusal("query [N, 2], key [N, 3]", ((2,), (3,)), ()),
            LossRefusal("needs one vector a sample, not [N, 2, 3]", ((2, 3), (2, 3)), ()),
        ),
    ),
}
"""All cases by loss."""
