"""Cases of layers that join, reshape and pass on values."""

from __future__ import annotations

import numpy as np
from layer_case import LayerCase, LayerCases, Refusal

STRUCTURE: dict[str, LayerCases] = {
    "Identity": LayerCases(
        (
            LayerCase(((3,),), lambda w, x: x, lambda t: t.nn.Identity()),
            LayerCase(((),), lambda w, x: x, lambda t: t.nn.Identity()),
        ),
        takes_all="any input is passed on",
    ),
    "Flatten": LayerCases(
        (
            LayerCase(((2, 3, 4),), lambda w, x: x.reshape(len(x), -1), lambda t: t.nn.Flatten()),
            LayerCase(
                ((2, 3, 4),),
                lambda w, x: x.reshape(-1, 2, 12),
                lambda t: t.nn.Flatten(2),
                {"start_dim": 2},
            ),
            LayerCase(
                ((2, 3, 4),),
                lambda w, x: x.reshape(-1, 6, 4),
                lambda t: t.nn.Flatten(1, -2),
                {"end_dim": -2},
            ),
        ),
        (
            Refusal("needs a dimension beside the batch", ((),)),
            Refusal("start_dim 2 comes after end_dim 1", ((2, 3),), {"start_dim": 2, "end_dim": 1}),
            Refusal("dim 0 is the batch", ((2, 3),), {"start_dim": 0}),
        ),
    ),
    "Cat": LayerCases(
        (
            LayerCase(
                ((3,), (2,)),
                lambda w, *xs: np.concatenate(xs, 1),
                lambda t: lambda *xs: t.cat(xs, 1),
            ),
            LayerCase(
                ((2, 3), (2, 1), (2, 2)),
                lambda w, *xs: np.concatenate(xs, 2),
                lambda t: lambda *xs: t.cat(xs, 2),
                {"dim": -1},
            ),
        ),
        (
            Refusal(
                "cannot join [N, 2, 3] and [N, 3, 3] along dim 2", ((2, 3), (3, 3)), {"dim": 2}
            ),
            Refusal("dim 0 is the batch", ((2,), (3,)), {"dim": 0}),
        ),
    ),
}
