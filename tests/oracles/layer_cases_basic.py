"""Cases of linear layers, lookups, first activations and dropout."""

from __future__ import annotations

from typing import Any

import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Weights, whole

WHOLE = Refusal("needs floating point numbers", ((3,),), dtype="int64")


def affine(w: Weights, x: Array) -> Array:
    y = x @ w["weight"].T
    return y + w["bias"] if "bias" in w else y


def looked_up(w: Weights, x: Array) -> Array:
    return w["weight"][x]


def shortened(limit: float, p: float) -> Any:
    def formula(w: Weights, x: Array) -> Array:
        rows = w["weight"][x]
        length = (np.abs(rows) ** p).sum(-1, keepdims=True) ** (1 / p)
        return np.asarray(rows * np.where(length > limit, limit / (length + 1e-7), 1))

    return formula


def untouched(module: Any, x: Any) -> Any:
    """Call a module that shortens its own weights, on a copy of them that gradients go through."""
    from torch.nn.functional import embedding

    weight = module.weight
    held = weight.detach().clone()
    embedding(x, held, None, module.max_norm, module.norm_type)
    return embedding(x, weight + (held - weight.detach()))


def softmax(x: Array, axis: int) -> Array:
    e = np.exp(x - x.max(axis, keepdims=True))
    return np.asarray(e / e.sum(axis, keepdims=True))


def elementwise(name: str, function: Any) -> LayerCases:
    """Return cases of an activation on a vector and on a feature map."""
    return LayerCases(
        tuple(
            LayerCase((shape,), lambda w, x: function(x), lambda t: getattr(t.nn, name)())
            for shape in ((5,), (2, 3, 4))
        ),
        (WHOLE,),
    )


BASIC: dict[str, LayerCases] = {
    "Linear": LayerCases(
        (
            LayerCase(((3,),), affine, lambda t: t.nn.Linear(3, 5), {"out_features": 5}),
            LayerCase(
                ((2, 3),),
                affine,
                lambda t: t.nn.Linear(3, 2, bias=False),
                {"out_features": 2, "bias": False, "in_features": 3},
            ),
            LayerCase(((2, 1, 3),), affine, lambda t: t.nn.Linear(3, 1), {"out_features": 1}),
        ),
        (
            Refusal("needs at least one dimension beside the batch", ((),), {"out_features": 1}),
            Refusal(
                "in_features is 4, but the input [N, 3] has 3 features",
                ((3,),),
                {"out_features": 1, "in_features": 4},
            ),
            Refusal("needs floating point numbers", ((3,),), {"out_features": 1}, "int64"),
        ),
    ),
    "Embedding": LayerCases(
        (
            LayerCase(
                ((),),
                looked_up,
                lambda t: t.nn.Embedding(7, 3),
                {"num_embeddings": 7, "embedding_dim": 3},
                (whole(7),),
            ),
            LayerCase(
                ((2, 3),),
                looked_up,
                lambda t: t.nn.Embedding(5, 2, padding_idx=1),
                {"num_embeddings": 5, "embedding_dim": 2, "padding_idx": 1},
                (whole(5),),
                smooth=False,
            ),
            LayerCase(
                ((2,),),
                shortened(1.0, 2.0),
                lambda t: t.nn.Embedding(5, 3, max_norm=1.0),
                {"num_embeddings": 5, "embedding_dim": 3, "max_norm": 1.0},
                (whole(5),),
                smooth=False,
                call=untouched,
            ),
            LayerCase(
                ((2,),),
                shortened(0.7, 1.0),
                lambda t: t.nn.Embedding(5, 3, max_norm=0.7, norm_type=1.0),
                {"num_embeddings": 5, "embedding_dim": 3, "max_norm": 0.7, "norm_type": 1.0},
                (whole(5),),
                smooth=False,
                call=untouched,
            ),
        ),
        (
            Refusal("needs whole numbers", ((3,),), {"num_embeddings": 2, "embedding_dim": 2}),
            Refusal(
                "padding_idx 2 is outside the 2 rows",
                ((3,),),
                {"num_embeddings": 2, "embedding_dim": 2, "padding_idx": 2},
                "int64",
            ),
        ),
    ),
    "Tanh": elementwise("Tanh", np.tanh),
    "Sigmoid": elementwise("Sigmoid", lambda x: 1 / (1 + np.exp(-x))),
    "ReLU": elementwise("ReLU", lambda x: np.maximum(x, 0)),
    "Softmax": LayerCases(
        (
            LayerCase(((5,),), lambda w, x: softmax(x, -1), lambda t: t.nn.Softmax(-1)),
            LayerCase(
                ((3, 2, 4),), lambda w, x: softmax(x, 1), lambda t: t.nn.Softmax(1), {"dim": 1}
            ),
        ),
        (
            WHOLE,
            Refusal("dim 0 is the batch", ((3,),), {"dim": 0}),
            Refusal("dim 2 is outside the input [N, 3]", ((3,),), {"dim": 2}),
        ),
    ),
    "LogSoftmax": LayerCases(
        (
            LayerCase(((5,),), lambda w, x: np.log(softmax(x, -1)), lambda t: t.nn.LogSoftmax(-1)),
            LayerCase(
                ((3, 4),),
                lambda w, x: np.log(softmax(x, 1)),
                lambda t: t.nn.LogSoftmax(1),
                {"dim": -2},
            ),
        ),
        (WHOLE, Refusal("dim 2 is outside the input [N, 3]", ((3,),), {"dim": 2})),
    ),
    "Dropout": LayerCases(
        (
            LayerCase(((5,),), lambda w, x: x, lambda t: t.nn.Dropout(), random=True),
            LayerCase(((2, 3),), lambda w, x: x, lambda t: t.nn.Dropout(0.0), {"p": 0.0}),
        ),
        (WHOLE,),
    ),
}
