"""Every op once more, straight from its `formula` line, in the plainest way; imports nothing of graphnet.

Each formula takes the operands in the op's order, then the buffers it changes, then the attributes by name.
It returns fresh arrays: the results, then the new contents of what it changes. All work on real numbers of
any precision; those an adjoint rule exists for also work on complex ones, so that an imaginary step gives
the derivative: comparisons look at real parts, and nothing is ever conjugated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import formulas_arrays as arrays
import formulas_ctc as ctc
import formulas_functions as functions
import formulas_pointwise as pointwise
import formulas_regions as regions
import formulas_resampling as resampling
import formulas_scan as scan
import formulas_sequences as sequences
import formulas_targets as targets
import formulas_windows as windows

FORMULAS: dict[str, Callable[..., Any]] = {
    **functions.FUNCTIONS,
    **scan.SCANS,
    "add": pointwise.add,
    "sub": pointwise.sub,
    "mul": pointwise.mul,
    "div": pointwise.div,
    "scale": pointwise.scale,
    "shift": pointwise.shift,
    "square": pointwise.square,
    "sqrt": pointwise.sqrt,
    "exp": pointwise.exp,
    "log": pointwise.log,
    "abs": pointwise.absolute,
    "sign": pointwise.sign,
    "maximum": pointwise.maximum,
    "maximum_share": pointwise.maximum_share,
    "copy": pointwise.copy,
    "tanh": pointwise.tanh,
    "tanh_gradient": pointwise.tanh_gradient,
    "sigmoid": pointwise.sigmoid,
    "sigmoid_gradient": pointwise.sigmoid_gradient,
    "relu": pointwise.relu,
    "relu_gradient": pointwise.relu_gradient,
    "bce_with_logits": pointwise.bce_with_logits,
    "bce_with_logits_gradient": pointwise.bce_with_logits_gradient,
    "bce": pointwise.bce,
    "bce_gradient": pointwise.bce_gradient,
    "increment": pointwise.increment,
    "bias_correction": pointwise.bias_correction,
    "affine": pointwise.affine,
    "first_then": pointwise.first_then,
    "quotient": pointwise.quotient,
    "put_row": arrays.put_row,
    "raised": pointwise.raised,
    "every": pointwise.every,
    "matmul": arrays.matmul,
    "vecmat": arrays.vecmat,
    "dot": arrays.dot,
    "sum": arrays.total,
    "mean": arrays.mean,
    "expand": arrays.expand,
    "softmax": arrays.softmax,
    "softmax_gradient": arrays.softmax_gradient,
    "log_softmax": arrays.log_softmax,
    "log_softmax_gradient": arrays.log_softmax_gradient,
    "reshape": arrays.reshape,
    "permute": arrays.permute,
    "slice": arrays.slice_,
    "unslice": arrays.unslice,
    "concat": arrays.concat,
    "gather_rows": arrays.gather_rows,
    "scatter_rows": arrays.scatter_rows,
    "base_positions": arrays.base_positions,
    "pick": arrays.pick,
    "unpick": arrays.unpick,
    "normalize": arrays.normalize,
    "normalize_gradient": arrays.normalize_gradient,
    "rms_normalize": arrays.rms_normalize,
    "rms_normalize_gradient": arrays.rms_normalize_gradient,
    "cumulative_average": arrays.cumulative_average,
    "running_average": arrays.running_average,
    "rnn_sequence": sequences.rnn_sequence,
    "rnn_sequence_gradient": sequences.rnn_sequence_gradient,
    "gru_sequence": sequences.gru_sequence,
    "gru_sequence_gradient": sequences.gru_sequence_gradient,
    "reduced_lstm_sequence": sequences.reduced_lstm_sequence,
    "reduced_lstm_sequence_gradient": sequences.reduced_lstm_sequence_gradient,
    "lstm_sequence": sequences.lstm_sequence,
    "lstm_sequence_gradient": sequences.lstm_sequence_gradient,
    "reverse_sequence": sequences.reverse_sequence,
    "length_mask": sequences.length_mask,
    "causal_mask": sequences.causal_mask,
    "position_angles": sequences.position_angles,
    "dropout_mask": arrays.dropout_mask,
    "uniform": arrays.uniform,
    "standard_normal": arrays.standard_normal,
    "softmax_cross_entropy": arrays.softmax_cross_entropy,
    "softmax_cross_entropy_gradient": arrays.softmax_cross_entropy_gradient,
    "literal": targets.literal,
    "class_weights": targets.class_weights,
    "conv": windows.conv,
    "conv_input_gradient": windows.conv_input_gradient,
    "conv_weight_gradient": windows.conv_weight_gradient,
    "max_pool": windows.max_pool,
    "window_max": lambda x, **options: windows.max_pool(x, **options)[0],
    "max_pool_gradient": windows.max_pool_gradient,
    "tap_positions": windows.tap_positions,
    "multi_hot": targets.multi_hot,
    "ctc_loss": ctc.ctc_loss,
    "ctc_loss_gradient": ctc.ctc_loss_gradient,
    "window_sum": resampling.window_sum,
    "window_spread": resampling.window_spread,
    "unfold": resampling.unfold,
    "fold": resampling.fold,
    "unpool": resampling.unpool,
    "unpool_gradient": resampling.unpool_gradient,
    "unpool_sum": regions.unpool_sum,
    "region_starts": regions.region_starts,
    "region_max": regions.region_max,
    "take": resampling.take,
    "untake": resampling.untake,
    "pad": resampling.pad,
    "axis_product": resampling.axis_product,
    "averaging_matrix": resampling.averaging_matrix,
    "interpolation_matrix": resampling.interpolation_matrix,
}
"""The formula of every op by its name."""
