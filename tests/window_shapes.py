"""Shape rows of ops that slide windows, pad, take places and resize: worked out from their formulas."""

from __future__ import annotations

from typing import Any

from graphnet.ir import Batch, Dim, TensorType

N = Batch()
Row = tuple[str, list[TensorType], dict[str, Any], tuple[TensorType, ...]]


def f32(*shape: Dim) -> TensorType:
    return TensorType(shape, "float32")


def i64(*shape: Dim) -> TensorType:
    return TensorType(shape, "int64")


def u8(*shape: Dim) -> TensorType:
    return TensorType(shape, "uint8")


def b(*shape: Dim) -> TensorType:
    return TensorType(shape, "bool")


PLAIN = {"stride": (1,), "dilation": (1,), "before": (0,), "after": (0,)}
POOL = {"stride": (2, 2), "before": (0, 0), "after": (0, 0), "axes": (2, 3), "kernel": (2, 2)}
TURNED = {"align_corners": False, "count": 3, "dtype": "float32", "mode": "linear", "size": 5}

WINDOWS: list[Row] = [
    ("exp", [f32(N, 3)], {}, (f32(N, 3),)),
    ("log", [f32(N, 3)], {}, (f32(N, 3),)),
    # A row per sample, a column per class.
    (
        "multi_hot",
        [i64(N, 3), i64(N)],
        {"dtype": "float32", "ignore_index": -1},
        (f32(N, 3), b(N), i64(N), f32(N)),
    ),
    # 5 - 3 + 1 = 3 windows; a patch matrix of 2 * 3 rows and 3 * 4 columns.
    # Patches of 2 * 3 rows, each as long as one window more than there are.
    (
        "conv",
        [f32(2, 5, 4), f32(3, 2, 3)],
        {**PLAIN, "groups": 1},
        (f32(3, 3, 4), f32(6 * (3 + 1) * 4), f32(3, 2, 3)),
    ),
    # 2 channels of 14 rows of 12 elements in patches of 3 windows side by side: 12 rows of windows need 14.
    (
        "conv",
        [f32(2, 14, 12, N), f32(3, 2, 3, 3)],
        {key: 2 * row for key, row in PLAIN.items()} | {"groups": 1},
        (f32(3, 12, 10, N), f32(Batch(2 * 3 * 14 * (10 + 1))), f32(3, 2, 3, 3)),
    ),
    # 3 channels of gradients padded by 2 on both sides, in patches of 3 * 3 rows for 5 windows.
    (
        "conv_input_gradient",
        [f32(3, 3, 4), f32(3, 2, 3)],
        {**PLAIN, "groups": 1, "spatial": (5,)},
        (f32(2, 5, 4), f32(9 * (5 + 1) * 4), f32(3, 2, 3), f32(3, 7, 4)),
    ),
    (
        "conv_weight_gradient",
        [f32(3, 3, 4), f32(2, 5, 4)],
        {**PLAIN, "groups": 1, "kernel": (3,)},
        (f32(3, 2, 3), f32(6 * (3 + 1) * 4), f32(3, 2, 3), f32(3, 2, 3)),
    ),
    (
        "max_pool",
        [f32(N, 2, 4, 6)],
        {**POOL, "dilation": (1, 1)},
        (f32(N, 2, 2, 3), u8(N, 2, 2, 3), b(N, 2, 2, 3), u8(N, 2, 2, 3)),
    ),
    ("window_max", [f32(N, 2, 4, 6)], {**POOL, "dilation": (1, 1)}, (f32(N, 2, 2, 3),)),
    (
        "max_pool_gradient",
        [f32(N, 2, 2, 3), u8(N, 2, 2, 3)],
        {**POOL, "dilation": (1, 1), "spatial": (4, 6)},
        (f32(N, 2, 4, 6), b(N, 2, 2, 3), f32(N, 2, 2, 3)),
    ),
    (
        "tap_positions",
        [u8(N, 2, 2)],
        {
            "axes": (1, 2),
            "dilation": (1, 1),
            "kernel": (2, 2),
            "spatial": (4, 4),
            "starts": (0, 2, 0, 2),
        },
        (i64(N, 2, 2), i64(N, 2, 2)),
    ),
    ("window_sum", [f32(N, 2, 4, 6)], POOL, (f32(N, 2, 2, 3),)),
    ("window_spread", [f32(N, 2, 2, 3)], {**POOL, "spatial": (4, 6)}, (f32(N, 2, 4, 6),)),
    ("take", [f32(N, 4)], {"axis": 1, "places": (2, 1, 0, 3, 3)}, (f32(N, 5),)),
    ("untake", [f32(N, 5)], {"axis": 1, "places": (2, 1, 0, 3, 3), "size": 4}, (f32(N, 4),)),
    ("pad", [f32(N, 3)], {"before": (0, 1), "after": (0, 2), "value": 0.0}, (f32(N, 6),)),
    ("axis_product", [f32(N, 4), f32(3, 4)], {"axis": 1, "transpose": False}, (f32(N, 3),)),
    ("averaging_matrix", [], {"count": 3, "dtype": "float32", "size": 5}, (f32(3, 5),)),
    ("interpolation_matrix", [], {**TURNED, "step": 0.5}, (f32(3, 5),)),
    # (4 - 2 + 1) (5 - 3 + 1) windows of 2 * 3 taps.
    (
        "unfold",
        [f32(2, 4, 5)],
        {
            "stride": (1, 1),
            "dilation": (1, 1),
            "before": (0, 0),
            "after": (0, 0),
            "kernel": (2, 3),
        },
        (f32(2, 2, 3, 3, 3),),
    ),
    (
        "fold",
        [f32(2, 2, 3, 3, 3)],
        {
            "stride": (1, 1),
            "dilation": (1, 1),
            "before": (0, 0),
            "after": (0, 0),
            "kernel": (2, 3),
            "spatial": (4, 5),
        },
        (f32(2, 4, 5),),
    ),
    ("unpool", [f32(N, 3), i64(N, 3)], {"size": 5}, (f32(N, 5), i64(N, 3))),
    ("unpool_gradient", [f32(N, 5), i64(N, 3)], {}, (f32(N, 3), i64(N, 3))),
    ("unpool_sum", [f32(N, 3), i64(N, 3)], {"size": 5}, (f32(N, 5), i64(N, 3))),
    (
        "region_starts",
        [f32(N, 2, 3)],
        {"column": 2, "count": 4, "stop": 5},
        (i64(N, 2, 4), f32(N, 2, 4), f32(N, 2, 1)),
    ),
    (
        "region_max",
        [f32(N, 2, 4, 6), i64(N, 2, 3), i64(N, 2, 5)],
        {"kernel": (2, 2)},
        (
            f32(N, 2, 3, 5),
            i64(N, 2, 3, 5),
            f32(N, 2, 3, 5),
            b(N, 2, 3, 5),
            u8(N, 2, 3, 5),
            u8(N, 2, 3, 5),
            i64(N, 2, 3, 5),
        ),
    ),
]
