"""Deliberately wrong adjoint rules, as one gets them wrong; the gradient check must refuse them all."""

from __future__ import annotations

from controls_sequences import RECURRENT_CONTROLS
from controls_windows import WINDOW_CONTROLS
from wrong_rules import (
    Control,
    chosen,
    dropped,
    first_part,
    flipped,
    fold,
    halved,
    like,
    negative,
    neighbour,
    product,
    right,
    rows_back,
    shared,
    shifted_part,
    softmax_diagonal,
    spread,
    unsliced,
    without_mean,
    without_product,
)

from graphnet.ops import OPS

CONTROLS: tuple[Control, ...] = (
    # Every rule there is, turned round, halved and forgotten.
    *(flipped(name, role) for name, op in OPS.items() for role in op.adjoint or {}),
    *(halved(name, role) for name, op in OPS.items() for role in op.adjoint or {}),
    dropped("sub", "b"),
    dropped("mul", "a"),
    dropped("scale", "x"),
    dropped("square", "x"),
    dropped("tanh", "x"),
    dropped("relu", "x"),
    dropped("softmax", "x"),
    dropped("log_softmax", "x"),
    dropped("normalize", "x"),
    dropped("sum", "x"),
    dropped("slice", "x"),
    dropped("permute", "x"),
    # Broadcasting not undone, or undone wrongly.
    Control("missing sum over the stretched axes", "add", "b", lambda c: c.g),
    Control("missing sum over the stretched axes", "sub", "a", lambda c: c.g),
    Control(
        "missing sum over the stretched axes", "mul", "b", lambda c: c.emit("mul", c.g, c["a"])
    ),
    Control(
        "missing sum over the stretched axes", "div", "a", lambda c: c.emit("div", c.g, c["b"])
    ),
    Control("stretched to the other operand's shape", "add", "a", lambda c: like(c, c.g, "b")),
    # The wrong operand, or the result in place of an operand.
    Control("own operand", "mul", "a", lambda c: like(c, c.emit("mul", c.g, c["a"]), "a")),
    Control("own operand", "mul", "b", lambda c: like(c, c.emit("mul", c.g, c["b"]), "b")),
    Control("result for operand", "mul", "a", lambda c: like(c, c.emit("mul", c.g, c["out"]), "a")),
    Control(
        "result for operand",
        "square",
        "x",
        lambda c: c.emit("mul", c.g, c.emit("scale", c["out"], factor=2.0)),
    ),
    Control(
        "operand for result",
        "sqrt",
        "x",
        lambda c: c.emit("scale", c.emit("div", c.g, c["x"]), factor=0.5),
    ),
    Control("operand for result", "tanh", "x", lambda c: c.emit("tanh_gradient", c.g, c["x"])),
    Control(
        "operand for result", "sigmoid", "x", lambda c: c.emit("sigmoid_gradient", c.g, c["x"])
    ),
    Control(
        "operand for result",
        "softmax",
        "x",
        lambda c: c.emit("softmax_gradient", c.g, c["x"], axis=c.options["axis"]),
    ),
    Control(
        "operand for result",
        "log_softmax",
        "x",
        lambda c: c.emit("log_softmax_gradient", c.g, c["x"], axis=c.options["axis"]),
    ),
    Control(
        "swapped operands",
        "maximum",
        "a",
        lambda c: c.emit("mul", c.g, c.emit("maximum_share", c["b"], c["a"])),
    ),
    Control(
        "swapped operands",
        "bce_with_logits",
        "x",
        lambda c: c.emit("bce_with_logits_gradient", c.g, c["t"], c["x"]),
    ),
    Control("swapped operands", "bce", "p", lambda c: c.emit("bce_gradient", c.g, c["t"], c["p"])),
    Control(
        "logits for probabilities",
        "bce",
        "p",
        lambda c: c.emit("bce_with_logits_gradient", c.g, c["p"], c["t"]),
    ),
    Control(
        "numerator for denominator",
        "div",
        "a",
        lambda c: like(c, c.emit("div", c.g, c["out"]), "a"),
    ),
    Control(
        "one denominator missing",
        "div",
        "b",
        lambda c: like(c, negative(c, c.emit("mul", c.g, c["out"])), "b"),
    ),
    Control("value in place of sign", "abs", "x", lambda c: c.emit("mul", c.g, c["x"])),
    Control(
        "sign of the result", "abs", "x", lambda c: c.emit("mul", c.g, c.emit("sign", c["out"]))
    ),
    # The slope on the wrong side, of the wrong value or with a setting forgotten.
    dropped("clamp", "x"),
    dropped("power", "x"),
    Control("the other branch", "where", "a", lambda c: like(c, chosen(c, "b"), "a")),
    Control("the condition ignored", "where", "b", lambda c: like(c, c.g, "b")),
    Control("swapped operands", "minimum", "a", lambda c: like(c, shared(c, "a", "b"), "a")),
    Control("sine for cosine", "sin", "x", lambda c: c.emit("mul", c.g, c["out"])),
    Control("value for slope", "normal_cdf", "x", lambda c: c.emit("mul", c.g, c["y"])),
    Control(
        "rate forgotten",
        "elu",
        "x",
        lambda c: c.emit("elu_gradient", c.g, c["x"], **{**c.options, "rate": 1.0}),
    ),
    Control(
        "result for operand",
        "elu",
        "x",
        lambda c: c.emit("elu_gradient", c.g, c["y"], **c.options),
    ),
    Control(
        "beta forgotten",
        "softplus",
        "x",
        lambda c: c.emit("softplus_gradient", c.g, c["x"], **{**c.options, "beta": 1.0}),
    ),
    Control(
        "exponent kept",
        "power",
        "x",
        lambda c: c.emit("mul", c.g, c.emit("scale", c["out"], factor=c.options["exponent"])),
    ),
    # A missing factor, or one too many.
    Control("missing factor 2", "square", "x", lambda c: c.emit("mul", c.g, c["x"])),
    Control("missing factor 1/2", "sqrt", "x", lambda c: c.emit("div", c.g, c["out"])),
    Control(
        "factor applied twice",
        "scale",
        "x",
        lambda c: c.emit("scale", right("scale", "x")(c), factor=c.options["factor"]),
    ),
    Control(
        "amount taken for a factor",
        "shift",
        "x",
        lambda c: c.emit("scale", c.g, factor=c.options["amount"]),
    ),
    Control("missing 1/n", "mean", "x", lambda c: spread(c, mean=False)),
    Control("1/n too many", "sum", "x", lambda c: spread(c, mean=True)),
    Control("missing 1/n", "expand", "x", lambda c: fold(c, "sum")),
    Control("1/n too many", "expand", "x", lambda c: fold(c, "mean")),
    # Products.
    Control("missing transpose", "matmul", "a", lambda c: product(c, c.g, c["b"], False, False)),
    Control("missing transpose", "matmul", "b", lambda c: product(c, c["a"], c.g, False, False)),
    Control("transpose_b ignored", "matmul", "a", lambda c: product(c, c.g, c["b"], False, True)),
    Control("transpose_a ignored", "matmul", "b", lambda c: product(c, c["a"], c.g, True, False)),
    Control("swapped operands", "matmul", "a", lambda c: product(c, c["b"], c.g, False, True)),
    Control("swapped operands", "matmul", "b", lambda c: product(c, c.g, c["a"], True, False)),
    # Places.
    Control(
        "same order instead of back",
        "permute",
        "x",
        lambda c: c.emit("permute", c.g, axes=c.options["axes"]),
    ),
    Control("off by one", "slice", "x", lambda c: unsliced(c, -1)),
    Control("start forgotten", "slice", "x", lambda c: unsliced(c, -99)),
    Control("off by one", "unslice", "x", lambda c: neighbour(c, by=-1)),
    Control("start forgotten", "unslice", "x", lambda c: neighbour(c, by=-99)),
    Control("always the first part", "concat", "xs", first_part),
    Control("off by one", "concat", "xs", shifted_part),
    Control("forgotten padding row", "gather_rows", "weight", lambda c: rows_back(c, -1)),
    Control("wrong padding row", "gather_rows", "weight", lambda c: rows_back(c, 0)),
    # Sums inside a rule, along the wrong axis or missing.
    Control("element by element", "softmax", "x", softmax_diagonal),
    Control(
        "wrong axis", "softmax", "x", lambda c: c.emit("softmax_gradient", c.g, c["y"], axis=0)
    ),
    Control(
        "wrong axis",
        "log_softmax",
        "x",
        lambda c: c.emit("log_softmax_gradient", c.g, c["y"], axis=0),
    ),
    Control(
        "rule of log_softmax",
        "softmax",
        "x",
        lambda c: c.emit("log_softmax_gradient", c.g, c["y"], axis=c.options["axis"]),
    ),
    Control(
        "rule of softmax",
        "log_softmax",
        "x",
        lambda c: c.emit("softmax_gradient", c.g, c["y"], axis=c.options["axis"]),
    ),
    Control(
        "only the scale", "normalize", "x", lambda c: c.emit("mul", c.g, c["inverse_deviation"])
    ),
    Control("missing mean", "normalize", "x", without_mean),
    Control("missing product", "normalize", "x", without_product),
    Control(
        "variance for deviation",
        "normalize",
        "x",
        lambda c: c.emit(
            "normalize_gradient", c.g, c["normalized"], c["variance"], axes=c.options["axes"]
        ),
    ),
    Control(
        "operand for normalized",
        "normalize",
        "x",
        lambda c: c.emit(
            "normalize_gradient", c.g, c["x"], c["inverse_deviation"], axes=c.options["axes"]
        ),
    ),
    Control(
        "only the scale", "rms_normalize", "x", lambda c: c.emit("mul", c.g, c["inverse_root"])
    ),
    Control(
        "operand for normalized",
        "rms_normalize",
        "x",
        lambda c: c.emit(
            "rms_normalize_gradient", c.g, c["x"], c["inverse_root"], axes=c.options["axes"]
        ),
    ),
    *RECURRENT_CONTROLS,
    Control(
        "missing one at the class",
        "softmax_cross_entropy",
        "x",
        lambda c: c.emit(
            "mul",
            c.emit("expand", c.g, axes=(c.options["axis"],), mean=False, shape=c["x"].shape),
            c["probabilities"],
        ),
    ),
    Control(
        "scores for probabilities",
        "softmax_cross_entropy",
        "x",
        lambda c: c.emit(
            "softmax_cross_entropy_gradient",
            c.g,
            c["x"],
            c["index"],
            c["base"],
            axis=c.options["axis"],
        ),
    ),
    *WINDOW_CONTROLS,
)
"""All wrong rules."""
