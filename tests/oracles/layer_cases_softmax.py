"""Cases of the adaptive softmax."""

from __future__ import annotations

from typing import Any

import numpy as np
from layer_case import Array, Formula, LayerCase, LayerCases, Refusal, Weights


def log_softmax(z: Array) -> Array:
    top = z.max(-1, keepdims=True)
    return np.asarray(z - top - np.log(np.exp(z - top).sum(-1, keepdims=True)))


def log_prob(cutoffs: tuple[int, ...], n_classes: int) -> Formula:
    """Return the formula, class by class: its cluster's share times its own within the cluster."""

    def formula(w: Weights, x: Array) -> Array:
        head = log_softmax(x @ w["head.weight"].T + w.get("head.bias", 0.0))
        y = np.empty((*x.shape[:-1], n_classes))
        for c in range(n_classes):
            cluster = sum(c >= cutoff for cutoff in cutoffs) - 1
            if cluster < 0:
                y[..., c] = head[..., c]
                continue
            narrow = x @ w[f"tail.{cluster}.0.weight"].T
            inside = log_softmax(narrow @ w[f"tail.{cluster}.1.weight"].T)
            y[..., c] = head[..., cutoffs[0] + cluster] + inside[..., c - cutoffs[cluster]]
        return y

    return formula


def call_log_prob(module: Any, x: Any) -> Any:
    return module.log_prob(x.flatten(0, -2)).unflatten(0, x.shape[:-1])


def case(shape: tuple[int, ...], classes: int, cutoffs: tuple[int, ...], **keys: Any) -> LayerCase:
    return LayerCase(
        (shape,),
        log_prob(cutoffs, classes),
        lambda t: t.nn.AdaptiveLogSoftmaxWithLoss(shape[-1], classes, list(cutoffs), **keys),
        {"n_classes": classes, "cutoffs": list(cutoffs), **keys},
        call=call_log_prob,
    )


SETTINGS = {"n_classes": 9, "cutoffs": [2, 5]}
SOFTMAX: dict[str, LayerCases] = {
    "AdaptiveLogSoftmaxWithLoss": LayerCases(
        (
            case((16,), 9, (2, 5)),
            case((3, 6), 7, (1, 2, 6), div_value=1.5, head_bias=True),
            case((4,), 2, (1,), div_value=1.0),
        ),
        (
            Refusal("needs floating point numbers", ((16,),), SETTINGS, "int64"),
            Refusal(
                "in_features is 8, but the input [N, 16] has 16 features",
                ((16,),),
                {**SETTINGS, "in_features": 8},
            ),
            Refusal(
                "cluster 1 has no features left of the input [N, 15]: floor(15 / 4^2) = 0",
                ((15,),),
                SETTINGS,
            ),
            Refusal(
                "cutoffs [2, 9] must rise, from 1 to n_classes - 1 = 8",
                ((16,),),
                {**SETTINGS, "cutoffs": [2, 9]},
            ),
            Refusal("cutoffs [] must rise", ((16,),), {**SETTINGS, "cutoffs": []}),
            Refusal("cutoffs [3, 3] must rise", ((16,),), {**SETTINGS, "cutoffs": [3, 3]}),
        ),
    ),
}
