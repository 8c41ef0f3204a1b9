"""Cases of losses of numbers and of distributions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from layer_case import between
from loss_case import Array, LossCase, LossCases, LossRefusal, Sizes, log_shares, shares, some

UNLIKE = LossRefusal("the shapes differ: output [N, 3], target [N, 2]", ((3,),), ((2,),))
WHOLE_OUTPUT = LossRefusal("needs floating point numbers", ((3,),), ((3,),), dtype="int64")
WHOLE_TARGET = LossRefusal(
    "needs targets of numbers like the output's", ((3,),), ((3,),), wanted="int64"
)
ALIKE = (UNLIKE, WHOLE_OUTPUT, WHOLE_TARGET)
COUNTS = (lambda chance, shape: chance.poisson(2.0, shape).astype(float),)


def module(name: str, **keys: Any) -> Any:
    """Return what makes PyTorch's module of a name with settings."""
    return lambda t, **more: getattr(t.nn, name)(**keys, **more)


def numbers(name: str, formula: Any, torch: bool = True, **keys: Any) -> tuple[LossCase, ...]:
    """Return cases of a loss of x and t, alone for each sample and for maps."""
    shapes: tuple[Sizes, ...] = ((3,), (), (2, 3, 2))
    made = module(name, **keys) if torch else None
    return tuple(LossCase((shape,), (shape,), formula, made, keys) for shape in shapes)


def huber(d: Array, delta: float) -> Array:
    size = np.abs(d)
    return np.where(size < delta, d * d / 2, delta * (size - delta / 2))


def pinball(d: Array, q: Any) -> Array:
    return np.maximum(np.asarray(q) * d, (np.asarray(q) - 1) * d)


def stirling(t: Array) -> Array:
    above = np.where(t > 1, t, 1.0)
    grown = above * np.log(above) - above + np.log(2 * np.pi * above) / 2
    return np.where(t > 1, grown, 0.0)


def divergence(x: Array, t: Array) -> Array:
    logs = np.log(np.where(t > 0, t, 1.0))
    return t * (logs - x)


def gaussian(full: bool, eps: float) -> Any:
    def formula(x: Array, v: Array, t: Array) -> Array:
        v = np.maximum(v if v.ndim == x.ndim else v[..., None], eps)
        return 0.5 * (np.log(v) + (x - t) ** 2 / v) + (math.log(2 * math.pi) / 2 if full else 0.0)

    return formula


def gaussian_call(made: Any, inputs: list[Any], targets: list[Any]) -> Any:
    return made(inputs[0], *targets, inputs[1])


def quantile_torch(t: Any, reduction: str) -> Any:
    q = t.tensor([0.1, 0.5, 0.9], dtype=t.float64)

    def loss(x: Any, y: Any) -> Any:
        d = y - x
        made = t.maximum(q * d, (q - 1) * d)
        return made.mean() if reduction == "mean" else made.sum()

    return loss


def plain_output(t: Any, reduction: str) -> Any:
    return lambda x: x.mean() if reduction == "mean" else x.sum()


