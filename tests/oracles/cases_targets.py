"""Cases of ops that make something of targets and settings."""

from __future__ import annotations

import numpy as np
from samples import Cases, base, case, extreme, given, normal, whole

TARGETS: dict[str, Cases] = {
    "literal": Cases(
        tuple(
            case(dtype=dtype, values=values)
            for dtype in ("float64", "float32")
            for values in ((1.0,), (0.1, 2, -3.5), (1e30, 0.0, 1e-30, 7.0))
        )
    ),
    "class_weights": Cases(
        (
            *(
                case(normal(size), whole(size, *shape), ignore_index=ignored)
                for size, shape, ignored in (
                    (3, (4,), -1),
                    (3, (4,), 1),
                    (1, (1,), 0),
                    (5, (2, 3), 4),
                    (2, (2, 1, 3), -100),
                )
            ),
            extreme(normal(3), given([-100, 2, -100, 0]), ignore_index=-100),
            extreme(normal(3), given([9, 9]), ignore_index=9),
        )
    ),
    "multi_hot": Cases(
        tuple(
            case(given(index), base(1, *np.shape(index)), dtype=dtype, ignore_index=-1)
            for dtype in ("float64", "float32")
            for index in (
                [[0, 1, 2]],
                [[2, -1, 0], [-1, 1, 1], [1, 1, -1], [0, 2, 1]],
                [[0], [-1]],
            )
        )
    ),
}
