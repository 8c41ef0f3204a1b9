"""The closed set of ops. A backend implements exactly these."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from graphnet.ops import (
    activation,
    choice,
    convolution,
    ctc,
    elementwise,
    functions,
    indexing,
    loss,
    matmul,
    normalization,
    patches,
    pointwise,
    pooling,
    position,
    random,
    recurrent,
    reduced_recurrent,
    reduction,
    regions,
    resampling,
    scalar,
    scan,
    sequence,
    shape,
    softmax,
    targets,
)
from graphnet.ops.op import Op

FAMILIES = (
    elementwise,
    functions,
    choice,
    activation,
    pointwise,
    softmax,
    matmul,
    reduction,
    scan,
    shape,
    indexing,
    normalization,
    recurrent,
    reduced_recurrent,
    sequence,
    position,
    random,
    loss,
    targets,
    ctc,
    scalar,
    convolution,
    pooling,
    regions,
    resampling,
    patches,
)


def _gather() -> Mapping[str, Op]:
    rows: dict[str, Op] = {}
    for family in FAMILIES:
        for op in family.OPS:
            if op.name in rows:
                raise ValueError(f"op {op.name!r} stands twice in the table")
            rows[op.name] = op
    return MappingProxyType(rows)


OPS: Mapping[str, Op] = _gather()

NOT_DIFFERENTIABLE = frozenset(
    {
        # gradients themselves: graphnet has no second derivatives
        "tanh_gradient",
        "sigmoid_gradient",
        "relu_gradient",
        "prod_others",
        "clamp_gradient",
        "leaky_relu_gradient",
        "elu_gradient",
        "softplus_gradient",
        "normal_cdf_gradient",
        "softmax_gradient",
        "log_softmax_gradient",
        "normalize_gradient",
        "rms_normalize_gradient",
        "rnn_sequence_gradient",
        "gru_sequence_gradient",
        "lstm_sequence_gradient",
        "reduced_lstm_sequence_gradient",
        "bce_gradient",
        "bce_with_logits_gradient",
        "softmax_cross_entropy_gradient",
        "scatter_rows",
        "unpick",
        "conv_weight_gradient",
        "max_pool_gradient",
        "unpool_gradient",
        # only in evaluation, of which there is no backward list
        "window_max",
        # only made by passes, after the backward list exists
        "vecmat",
        # constant almost everywhere, or no function of their operands
        "sign",
        "maximum_share",
        "argmax",
        "compare",
        "detach",
        "dropout_mask",
        "uniform",
        "standard_normal",
        "base_positions",
        # made of targets and settings only
        "literal",
        "class_weights",
        "tap_positions",
        "region_starts",
        "length_mask",
        "multi_hot",
        "ctc_loss_gradient",
        "averaging_matrix",
        "interpolation_matrix",
        "causal_mask",
        "position_angles",
        # the update list and running statistics
        "running_average",
        "cumulative_average",
        "increment",
        "bias_correction",
        "affine",
        "first_then",
        "quotient",
        "raised",
        "every",
        "put_row",
    }
)
"""Every op without adjoint rules. An op that is neither here nor has rules is an error."""