NUMBERS: dict[str, LossCases] = {
    "OutputLoss": LossCases(
        tuple(LossCase((shape,), (), lambda x: x, plain_output) for shape in ((3,), (), (2, 3, 2))),
        (LossRefusal(WHOLE_OUTPUT.message, ((3,),), (), dtype="int64"),),
    ),
    "MSELoss": LossCases(numbers("MSELoss", lambda x, t: (x - t) ** 2), ALIKE),
    "L1Loss": LossCases(numbers("L1Loss", lambda x, t: np.abs(x - t)), ALIKE),
    "HuberLoss": LossCases(
        numbers("HuberLoss", lambda x, t: huber(x - t, 1.0))
        + numbers("HuberLoss", lambda x, t: huber(x - t, 0.3), delta=0.3),
        (*ALIKE, LossRefusal("wrong value for 'delta'", ((3,),), ((3,),), {"delta": 0})),
    ),
    "SmoothL1Loss": LossCases(
        numbers("SmoothL1Loss", lambda x, t: huber(x - t, 1.0))
        + numbers("SmoothL1Loss", lambda x, t: huber(x - t, 0.3) / 0.3, beta=0.3)
        + numbers("SmoothL1Loss", lambda x, t: np.abs(x - t), beta=0.0),
        (*ALIKE, LossRefusal("wrong value for 'beta'", ((3,),), ((3,),), {"beta": -1})),
    ),
    "LogCoshLoss": LossCases(
        numbers("LogCoshLoss", lambda x, t: np.log(np.cosh(x - t)), torch=False),
        ALIKE,
        no_torch="torch has none",
    ),
    "QuantileLoss": LossCases(
        (
            *numbers("QuantileLoss", lambda x, t: pinball(t - x, 0.5), torch=False),
            LossCase(
                ((2, 3),),
                ((2, 1),),
                lambda x, t: pinball(t - x, [0.1, 0.5, 0.9]),
                quantile_torch,
                {"quantile": [0.1, 0.5, 0.9]},
            ),
            LossCase(((3,),), ((3,),), lambda x, t: pinball(t - x, 0.2), None, {"quantile": 0.2}),
        ),
        (
            *ALIKE,
            LossRefusal(
                "quantile has 2 numbers, the output [N, 3] has 3 on its last dimension",
                ((3,),),
                ((3,),),
                {"quantile": [0.1, 0.9]},
            ),
        ),
    ),
    "MAPELoss": LossCases(
        (
            *numbers(
                "MAPELoss",
                lambda x, t: np.abs(x - t) / np.maximum(np.abs(t), 2.0**-52),
                torch=False,
            ),
            LossCase(
                ((3,),),
                ((3,),),
                lambda x, t: np.abs(x - t) / np.maximum(np.abs(t), 0.5),
                None,
                {"eps": 0.5},
                wanted=(some(between(-2, 2), 0.0),),
            ),
        ),
        ALIKE,
        no_torch="torch has none; scikit-learn's is compared in tests/unit/losses",
    ),
    "MSLELoss": LossCases(
        (
            LossCase(
                ((3,),),
                ((3,),),
                lambda x, t: (np.log1p(np.maximum(x, 0)) - np.log1p(np.maximum(t, 0))) ** 2,
                None,
                wanted=(between(0.0, 4.0),),
            ),
        ),
        ALIKE,
        no_torch="torch has none; scikit-learn's is compared in tests/unit/losses",
    ),
    "PoissonNLLLoss": LossCases(
        (
            LossCase(
                ((3,),),
                ((3,),),
                lambda x, t: np.exp(x) - t * x,
                module("PoissonNLLLoss"),
                wanted=COUNTS,
            ),
            LossCase(
                ((2, 3),),
                ((2, 3),),
                lambda x, t: np.exp(x) - t * x + stirling(t),
                module("PoissonNLLLoss", full=True),
                {"full": True},
                wanted=COUNTS,
            ),
            LossCase(
                ((3,),),
                ((3,),),
                lambda x, t: x - t * np.log(x + 1e-3),
                module("PoissonNLLLoss", log_input=False, eps=1e-3),
                {"log_input": False, "eps": 1e-3},
                draws=(between(0.2, 3.0),),
                wanted=COUNTS,
            ),
        ),
        ALIKE,
    ),
    "GaussianNLLLoss": LossCases(
        tuple(
            LossCase(
                (mean, variance),
                (mean,),
                gaussian(full, eps),
                module("GaussianNLLLoss", full=full, eps=eps),
                {"full": full, "eps": eps},
                draws=(lambda chance, shape: chance.standard_normal(shape), between(0.2, 2.0)),
                call=gaussian_call,
                # Below eps PyTorch's gradient is not that of what it computes.
                smooth=eps < 0.2,
            )
            for mean, variance, full, eps in (
                ((3,), (3,), False, 1e-6),
                ((2, 3), (2, 1), True, 1e-6),
                ((3,), (), True, 1e-6),
                ((3,), (3,), False, 0.7),
            )
        ),
        (
            LossRefusal("mean [N, 3], variance [N, 2]", ((3,), (2,)), ((3,),)),
            LossRefusal("the shapes differ: output [N, 3], target [N, 2]", ((3,), (3,)), ((2,),)),
            LossRefusal("takes 2 inputs, 0 given", (), ((3,),)),
        ),
    ),
    "KLDivLoss": LossCases(
        (
            LossCase(
                ((4,),),
                ((4,),),
                divergence,
                module("KLDivLoss"),
                draws=(log_shares(),),
                wanted=(some(shares(), 0.0),),
            ),
            LossCase(
                ((4,),),
                ((4,),),
                lambda x, t: divergence(x, t).sum(1),
                lambda t, reduction: t.nn.KLDivLoss(
                    reduction="batchmean" if reduction == "mean" else "sum"
                ),
                {"reduction": "batchmean"},
                draws=(log_shares(),),
                wanted=(shares(),),
            ),
            LossCase(
                ((2, 3),),
                ((2, 3),),
                lambda x, t: np.exp(t) * (t - x),
                module("KLDivLoss", log_target=True),
                {"log_target": True},
                draws=(log_shares(2),),
                wanted=(log_shares(2),),
            ),
        ),
        (
            *ALIKE,
            LossRefusal("wrong value for 'reduction'", ((3,),), ((3,),), {"reduction": "none"}),
        ),
    ),
}
"""All cases by loss."""
