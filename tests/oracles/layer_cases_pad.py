"""Cases of padding layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Weights
from layer_cases_conv import AXES, NUMPY_MODES

MODES = {"Reflection": "reflect", "Replication": "replicate", "Circular": "circular"}


def padded(kind: str, keys: dict[str, Any]) -> Any:
    """Return the formula of a padding: NumPy's, negative sizes cut off first."""
    rank = int(kind[-2])
    given = keys["padding"]
    flat = given if isinstance(given, list) else [given] * 2 * rank
    pairs = [(0, 0), (0, 0), *zip(flat[-2::-2], flat[-1::-2], strict=True)]
    mode = NUMPY_MODES[MODES.get(kind.split("Pad", maxsplit=1)[0], "zeros")]
    more: Any = {"constant_values": keys.get("value", 0.0)} if mode == "constant" else {}

    def formula(w: Weights, x: Array) -> Array:
        cut = tuple(
            slice(max(0, -a), size + min(0, b)) for (a, b), size in zip(pairs, x.shape, strict=True)
        )
        grown = [(max(0, a), max(0, b)) for a, b in pairs]
        return np.pad(x[cut], grown, mode, **more)  # type: ignore[call-overload, no-any-return]

    return formula


def case(kind: str, **keys: Any) -> LayerCase:
    rank = int(kind[-2])

    def make(t: Any) -> Any:
        return getattr(t.nn, kind)(
            **{k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
        )

    return LayerCase(((2, *AXES[rank]),), padded(kind, keys), make, keys)


def cases(kind: str, rows: tuple[Any, ...], *refusals: Refusal, **keys: Any) -> LayerCases:
    rank = int(kind[-2])
    shape = (2, *AXES[rank])
    return LayerCases(
        tuple(case(kind, padding=row, **keys) for row in rows),
        (
            Refusal("takes [N, C,", ((3, 4, 4, 4, 4),), {"padding": 1, **keys}),
            Refusal("needs floating point numbers", (shape,), {"padding": 1, **keys}, "int64"),
            Refusal("padding has 3 numbers", (shape,), {"padding": [1, 1, 1], **keys}),
            *refusals,
        ),
    )


ROWS: dict[int, tuple[Any, ...]] = {
    1: (2, [3, 0], [0, 1]),
    2: (1, [1, 0, 2, 3]),
    3: (1, [1, 0, 0, 2, 2, 1]),
}


def family(stem: str, *wrong: tuple[str, int], **keys: Any) -> dict[str, LayerCases]:
    found = {}
    for rank, rows in ROWS.items():
        kind, shape = f"{stem}{rank}d", (2, *AXES[rank])
        refused = [Refusal(told, (shape,), {"padding": size, **keys}) for told, size in wrong]
        cut: tuple[Any, ...] = (
            ([-1, 2] + [0] * (2 * rank - 2),) if "Pad" in stem and keys.get("value") else ()
        )
        found[kind] = cases(kind, rows + cut, *refused, **keys)
    return found


PAD: dict[str, LayerCases] = {
    **family("ZeroPad", ("padding leaves", -4)),
    **family("ConstantPad", ("padding leaves", -4), value=1.5),
    **family("ReflectionPad", ("reflect padding must be below the size, but dim 2 of size", 7)),
    **family("ReplicationPad", ("padding", -1), ("needs a list of 2000000", 10**9)),
    **family("CircularPad", ("circular padding must be at most the size, but dim 2 of size", 8)),
}
