"""Cases of connectionist temporal classification."""

from __future__ import annotations

import numpy as np
from formulas import FORMULAS
from samples import Case, Cases, base, case, given, normal

SHAPES = (
    ((2, 5, 3), [[1, 2], [1, 1]], [5, 4], [2, 2], 0),
    ((1, 4, 2), [[1]], [4], [1], 0),
    ((3, 4, 4), [[1, 3, 1], [0, 0, 3], [3, 1, 0]], [4, 3, 2], [2, 1, 0], 2),
    ((2, 1, 3), [[1, 1], [2, 1]], [1, 1], [1, 0], 0),
    ((1, 6, 3), [[2, 2, 2]], [6], [3], 0),
    ((2, 3, 2), [[1, 1], [1, 1]], [3, 3], [1, 2], 0),
)


def forward() -> tuple[Case, ...]:
    return tuple(
        case(
            normal(*shape),
            *(given(values) for values in (labels, steps, lengths)),
            base(2, *shape),
            blank=blank,
            zero_infinity=zero,
            smooth=True,
        )
        for zero in (False, True)
        for shape, labels, steps, lengths, blank in SHAPES
    )


def backward() -> tuple[Case, ...]:
    found = []
    for shape, labels, steps, lengths, blank in SHAPES:
        x = np.random.default_rng(len(found)).standard_normal(shape)
        whole = [np.array(values) for values in (labels, steps, lengths)]
        places = FORMULAS["base_positions"](axis=2, shape=shape)
        options = {"blank": blank, "zero_infinity": True}
        _, alpha = FORMULAS["ctc_loss"](x, *whole, places, **options)
        operands = (x, alpha, *whole)
        found.append(
            case(normal(shape[0]), *(given(a) for a in operands), base(2, *shape), **options)
        )
    return tuple(found)


CTC: dict[str, Cases] = {
    "ctc_loss": Cases(forward(), cancels=True),
    "ctc_loss_gradient": Cases(backward(), cancels=True),
}
