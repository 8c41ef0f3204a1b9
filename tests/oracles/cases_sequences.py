"""Cases of ops that normalise by root mean square, average over steps, and run along sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
from cases_arrays import NORMAL_AXES, narrow
from samples import Case, Cases, Draw, between, case, given, normal


def averaged() -> tuple[Case, ...]:
    """Return first, second and later steps of statistics of several shapes."""
    shapes = (
        ((3,), (5, 3), (3,)),
        ((1, 2, 1), (3, 2, 4), (2,)),
        ((3,), (1, 3), (3,)),
        ((), (4,), ()),
    )
    return tuple(
        Case(
            (normal(*value), normal(*of), given(count)),
            {"unbiased": unbiased},
            (normal(*running),),
        )
        for value, of, running in shapes
        for count, unbiased in ((1, False), (2, True), (7, True))
    )


SIZES = ((1, 2, 3), (3, 2, 1), (4, 3, 2))
"""Steps, features and batch."""


def scaled(size: float, *shape: int) -> Draw:
    """Draw normal numbers of some size, small enough that nothing saturates."""
    return lambda chance: np.asarray(size * chance.standard_normal(shape))


def steps(gates: int, states: int, *, bias: bool = False, **options: Any) -> tuple[Case, ...]:
    """Return cases of a recurrence: projected, weight, a bias perhaps, and first states."""
    return tuple(
        case(
            scaled(1.0, gates * size, length, batch),
            scaled(0.7, gates * size, size),
            *((scaled(1.0, gates * size),) if bias else ()),
            *(scaled(1.0, size, batch) for _ in range(states)),
            **options,
            reverse=reverse,
        )
        for length, size, batch in SIZES
        for reverse in (False, True)
    )


def held(op: str, count: int, gates: int, **options: Any) -> tuple[Case, ...]:
    """Return cases of a recurrence's gradient: gradients, weight, and what was held of a forward pass."""
    shapes = {
        "states": lambda n, h, b: (n + 1, h, b),
        "inner": lambda n, h, b: (n, h, b),
        "gates": lambda n, h, b: (n, gates * h, b),
    }
    names = {
        "rnn": ("states",),
        "gru": ("states", "inner", "gates"),
        "lstm": ("states", "inner", "gates"),
    }[op]
    return tuple(
        case(
            *(scaled(1.0, length + 1, size, batch) for _ in range(count)),
            scaled(0.7, gates * size, size),
            *(between(-0.9, 0.9, *shapes[name](length, size, batch)) for name in names),
            **options,
            reverse=reverse,
        )
        for length, size, batch in SIZES
        for reverse in (False, True)
    )


REDUCED = ((1, 3, 2, 2), (3, 2, 1, 1), (3, 3, 2, 2))
"""Steps, features of the cell, features of the state, and batch."""


def reduced_steps() -> tuple[Case, ...]:
    """Return cases of an LSTM whose state is reduced."""
    return tuple(
        case(
            scaled(1.0, 4 * size, length, batch),
            scaled(0.7, 4 * size, small),
            scaled(1.0, small, size),
            scaled(1.0, small, batch),
            scaled(1.0, size, batch),
            reverse=reverse,
        )
        for length, size, small, batch in REDUCED
        for reverse in (False, True)
    )


def reduced_held() -> tuple[Case, ...]:
    """Return cases of its gradient."""
    return tuple(
        case(
            scaled(1.0, length + 1, small, batch),
            scaled(1.0, length + 1, size, batch),
            scaled(0.7, 4 * size, small),
            scaled(1.0, small, size),
            *(between(-0.9, 0.9, steps, size, batch) for steps in (length + 1, length)),
            between(-0.9, 0.9, length, 4 * size, batch),
            reverse=reverse,
        )
        for length, size, small, batch in REDUCED
        for reverse in (False, True)
    )


PADDED = (((2, 3, 2), [3, 1]), ((3, 4), [2, 4, 1]), ((1, 5, 1), [5]), ((2, 1), [1, 1]))

SEQUENCES: dict[str, Cases] = {
    "rms_normalize": Cases(
        (
            *(case(normal(*shape), axes=axes, eps=1e-5) for shape, axes in NORMAL_AXES),
            case(normal(5, 3), axes=(1,), eps=1.0),
            case(normal(5, 3), axes=(1,), eps=0.0),
        ),
        cancels=True,
    ),
    "rms_normalize_gradient": Cases(
        tuple(
            case(normal(*shape), normal(*shape), between(0.5, 2.0, *narrow(shape, axes)), axes=axes)
            for shape, axes in (*NORMAL_AXES, ((1, 3), (0,)))
        ),
        cancels=True,
    ),
    "cumulative_average": Cases(averaged(), cancels=True),
    "rnn_sequence": Cases(steps(1, 1, nonlinearity="tanh"), cancels=True),
    "rnn_sequence_gradient": Cases(
        (*held("rnn", 1, 1, nonlinearity="tanh"), *held("rnn", 1, 1, nonlinearity="relu")),
        cancels=True,
    ),
    "gru_sequence": Cases(steps(3, 1, bias=True), cancels=True),
    "gru_sequence_gradient": Cases(held("gru", 1, 3), cancels=True),
    "reduced_lstm_sequence": Cases(reduced_steps(), cancels=True),
    "reduced_lstm_sequence_gradient": Cases(reduced_held(), cancels=True),
    "lstm_sequence": Cases(steps(4, 2), cancels=True),
    "lstm_sequence_gradient": Cases(held("lstm", 2, 4), cancels=True),
    "reverse_sequence": Cases(
        (
            *(case(normal(*shape), given(lengths)) for shape, lengths in PADDED),
            case(normal(3, 4, 2), given([0, 4, 2])),
            case(normal(2, 2, 2, 2), given([2, 1])),
        )
    ),
    "length_mask": Cases(
        tuple(
            case(given(lengths), dtype=dtype, size=size)
            for lengths, size in (([3, 1, 0], 3), ([5], 5), ([1, 2], 4))
            for dtype in ("float64", "float32")
        ),
        single=True,
    ),
    "causal_mask": Cases(
        tuple(
            case(rows=rows, size=size, dtype=dtype)
            for rows, size in ((1, 1), (3, 3), (2, 4), (4, 2))
            for dtype in ("float64", "float32")
        ),
        single=True,
    ),
    "position_angles": Cases(
        tuple(
            case(base=base, rows=rows, size=size, dtype=dtype)
            for rows, size in ((1, 1), (5, 3), (2, 4))
            for base in (10000.0, 2.0)
            for dtype in ("float64", "float32")
        ),
        single=True,
    ),
}
