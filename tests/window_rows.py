"""What ops of convolution, pooling and resampling make of the types of their operands, and refuse."""

from __future__ import annotations

from typing import Any

from graphnet.ir import Batch, Dim, TensorType

N = Batch()
Row = tuple[str, list[TensorType], dict[str, Any], tuple[TensorType, ...]]
Refused = tuple[str, list[TensorType], dict[str, Any], str]


def of(*shape: Dim, dtype: str = "float32") -> TensorType:
    return TensorType(shape, dtype)


CONV: dict[str, Any] = {
    "stride": (1, 1),
    "before": (1, 1),
    "after": (1, 1),
    "dilation": (1, 1),
    "groups": 1,
}
X, W, WIDE = of(3, 8, 6, N), of(4, 3, 3, 3), of(3, 10, 8, N)
Y = of(4, 8, 6, N)
# 27 taps of 48 windows; the cache would have room for 606 of 16 samples.
PATCHES, BACK = of(Batch(27 * 48)), of(Batch(36 * 48))

POOL: dict[str, Any] = {
    "axes": (2, 3),
    "kernel": (2, 2),
    "stride": (2, 2),
    "before": (0, 0),
    "after": (0, 0),
}
MAX = {**POOL, "dilation": (1, 1)}
IMAGES, HALF = of(N, 3, 8, 6), of(N, 3, 4, 3)
TAPS, MASK = of(N, 3, 4, 3, dtype="uint8"), of(N, 3, 4, 3, dtype="bool")
FOLD = {key: value for key, value in MAX.items() if key != "axes"}
APART = of(N, 3, 2, 2, 4, 3)
PLACES = of(N, 3, 4, dtype="int64")

WINDOW_ROWS: list[Row] = [
    ("conv", [X, W], CONV, (Y, PATCHES, WIDE)),
    ("conv_input_gradient", [Y, W], {**CONV, "spatial": (8, 6)}, (X, BACK, W, of(4, 10, 8, N))),
    ("conv_weight_gradient", [Y, X], {**CONV, "kernel": (3, 3)}, (W, PATCHES, W, WIDE)),
    ("max_pool", [IMAGES], MAX, (HALF, TAPS, MASK, TAPS)),
    ("max_pool_gradient", [HALF, TAPS], {**MAX, "spatial": (8, 6)}, (IMAGES, MASK, HALF)),
    (
        "tap_positions",
        [TAPS],
        {
            "axes": (2, 3),
            "kernel": (2, 2),
            "dilation": (1, 1),
            "spatial": (8, 6),
            "starts": (0, 2, 4, 6, 0, 2, 4),
        },
        (of(N, 3, 4, 3, dtype="int64"),) * 2,
    ),
    ("window_sum", [IMAGES], POOL, (HALF,)),
    ("window_spread", [HALF], {**POOL, "spatial": (8, 6)}, (IMAGES,)),
    ("unfold", [IMAGES], FOLD, (APART,)),
    ("fold", [APART], {**FOLD, "spatial": (8, 6)}, (IMAGES,)),
    ("unpool", [of(N, 3, 4), PLACES], {"size": 9}, (of(N, 3, 9), PLACES)),
    ("unpool_gradient", [of(N, 3, 9), PLACES], {}, (of(N, 3, 4), PLACES)),
    ("take", [of(N, 3)], {"axis": 1, "places": (2, 0, 0, 1)}, (of(N, 4),)),
    ("untake", [of(N, 4)], {"axis": 1, "places": (2, 0, 0, 1), "size": 3}, (of(N, 3),)),
    ("pad", [of(N, 3)], {"before": (0, 1), "after": (0, 2), "value": 0.0}, (of(N, 6),)),
    ("axis_product", [of(N, 3, 2), of(5, 3)], {"axis": 1, "transpose": False}, (of(N, 5, 2),)),
    ("averaging_matrix", [], {"count": 2, "size": 3, "dtype": "float32"}, (of(2, 3),)),
    (
        "interpolation_matrix",
        [],
        {
            "count": 2,
            "size": 3,
            "dtype": "float32",
            "mode": "linear",
            "align_corners": False,
            "step": 1.5,
        },
        (of(2, 3),),
    ),
]

WINDOW_REFUSED: list[Refused] = [
    ("conv", [X, of(4, 2, 3, 3)], CONV, "has not the channels of 1 groups"),
    ("conv", [X, of(4, 3, 3, 3, dtype="float64")], CONV, "cannot convolve"),
    ("conv", [X, of(4, 1, 3, 3)], {**CONV, "groups": 3}, "not as many results in each of 3 groups"),
    ("conv", [X, of(4, 3, 3, 9)], CONV, "a window of 9 taps does not fit into 6"),
    ("conv", [X, W], {**CONV, "stride": (0, 1)}, r"stride \(0, 1\) does not fit 2 axes"),
    ("conv", [X, W], {**CONV, "before": (1,)}, "does not fit 2 axes"),
    ("conv_input_gradient", [Y, W], {**CONV, "spatial": (9, 6)}, "is no convolution of"),
    ("conv_weight_gradient", [Y, X], {**CONV, "kernel": (2, 3)}, "is no convolution of"),
    ("max_pool", [of(N, 3, 8, 6, dtype="int64")], MAX, "needs floating point numbers"),
    ("max_pool", [IMAGES], {**MAX, "axes": (3, 2)}, "do not fit"),
    ("max_pool", [IMAGES], {**MAX, "axes": (0, 2)}, "a window of 2 taps does not fit into N"),
    ("max_pool_gradient", [HALF, MASK], {**MAX, "spatial": (8, 6)}, "are not pooled from"),
    ("window_spread", [HALF], {**POOL, "spatial": (8, 8)}, "are no sums of windows"),
    ("fold", [APART], {**FOLD, "spatial": (8, 8)}, "are no patches of"),
    ("unpool", [of(N, 3, 5), PLACES], {"size": 9}, "cannot put"),
    ("unpool_gradient", [of(N, 2, 9), PLACES], {}, "cannot read"),
    ("take", [of(N, 3)], {"axis": 1, "places": (3,)}, "are not inside the 3 elements"),
    ("take", [of(N, 3)], {"axis": 0, "places": (0,)}, "is not of a fixed size"),
    ("untake", [of(N, 2)], {"axis": 1, "places": (0,), "size": 3}, "are not 1 elements"),
    ("pad", [of(N, 3)], {"before": (0, -1), "after": (0, 0), "value": 0.0}, "cannot put"),
    ("pad", [of(N, 3)], {"before": (1, 0), "after": (0, 0), "value": 0.0}, "not of a fixed size"),
    (
        "axis_product",
        [of(N, 3), of(5, 4)],
        {"axis": 1, "transpose": False},
        "has not the 4 columns",
    ),
    ("averaging_matrix", [], {"count": 0, "size": 3, "dtype": "float32"}, "matrix of 0 rows"),
]
