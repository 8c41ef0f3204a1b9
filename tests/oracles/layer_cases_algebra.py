"""Cases of products, distances, values that are given, bags of rows, and noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Sizes, Weights, between, whole
from layer_cases_activation import standing

WHOLE = Refusal("needs floating point numbers", ((3,),), dtype="int64")


def bilinear(w: Weights, a: Array, b: Array) -> Array:
    y = np.einsum("...i,kij,...j->...k", a, w["weight"], b)
    return np.asarray(y + w["bias"] if "bias" in w else y)


def einsum(equation: str, *shapes: Sizes) -> LayerCase:
    return LayerCase(
        shapes,
        lambda w, *xs: np.einsum(equation, *xs),
        lambda t: lambda *xs: t.einsum(equation, *xs),
        {"equation": equation},
    )


def wrong(message: str, equation: str, *shapes: Sizes) -> Refusal:
    return Refusal(message, shapes, {"equation": equation})


def unit(x: Array, axis: int, p: float = 2.0) -> Array:
    size = np.abs(x).max(axis, keepdims=True)
    if p != np.inf:
        size = (np.abs(x) ** p).sum(axis, keepdims=True) ** (1 / p)
    return np.asarray(x / np.maximum(size, 1e-12))


def cosine(axis: int) -> Any:
    def formula(w: Weights, a: Array, b: Array) -> Array:
        both = [np.sqrt((x**2).sum(axis)) for x in (a, b)]
        return np.asarray((a * b).sum(axis) / (both[0] * both[1]))

    return formula


def distance(p: float, *, kept: bool = False) -> Any:
    def formula(w: Weights, a: Array, b: Array) -> Array:
        apart = np.abs(a - b + 1e-6)
        if p == np.inf:
            return np.asarray(apart.max(-1, keepdims=kept))
        return np.asarray((apart**p).sum(-1, keepdims=kept) ** (1 / p))

    return formula


def learned(shape: Sizes) -> Any:
    def made(t: Any) -> Any:
        class Given(t.nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.value = t.nn.Parameter(t.zeros(shape))

            def forward(self, x: Any) -> Any:
                return self.value.expand(len(x), *shape)

        return Given()

    return made


def bag(mode: str, padding: int | None = None) -> Any:
    def formula(w: Weights, x: Array, weights: Array | None = None) -> Array:
        found = []
        for number, places in enumerate(x):
            kept = [i for i, place in enumerate(places) if place != padding]
            rows = w["weight"][places[kept]]
            if weights is not None:
                rows = rows * weights[number][kept][:, None]
            nothing = np.zeros(rows.shape[1])
            found.append(getattr(rows, mode)(0) if kept else nothing)
        return np.stack(found)

    return formula


def bags(mode: str, padding: int | None = None, *, weighed: bool = False) -> LayerCase:
    keys: dict[str, Any] = {"num_embeddings": 5, "embedding_dim": 3, "mode": mode}
    more = {} if padding is None else {"padding_idx": padding}
    return LayerCase(
        ((4,), (4,)) if weighed else ((4,),),
        bag(mode, padding),
        lambda t: t.nn.EmbeddingBag(5, 3, mode=mode, **more),
        {**keys, **more},
        (whole(5), between(-1.0, 1.0)) if weighed else (whole(5),),
        call=lambda m, x, weights=None: m(x, per_sample_weights=weights),
        # Rows that are left out get no gradient.
        smooth=padding is None,
    )


def noise(keys: dict[str, Any], shape: Sizes, torch: Any, *refusals: Refusal) -> LayerCases:
    """Return the case of a layer that does nothing in evaluation."""
    whole_numbers = Refusal(WHOLE.message, (shape,), keys, "int64")
    case = LayerCase((shape,), lambda w, x: x, torch, keys, random=True)
    return LayerCases(
        (case,),
        (whole_numbers, *refusals),
        no_torch="" if torch else "PyTorch has no such layer",
    )


def soft(x: Array, tau: float) -> Array:
    e = np.exp((x - x.max(-1, keepdims=True)) / tau)
    return np.asarray(e / e.sum(-1, keepdims=True))


def hard(x: Array) -> Array:
    return np.asarray((x == x.max(-1, keepdims=True)) * 1.0)


ALGEBRA: dict[str, LayerCases] = {
    "MatMul": LayerCases(
        (
            LayerCase(((2, 3), (3, 4)), lambda w, a, b: a @ b, lambda t: t.matmul),
            LayerCase(((2, 2, 3), (2, 3, 1)), lambda w, a, b: a @ b, lambda t: t.matmul),
            LayerCase(((2, 2, 3), (1, 3, 2)), lambda w, a, b: a @ b, lambda t: t.matmul),
        ),
        (
            Refusal("needs a matrix for each sample", ((3,), (3, 2))),
            Refusal("the last size 3 of the first is not the size 4", ((2, 3), (4, 2))),
            Refusal("they have 3 and 4 dimensions", ((2, 3), (5, 3, 2))),
            Refusal("cannot be broadcast", ((4, 2, 3), (5, 3, 2))),
        ),
    ),
    "Bmm": LayerCases(
        (LayerCase(((2, 3), (3, 4)), lambda w, a, b: a @ b, lambda t: t.bmm),),
        (Refusal("needs [N, n, k] and [N, k, m]", ((2, 2, 3), (2, 3, 2))),),
    ),
    "Bilinear": LayerCases(
        (
            LayerCase(
                ((3,), (2,)), bilinear, lambda t: t.nn.Bilinear(3, 2, 4), {"out_features": 4}
            ),
            LayerCase(
                ((2, 3), (2, 5)),
                bilinear,
                lambda t: t.nn.Bilinear(3, 5, 1, bias=False),
                {"out_features": 1, "bias": False, "in1_features": 3, "in2_features": 5},
            ),
        ),
        (
            Refusal(
                "in2_features is 4, but the input [N, 2] has 2 features",
                ((3,), (2,)),
                {"out_features": 1, "in2_features": 4},
            ),
            Refusal(
                "the inputs [N, 2, 3] and [N, 3, 3] differ in more than the last dimension",
                ((2, 3), (3, 3)),
                {"out_features": 1},
            ),
        ),
    ),
    "Einsum": LayerCases(
        (
            einsum("nij,njk->nik", (2, 3), (3, 4)),
            einsum("ni,ni->n", (3,), (3,)),
            einsum("ni,nj->nij", (3,), (2,)),
            einsum("nij->nji", (2, 3)),
            einsum("nij->nj", (2, 3)),
            einsum("nhqd,nhkd->nhqk", (2, 3, 4), (2, 5, 4)),
            einsum("nij,nik->nkj", (2, 3), (2, 4)),
            einsum("ni,nij,nj->n", (2,), (2, 3), (3,)),
            einsum("nij,njk,nkl->nil", (2, 3), (3, 2), (2, 2)),
            einsum("nia,nib->ni", (2, 3), (2, 4)),
            einsum("n,ni->ni", (), (3,)),
        ),
        (
            wrong("has no '->'", "nij,njk", (2, 3), (3, 4)),
            wrong("equation 'ni->' has no result", "ni->", (2,)),
            wrong("'n...' in equation 'n...->n' is not made of letters", "n...->n", (2,)),
            wrong("a letter stands twice in 'nii'", "nii->n", (2, 2)),
            wrong("'in' in equation 'in->n' does not begin with the batch", "in->n", (2,)),
            wrong("'j' in the result of equation 'ni->nj' is in no input", "ni->nj", (2,)),
            wrong("has 1 term, the layer 2 inputs", "ni->n", (2,), (2,)),
            wrong(
                "'ni' in equation 'ni->n' has 2 letters, the input [N, 2, 3] 3 dimensions",
                "ni->n",
                (2, 3),
            ),
            wrong(
                "'i' in equation 'ni,ni->n' is 2 and, in the input [N, 3], 3",
                "ni,ni->n",
                (2,),
                (3,),
            ),
        ),
    ),
    "Normalize": LayerCases(
        (
            LayerCase(((3,),), lambda w, x: unit(x, 1), lambda t: t.nn.functional.normalize),
            LayerCase(
                ((2, 3),),
                lambda w, x: unit(x, 2, 1.0),
                lambda t: lambda x: t.nn.functional.normalize(x, 1.0, 2),
                {"p": 1.0, "dim": -1},
            ),
            LayerCase(
                ((2, 3),),
                lambda w, x: unit(x, 1, np.inf),
                lambda t: lambda x: t.nn.functional.normalize(x, float("inf"), 1),
                {"p": "inf"},
            ),
            LayerCase(
                ((3,),),
                lambda w, x: x,
                lambda t: t.nn.functional.normalize,
                {},
                (standing((0.0, 0.0, 0.0)),),
                smooth=False,
            ),
        ),
        (WHOLE, Refusal("dim 0 is the batch", ((3,),), {"dim": 0})),
    ),
    "CosineSimilarity": LayerCases(
        (
            LayerCase(((3,), (3,)), cosine(1), lambda t: t.nn.CosineSimilarity()),
            LayerCase(((2, 3), (2, 3)), cosine(2), lambda t: t.nn.CosineSimilarity(2), {"dim": 2}),
            LayerCase(
                ((2,), (2,)),
                lambda w, a, b: 0 * a.sum(1),
                lambda t: t.nn.CosineSimilarity(),
                {},
                (standing((0.0, 0.0)), standing((1.0, 2.0))),
                smooth=False,
            ),
        ),
        (Refusal("the inputs have different shapes [N, 3] and [N, 4]", ((3,), (4,))),),
    ),
    "PairwiseDistance": LayerCases(
        (
            LayerCase(((3,), (3,)), distance(2.0), lambda t: t.nn.PairwiseDistance()),
            LayerCase(
                ((2, 3), (2, 3)),
                distance(1.0, kept=True),
                lambda t: t.nn.PairwiseDistance(1.0, keepdim=True),
                {"p": 1.0, "keepdim": True},
            ),
            LayerCase(
                ((3,), (3,)),
                distance(np.inf),
                lambda t: t.nn.PairwiseDistance(float("inf")),
                {"p": "inf"},
            ),
        ),
        (Refusal("the inputs have different shapes [N, 3] and [N, 4]", ((3,), (4,))),),
    ),
    "Parameter": LayerCases(
        (
            LayerCase(
                ((1,),),
                lambda w, x: np.broadcast_to(w["value"], (len(x), 2, 3)),
                learned((2, 3)),
                {"shape": [2, 3], "inputs": []},
            ),
            LayerCase(
                ((1,),),
                lambda w, x: np.broadcast_to(w["value"], (len(x),)),
                learned(()),
                {"shape": [], "inputs": []},
            ),
        ),
        (Refusal("wrong number of inputs", ((3,),), {"shape": [2]}),),
    ),
    "Constant": LayerCases(
        (
            LayerCase(
                ((1,),),
                lambda w, x: np.full((len(x), 2, 2), 1.5),
                lambda t: lambda x: t.full((len(x), 2, 2), 1.5, dtype=t.float64),
                {"shape": [2, 2], "value": 1.5, "inputs": []},
            ),
            LayerCase(
                ((1,),),
                lambda w, x: np.tile([[[1.0, 2.0], [3.0, 4.0]]], (len(x), 1, 1)),
                None,
                {"shape": [2, 2], "value": [1.0, 2.0, 3.0, 4.0], "inputs": []},
            ),
        ),
        (
            Refusal(
                "value lists 3 numbers, shape [2, 2] has 4 elements",
                ((3,),),
                {"shape": [2, 2], "value": [1.0, 2.0, 3.0], "inputs": []},
            ),
        ),
    ),
    "EmbeddingBag": LayerCases(
        (
            bags("mean"),
            bags("sum"),
            bags("max"),
            bags("mean", 2),
            bags("sum", 2),
            bags("max", 2),
            bags("sum", weighed=True),
            bags("sum", 1, weighed=True),
        ),
        (
            Refusal(
                "needs [N, L], the input is [N]",
                ((),),
                {"num_embeddings": 2, "embedding_dim": 2},
                "int64",
            ),
            Refusal("needs whole numbers", ((3,),), {"num_embeddings": 2, "embedding_dim": 2}),
            Refusal(
                "a second input weighs rows of a sum, the mode is mean",
                ((3,), (3,)),
                {"num_embeddings": 2, "embedding_dim": 2},
                "int64",
            ),
        ),
    ),
    "Dropout1d": noise(
        {},
        (3, 4),
        lambda t: t.nn.Dropout1d(),
        Refusal("needs [N, C, L], the input is [N, 3]", ((3,),)),
    ),
    "Dropout2d": noise(
        {}, (3, 2, 2), lambda t: t.nn.Dropout2d(), Refusal("needs [N, C, H, W]", ((3,),))
    ),
    "Dropout3d": noise(
        {}, (3, 2, 1, 2), lambda t: t.nn.Dropout3d(), Refusal("needs [N, C, D, H, W]", ((3,),))
    ),
    "AlphaDropout": noise({}, (3,), lambda t: t.nn.AlphaDropout()),
    "FeatureAlphaDropout": noise(
        {}, (3, 4), lambda t: t.nn.FeatureAlphaDropout(), Refusal("needs [N, C, ...]", ((),))
    ),
    "GaussianNoise": noise({"std": 0.1}, (3,), None),
    "GaussianDropout": noise({}, (3,), None),
    "StochasticDepth": noise({"p": 0.2, "mode": "batch"}, (3,), None),
    "GumbelSoftmax": LayerCases(
        (
            LayerCase(((5,),), lambda w, x: soft(x, 1.0), None, random=True),
            LayerCase(((5,),), lambda w, x: soft(x, 0.5), None, {"tau": 0.5}, random=True),
            LayerCase(((2, 4),), lambda w, x: hard(x), None, {"hard": True}, random=True),
        ),
        (WHOLE, Refusal("dim 0 is the batch", ((3,),), {"dim": 0})),
        no_torch="PyTorch's function always adds noise",
    ),
}
