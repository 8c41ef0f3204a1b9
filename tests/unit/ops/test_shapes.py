"""Shape rules: what every op makes of the types of its operands, and which it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from window_shapes import WINDOWS

from graphnet.ir import Batch, Dim, TensorType
from graphnet.ops import OPS, OpError
from graphnet.ops.elementwise import broadcast
from graphnet.ops.reduction import reduced_shape

N = Batch()


def f32(*shape: Dim) -> TensorType:
    return TensorType(shape, "float32")


def f64(*shape: Dim) -> TensorType:
    return TensorType(shape, "float64")


def i64(*shape: Dim) -> TensorType:
    return TensorType(shape, "int64")


def b(*shape: Dim) -> TensorType:
    return TensorType(shape, "bool")


Row = tuple[str, list[TensorType], dict[str, Any], tuple[TensorType, ...]]

FITTING: list[Row] = [
    ("add", [f32(N, 3), f32(3)], {}, (f32(N, 3),)),
    ("sub", [f32(N, 1), f32(N, 4)], {}, (f32(N, 4),)),
    ("mul", [f32(), f32(N)], {}, (f32(N),)),
    ("div", [f64(2, 1), f64(1, 3)], {}, (f64(2, 3),)),
    ("scale", [f32(N, 3)], {"factor": 2.0}, (f32(N, 3),)),
    ("shift", [f32(N)], {"amount": 2.0}, (f32(N),)),
    ("square", [f32(4)], {}, (f32(4),)),
    ("sqrt", [f32(4)], {}, (f32(4),)),
    ("literal", [], {"dtype": "float32", "values": (1.0, 2)}, (f32(2),)),
    ("class_weights", [f64(3), i64(N, 2)], {"ignore_index": -1}, (f64(N, 2), i64(N, 2), b(N, 2))),
    # Two labels stand among three blanks: five places.
    (
        "ctc_loss",
        [f32(N, 6, 4), i64(N, 2), i64(N), i64(N), i64(N, 6)],
        {"blank": 0, "zero_infinity": False},
        (f32(N), f32(N, 6, 5), i64(N, 5), i64(N, 5), b(N, 2), *[f32(N, 5)] * 3),
    ),
    (
        "ctc_loss_gradient",
        [f32(N), f32(N, 6, 4), f32(N, 6, 5), i64(N, 2), i64(N), i64(N), i64(N, 6)],
        {"blank": 0, "zero_infinity": False},
        (f32(N, 6, 4), i64(N, 5), i64(N, 5), b(N, 2), *[f32(N, 5)] * 4, f32(N)),
    ),
    ("abs", [f32(4)], {}, (f32(4),)),
    ("exp", [f32(N, 3)], {}, (f32(N, 3),)),
    ("log", [f32(N, 3)], {}, (f32(N, 3),)),
    (
        "multi_hot",
        [i64(N, 3), i64(N)],
        {"dtype": "float32", "ignore_index": -1},
        (f32(N, 3), b(N), i64(N), f32(N)),
    ),
    ("sign", [f32(4)], {}, (f32(4),)),
    ("maximum", [f32(4), f32(4)], {}, (f32(4),)),
    ("maximum_share", [f32(4), f32(4)], {}, (f32(4),)),
    ("copy", [i64(N)], {}, (i64(N),)),
    ("tanh", [f32(N, 3)], {}, (f32(N, 3),)),
    ("tanh_gradient", [f32(N), f32(N)], {}, (f32(N), f32(N))),
    ("sigmoid", [f32(N)], {}, (f32(N),)),
    ("sigmoid_gradient", [f32(N), f32(N)], {}, (f32(N), f32(N))),
    ("relu", [f32(N)], {}, (f32(N),)),
    ("relu_gradient", [f32(N), f32(N)], {}, (f32(N), b(N))),
    ("softmax", [f32(N, 3, 4)], {"axis": 1}, (f32(N, 3, 4), f32(N, 1, 4), f32(3))),
    ("softmax_gradient", [f32(N, 3), f32(N, 3)], {"axis": 1}, (f32(N, 3), f32(N, 1))),
    ("log_softmax", [f32(N, 3)], {"axis": 1}, (f32(N, 3), f32(N, 3), f32(N, 1), f32(3))),
    ("log_softmax_gradient", [f32(N, 3), f32(N, 3)], {"axis": 1}, (f32(N, 3), f32(N, 1))),
    ("matmul", [f32(N, 3), f32(3, 4)], {"transpose_a": False, "transpose_b": False}, (f32(N, 4),)),
    ("matmul", [f32(N, 3), f32(4, 3)], {"transpose_a": False, "transpose_b": True}, (f32(N, 4),)),
    ("matmul", [f32(N, 3), f32(N, 4)], {"transpose_a": True, "transpose_b": False}, (f32(3, 4),)),
    ("matmul", [f32(N, 2, 3), f32(N, 4, 3)], {"transpose_a": False, "transpose_b": True}, (f32(N, 2, 4),)),
    ("vecmat", [f32(N), f32(N, 3)], {}, (f32(3),)),
    ("sum", [f32(N, 3, 4)], {"axes": (0, 2), "keepdims": False}, (f32(3),)),
    ("sum", [f32(N, 3)], {"axes": (), "keepdims": False}, (f32(N, 3),)),
    ("mean", [f32(N, 3)], {"axes": (0, 1), "keepdims": True}, (f32(1, 1),)),
    ("expand", [f32()], {"shape": (N, 3), "axes": (0, 1), "mean": True}, (f32(N, 3),)),
    ("expand", [f32(1, 3)], {"shape": (N, 3), "axes": (0,), "mean": False}, (f32(N, 3),)),
    ("reshape", [f32(N, 3, 4)], {"shape": (Batch(3), 4)}, (f32(Batch(3), 4),)),
    ("permute", [f32(N, 3, 4)], {"axes": (2, 0, 1)}, (f32(4, N, 3),)),
    ("slice", [f32(N, 8)], {"axis": 1, "start": 2, "stop": 5}, (f32(N, 3),)),
    ("unslice", [f32(N, 3)], {"axis": 1, "start": 2, "size": 8}, (f32(N, 8),)),
    ("concat", [f32(N, 3), f32(N, 4)], {"axis": 1}, (f32(N, 7),)),
    ("gather_rows", [f32(9, 4), i64(N, 2)], {"padding_index": -1}, (f32(N, 2, 4),)),
    (
        "scatter_rows",
        [f32(N, 2, 4), i64(N, 2)],
        {"rows": 9, "padding_index": -1},
        (f32(9, 4), f32(9, 9), f32(256, 9), f32(9, 4)),
    ),
    ("scatter_rows", [f32(N, 4), i64(N)], {"rows": 257, "padding_index": -1}, (f32(257, 4),)),
    ("base_positions", [], {"shape": (N, 5, 3), "axis": 1}, (i64(N, 3),)),
    ("pick", [f32(N, 5, 3), i64(N, 3), i64(N, 3)], {"axis": 1}, (f32(N, 3), i64(N, 3))),
    ("unpick", [f32(N), i64(N), i64(N)], {"axis": 1, "size": 5}, (f32(N, 5), i64(N))),
    (
        "normalize",
        [f32(N, 3, 4)],
        {"axes": (0, 2), "eps": 1e-5},
        (f32(N, 3, 4), f32(1, 3, 1), f32(1, 3, 1), f32(1, 3, 1), f32(N, 3, 4)),
    ),
    (
        "normalize_gradient",
        [f32(N, 3), f32(N, 3), f32(N, 1)],
        {"axes": (1,)},
        (f32(N, 3), f32(N, 3), f32(N, 1), f32(N, 1)),
    ),
    ("rms_normalize", [f32(N, 3)], {"axes": (1,), "eps": 1e-5}, (f32(N, 3), f32(N, 1))),
    (
        "rms_normalize_gradient",
        [f32(N, 3), f32(N, 3), f32(N, 1)],
        {"axes": (1,)},
        (f32(N, 3), f32(N, 1)),
    ),
    (
        "cumulative_average",
        [f32(1, 3), f32(N, 3), i64(), f32(3)],
        {"unbiased": True},
        (f32(1, 3), f32()),
    ),
    (
        "rnn_sequence",
        [f32(2, 5, N), f32(2, 2), f32(2, N)],
        {"nonlinearity": "relu", "reverse": False},
        (f32(6, 2, N),),
    ),
    (
        "rnn_sequence_gradient",
        [f32(6, 2, N), f32(2, 2), f32(6, 2, N)],
        {"nonlinearity": "relu", "reverse": False},
        (f32(2, 5, N), f32(2, N), f32(2, N), TensorType((2, N), "bool")),
    ),
    (
        "gru_sequence",
        [f32(6, 5, N), f32(6, 2), f32(6), f32(2, N)],
        {"reverse": True},
        (f32(6, 2, N), f32(5, 2, N), f32(5, 6, N), f32(6, N), f32(6, N)),
    ),
    (
        "gru_sequence_gradient",
        [f32(6, 2, N), f32(6, 2), f32(6, 2, N), f32(5, 2, N), f32(5, 6, N)],
        {"reverse": True},
        (f32(6, 5, N), f32(6, 5, N), f32(2, N), f32(6, N), f32(4, N), f32(2, N), f32(2, N)),
    ),
    (
        "lstm_sequence",
        [f32(8, 5, N), f32(8, 2), f32(2, N), f32(2, N)],
        {"reverse": False},
        (f32(6, 2, N), f32(6, 2, N), f32(5, 2, N), f32(5, 8, N), f32(2, N)),
    ),
    (
        "reduced_lstm_sequence",
        [f32(8, 5, N), f32(8, 1), f32(1, 2), f32(1, N), f32(2, N)],
        {"reverse": False},
        (f32(6, 1, N), f32(6, 2, N), f32(5, 2, N), f32(5, 8, N), f32(2, N)),
    ),
    (
        "reduced_lstm_sequence_gradient",
        [
            *(f32(6, 1, N), f32(6, 2, N), f32(8, 1), f32(1, 2)),
            *(f32(6, 2, N), f32(5, 2, N), f32(5, 8, N)),
        ],
        {"reverse": False},
        (
            *(f32(8, 5, N), f32(1, N), f32(2, N), f32(1, 5, N)),
            *(f32(8, N), f32(8, N), f32(2, N), f32(2, N)),
        ),
    ),
    (
        "lstm_sequence_gradient",
        [*[f32(6, 2, N)] * 2, f32(8, 2), f32(6, 2, N), f32(5, 2, N), f32(5, 8, N)],
        {"reverse": False},
        (f32(8, 5, N), f32(2, N), f32(2, N), f32(8, N), f32(8, N), f32(2, N)),
    ),
    (
        "reverse_sequence",
        [f32(N, 5, 2), i64(N)],
        {},
        (f32(N, 5, 2), i64(N, 5), TensorType((N, 5), "bool")),
    ),
    ("causal_mask", [], {"dtype": "float32", "rows": 2, "size": 5}, (f32(2, 5),)),
    (
        "position_angles",
        [],
        {"base": 2.0, "dtype": "float32", "rows": 2, "size": 5},
        (f32(2, 5),),
    ),
    ("length_mask", [i64(N)], {"dtype": "float32", "size": 5}, (f32(N, 5),)),
    ("running_average", [f32(1, 3), f32(N, 3), f32(3)], {"momentum": 0.1, "unbiased": True}, (f32(1, 3),)),
    ("max", [f32(N, 3, 4)], {"axes": (1, 2), "keepdims": False}, (f32(N),)),
    ("argmax", [f32(N, 3, 4)], {"axis": 1}, (i64(N, 4), f32(N, 4, 3))),
    ("prod", [f32(N, 3)], {"axis": 1}, (f32(N, 1),)),
    ("prod_others", [f32(N, 3)], {"axis": 1}, (f32(N, 3), f32(N, 3))),
    ("cumsum", [f32(N, 3)], {"axis": 1, "reverse": True}, (f32(N, 3),)),
    ("flip", [i64(N, 3)], {"axis": 1}, (i64(N, 3),)),
    ("sin", [f32(N, 3)], {}, (f32(N, 3),)),
    ("cos", [f32(N, 3)], {}, (f32(N, 3),)),
    ("power", [f32(N, 3)], {"exponent": 2.0}, (f32(N, 3),)),
    ("pow", [f32(N, 3), f32()], {}, (f32(N, 3),)),
    ("compare", [i64(N, 3), i64(3)], {"dtype": "float32", "relation": "less"}, (f32(N, 3),)),
    ("where", [i64(N, 1), f32(), f32(N, 3)], {}, (f32(N, 3), TensorType((N, 1), "bool"))),
    ("minimum", [f32(N, 3), f32(3)], {}, (f32(N, 3),)),
    ("detach", [f32(N, 3)], {}, (f32(N, 3),)),
    ("clamp", [f32(N)], {"low": 0.0, "high": 6.0, "inclusive": False}, (f32(N),)),
    (
        "clamp_gradient",
        [f32(N), f32(N)],
        {"low": 0.0, "high": 6.0, "inclusive": False},
        (f32(N), TensorType((N,), "bool"), TensorType((N,), "bool")),
    ),
    ("leaky_relu", [f32(N)], {"slope": 0.1}, (f32(N), f32(N))),
    ("leaky_relu_gradient", [f32(N), f32(N)], {"slope": 0.1}, (f32(N), f32(N))),
    ("elu", [f32(N)], {"alpha": 1.0, "rate": 1.0, "scale": 1.0}, (f32(N), f32(N))),
    ("elu_gradient", [f32(N), f32(N)], {"alpha": 1.0, "rate": 1.0, "scale": 1.0}, (f32(N), f32(N), f32(N))),
    ("softplus", [f32(N)], {"beta": 1.0, "threshold": 20.0}, (f32(N), f32(N), TensorType((N,), "bool"))),
    ("softplus_gradient", [f32(N), f32(N)], {"beta": 1.0, "threshold": 20.0}, (f32(N), f32(N), f32(N))),
    ("normal_cdf", [f32(N)], {}, (f32(N), f32(N), f32(N))),
    ("normal_cdf_gradient", [f32(N), f32(N)], {}, (f32(N), f32(N))),
    ("dropout_mask", [], {"p": 0.5, "stream": "s", "shape": (N, 3), "dtype": "float32"}, (f32(N, 3),)),
    ("uniform", [], {"stream": "s", "shape": (N, 3), "dtype": "float32"}, (f32(N, 3),)),
    ("standard_normal", [], {"stream": "s", "shape": (N, 3), "dtype": "float64"}, (f64(N, 3), f64(N, 3))),
    ("bce_with_logits", [f32(N), f32(N)], {}, (f32(N), f32(N))),
    ("bce_with_logits_gradient", [f32(N), f32(N), f32(N)], {}, (f32(N),)),
    ("bce", [f32(N), f32(N)], {}, (f32(N), f32(N))),
    ("bce_gradient", [f32(N), f32(N), f32(N)], {}, (f32(N), f32(N))),
    (
        "softmax_cross_entropy",
        [f32(N, 4, 2), i64(N, 2), i64(N, 2)],
        {"axis": 1},
        (f32(N, 2), f32(N, 4, 2), f32(N, 1, 2), i64(N, 2), f32(4)),
    ),
    (
        "softmax_cross_entropy_gradient",
        [f32(N), f32(N, 4), i64(N), i64(N)],
        {"axis": 1},
        (f32(N, 4), i64(N), f32(N)),
    ),
    ("increment", [f64()], {}, ()),
    ("bias_correction", [f64()], {"beta": 0.9, "delay": 0, "power": 1.0, "dtype": "float32"}, (f32(),)),
    ("affine", [f64()], {"factor": 1.0, "offset": 0.0, "dtype": "float64"}, (f64(),)),
    ("first_then", [f64()], {"first": 1.0, "later": 0.0, "dtype": "float32"}, (f32(),)),
    ("quotient", [f64(), f64()], {"dtype": "float32"}, (f32(),)),
    ("raised", [f64(), f64()], {"dtype": "float32"}, (f32(),)),
    ("every", [f64()], {"dtype": "float32", "period": 3}, (f32(),)),
    ("dot", [f32(7), f32(7)], {}, (f32(),)),
    ("put_row", [f32(7), TensorType((), "int64"), f32(3, 7)], {}, ()),
]  # fmt: skip


@pytest.mark.parametrize(("op", "types", "options", "expected"), [*FITTING, *WINDOWS])
def test_types_of_results_and_scratch(
    op: str, types: list[TensorType], options: dict[str, Any], expected: tuple[TensorType, ...]
) -> None:
    assert OPS[op].result_types(types, options) == expected
    assert set(options) == set(OPS[op].attributes)


def test_every_op_has_a_row() -> None:
    assert {row[0] for row in (*FITTING, *WINDOWS)} == set(OPS)


REFUSED: list[tuple[str, list[TensorType], dict[str, Any], str]] = [
    ("add", [f32(N, 3), f32(4)], {}, r"shapes \[N, 3\] and \[4\] do not fit"),
    ("add", [f32(3), f64(3)], {}, "element types float32 and float64"),
    ("mul", [i64(3), i64(3)], {}, "element types int64"),
    ("scale", [i64(3)], {"factor": 1.0}, "needs floating point numbers, not int64"),
    ("maximum", [f32(3), f32(4)], {}, "do not fit together"),
    ("tanh_gradient", [f32(3), f64(3)], {}, "differ"),
    ("softmax", [f32(N, 3)], {"axis": 2}, "axis 2 is outside"),
    ("softmax", [f32(N, 3)], {"axis": -1}, "axis -1 is outside"),
    ("matmul", [f32(2, 3), f32(4, 5)], {"transpose_a": False, "transpose_b": False}, "3 is not 4"),
    ("matmul", [f32(2, 3), f64(3, 5)], {"transpose_a": False, "transpose_b": False}, "cannot multiply"),
    ("matmul", [f32(3), f32(3)], {"transpose_a": False, "transpose_b": False}, "leading dimensions"),
    ("matmul", [f32(2, 2, 3), f32(4, 3, 5)], {"transpose_a": False, "transpose_b": False}, "leading"),
    ("matmul", [f32(N, 3), f32(Batch(2), 3)], {"transpose_a": True, "transpose_b": False}, "N is not 2N"),
    ("vecmat", [f32(N), f32(3, 4)], {}, "cannot multiply the vector"),
    ("sum", [f32(2, 3)], {"axes": (1, 0), "keepdims": False}, "do not fit 2 dimensions"),
    ("sum", [f32(2, 3)], {"axes": (2,), "keepdims": False}, "do not fit 2 dimensions"),
    ("sum", [i64(2)], {"axes": (0,), "keepdims": False}, "needs floating point"),
    ("expand", [f32(2)], {"shape": (2, 3), "axes": (0,), "mean": False}, "cannot spread"),
    ("reshape", [f32(2, 3)], {"shape": (5,)}, r"\[2, 3\] has not as many elements as \[5\]"),
    ("reshape", [f32(N, 3)], {"shape": (3,)}, "has not as many elements"),
    ("permute", [f32(2, 3)], {"axes": (0, 0)}, "are not an order of the 2 dimensions"),
    ("slice", [f32(2, 3)], {"axis": 1, "start": 1, "stop": 4}, "cannot take 1:4 of axis 1"),
    ("slice", [f32(N, 3)], {"axis": 0, "start": 0, "stop": 1}, "cannot take 0:1 of axis 0"),
    ("slice", [f32(2, 3)], {"axis": 1, "start": 2, "stop": 2}, "cannot take 2:2"),
    ("unslice", [f32(2, 3)], {"axis": 1, "start": 6, "size": 8}, "does not fit into 8"),
    ("concat", [f32(2, 3), f32(3, 3)], {"axis": 1}, "cannot join"),
    ("concat", [f32(2, 3), f32(2)], {"axis": 1}, "cannot join"),
    ("concat", [f32(2, 3), f64(2, 3)], {"axis": 1}, "cannot join"),
    ("concat", [f32(N, 3), f32(N, 3)], {"axis": 0}, "cannot join"),
    ("concat", [f32(2)], {"axis": 1}, "axis 1 is outside"),
    ("gather_rows", [f32(9, 4), f32(N)], {"padding_index": -1}, "whole numbers"),
    ("gather_rows", [f32(9), i64(N)], {"padding_index": -1}, "needs a table"),
    ("scatter_rows", [f32(N, 4), i64(3)], {"rows": 9, "padding_index": -1}, "cannot scatter"),
    ("base_positions", [], {"shape": (N,), "axis": 1}, "axis 1 is outside"),
    ("pick", [f32(N, 5), i64(N), i64(3)], {"axis": 1}, "do not fit"),
    ("pick", [f32(N, 5), i64(3), i64(3)], {"axis": 1}, "cannot pick"),
    ("unpick", [f32(3), i64(N), i64(N)], {"axis": 1, "size": 5}, "cannot put"),
    ("normalize", [i64(3)], {"axes": (0,), "eps": 1e-5}, "needs floating point"),
    ("normalize_gradient", [f32(2, 3), f32(2, 3), f32(2)], {"axes": (1,)}, "do not fit together"),
    (
        "rnn_sequence",
        [f32(2, 5, N), f32(2, 2), f32(2, N)],
        {"nonlinearity": "sin", "reverse": False},
        "tanh or relu, not sin",
    ),
    (
        "rnn_sequence",
        [f32(3, 5, N), f32(3, 2), f32(2, N)],
        {"nonlinearity": "tanh", "reverse": False},
        "3 is not 1 times 2",
    ),
    (
        "gru_sequence",
        [f32(6, 5, N), f32(6, 2), f32(2), f32(2, N)],
        {"reverse": False},
        "does not fit the weight",
    ),
    (
        "lstm_sequence",
        [f32(8, 5, N), f32(8, 2), f32(2, N), f32(3, N)],
        {"reverse": False},
        "first states",
    ),
    (
        "lstm_sequence",
        [f32(8, N, 5), f32(8, 2), f32(2, N), f32(2, N)],
        {"reverse": False},
        "do not fit together",
    ),
    (
        "lstm_sequence",
        [f32(8, 5, N), f64(8, 2), f32(2, N), f32(2, N)],
        {"reverse": False},
        "one floating point type",
    ),
    (
        "reduced_lstm_sequence",
        [f32(8, 5, N), f32(8, 1), f32(2, 2), f32(1, N), f32(2, N)],
        {"reverse": False},
        "do not fit together",
    ),
    ("reverse_sequence", [f32(N, 5, 2), f32(N)], {}, "cannot reverse"),
    ("causal_mask", [], {"dtype": "float32", "rows": 0, "size": 5}, "is empty"),
    ("causal_mask", [], {"dtype": "int64", "rows": 2, "size": 5}, "not int64"),
    (
        "position_angles",
        [],
        {"base": 0.0, "dtype": "float32", "rows": 2, "size": 5},
        "base must be above 0",
    ),
    ("length_mask", [f32(N)], {"dtype": "float32", "size": 5}, "one whole number a sample"),
    ("cumulative_average", [f32(3), f32(N, 3), f32(), f32(3)], {"unbiased": True}, "to count by"),
    ("running_average", [f32(3), f32(N, 3), f32(4)], {"momentum": 0.1, "unbiased": True}, "cannot average"),
    ("running_average", [f32(3), f32(N, 3), f64(3)], {"momentum": 0.1, "unbiased": True}, "cannot average"),
    ("max", [i64(3)], {"axes": (0,), "keepdims": False}, "needs floating point"),
    ("argmax", [i64(3)], {"axis": 0}, "needs floating point"),
    ("cumsum", [f32(3)], {"axis": 1, "reverse": True}, "axis 1 is outside"),
    ("flip", [f32(3)], {"axis": 1}, "axis 1 is outside"),
    ("clamp", [f32(3)], {"low": 1.0, "high": 0.0, "inclusive": True}, "low 1.0 is above high 0.0"),
    ("leaky_relu", [f32(3)], {"slope": -1.0}, "slope must not be negative"),
    ("softplus", [f32(3)], {"beta": 0.0, "threshold": 1.0}, "beta must be positive"),
    ("elu", [i64(3)], {"alpha": 1.0, "rate": 1.0, "scale": 1.0}, "needs floating point"),
    ("elu_gradient", [f32(3), f32(4)], {"alpha": 1.0, "rate": 1.0, "scale": 1.0}, "differ"),
    ("compare", [f32(3), i64(3)], {"dtype": "float32", "relation": "less"}, "do not fit together"),
    ("compare", [f32(3), f32(3)], {"dtype": "float32", "relation": "near"}, "no relation 'near'"),
    ("compare", [f32(3), f32(3)], {"dtype": "bool", "relation": "less"}, "gives numbers, not bool"),
    ("where", [f32(3), i64(3), f32(3)], {}, "do not fit together"),
    ("dropout_mask", [], {"p": 1.0, "stream": "s", "shape": (3,), "dtype": "float32"}, "not 1.0"),
    ("dropout_mask", [], {"p": -0.1, "stream": "s", "shape": (3,), "dtype": "float32"}, "p must be"),
    ("uniform", [], {"stream": "s", "shape": (3,), "dtype": "int64"}, "draws floating"),
    ("bce", [f32(3), f32(3, 1)], {}, "differ"),
    ("softmax_cross_entropy", [f32(N, 4), i64(3), i64(3)], {"axis": 1}, "do not fit class indices"),
    ("softmax_cross_entropy", [f32(N, 4), f32(N), f32(N)], {"axis": 1}, "do not fit class indices"),
    ("softmax_cross_entropy_gradient", [f32(3), f32(N, 4), i64(N), i64(N)], {"axis": 1}, "does not fit"),
    ("increment", [f32()], {}, "single float64 or int64"),
    ("affine", [f32()], {"factor": 1.0, "offset": 0.0, "dtype": "float32"}, "single float64"),
    ("quotient", [f64(), f64(1)], {"dtype": "float32"}, "single float64"),
    ("raised", [f64(), f32()], {"dtype": "float32"}, "single float64"),
    ("every", [f64()], {"dtype": "float32", "period": 0}, "above 0"),
    ("dot", [f32(7), f32(6)], {}, "cannot sum products"),
    ("dot", [f32(2, 3), f32(2, 3)], {}, "cannot sum products"),
    ("put_row", [f32(7), TensorType((), "int64"), f32(3, 6)], {}, "cannot put"),
    ("put_row", [f32(7), f64(), f32(3, 7)], {}, "cannot put"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "types", "options", "message"), REFUSED)
def test_refused(op: str, types: list[TensorType], options: dict[str, Any], message: str) -> None:
    with pytest.raises(OpError, match=message):
        OPS[op].infer(types, options)


def test_broadcasting_aligns_at_the_end() -> None:
    assert broadcast((N, 1, 3), (4, 1)) == (N, 4, 3)
    assert broadcast((), (2,)) == (2,)
    assert broadcast((1,), (N,)) == (N,)
    with pytest.raises(OpError):
        broadcast((N,), (Batch(2),))


def test_reduced_shapes() -> None:
    assert reduced_shape((N, 3, 4), (1,), keepdims=True) == (N, 1, 4)
    assert reduced_shape((N, 3, 4), (0, 1, 2), keepdims=False) == ()
