"""Cost: how many floating point operations an instruction stands for."""

from __future__ import annotations

import math
from collections.abc import Iterable

from graphnet.ir import Instruction, InstructionList

_MOVES = frozenset(
    {
        "copy",
        "reshape",
        "permute",
        "slice",
        "unslice",
        "concat",
        "flip",
        "reverse_sequence",
        "gather_rows",
        "pick",
        "unpick",
        "take",
        "pad",
        "unfold",
        "unpool",
        "unpool_gradient",
    }
)

_CONVOLUTIONS = frozenset({"conv", "conv_input_gradient", "conv_weight_gradient"})

_PRODUCTS = _CONVOLUTIONS | {"matmul", "vecmat"}

_RECURRENCES = {
    "rnn_sequence": slice(1, 2),
    "gru_sequence": slice(1, 2),
    "lstm_sequence": slice(1, 2),
    "reduced_lstm_sequence": slice(1, 3),
    "rnn_sequence_gradient": slice(1, 2),
    "gru_sequence_gradient": slice(1, 2),
    "lstm_sequence_gradient": slice(2, 3),
    "reduced_lstm_sequence_gradient": slice(2, 4),
}
"""Which operands of a recurrence are weights that every step multiplies by."""


def flops(instruction: Instruction, listing: InstructionList, batch: int) -> int:
    """Return the operations of one instruction for a batch size.

    A product of (a, b) and (b, c) matrices counts 2abc, one multiplication and one addition each; a
    convolution and its gradients 2 for each result, tap and channel of the group; a recurrence and its
    gradient the products of all steps; moving elements counts nothing; everything else counts one for each
    element of its largest buffer.
    """
    buffers = listing.buffers
    if instruction.op in _MOVES:
        return 0
    out = buffers[instruction.changed[0]].type
    if instruction.op == "matmul":
        a = buffers[instruction.reads[0]].type.at(batch)
        inner = a[-2] if instruction.options["transpose_a"] else a[-1]
        return 2 * out.size_at(batch) * inner
    if instruction.op == "vecmat":
        return 2 * buffers[instruction.reads[1]].type.size_at(batch)
    if instruction.op in _CONVOLUTIONS:
        result, weight = (buffers[name].type.at(batch) for name in _conv_buffers(instruction))
        return 2 * math.prod(result) * math.prod(weight[1:])
    if instruction.op in _RECURRENCES:
        weights = instruction.reads[_RECURRENCES[instruction.op]]
        gates = (instruction.writes if instruction.op.endswith("_gradient") else instruction.reads)[
            0
        ]
        steps = math.prod(buffers[gates].type.at(batch)[1:])
        return 2 * steps * sum(buffers[name].type.size_at(batch) for name in weights)
    return max(buffers[name].type.size_at(batch) for name in instruction.touched)


def _conv_buffers(instruction: Instruction) -> tuple[str, str]:
    """Return the buffers that stand for the result and the weight of a convolution."""
    first, second, out = (*instruction.reads, instruction.writes[0])
    if instruction.op == "conv":
        return out, second
    return first, second if instruction.op == "conv_input_gradient" else out


def total_flops(instructions: Iterable[Instruction], listing: InstructionList, batch: int) -> int:
    """Return the operations of several instructions for a batch size."""
    return sum(flops(instruction, listing, batch) for instruction in instructions)


def product_flops(instructions: Iterable[Instruction], listing: InstructionList, batch: int) -> int:
    """Return the operations of products and recurrences alone, which are the fast ones."""
    fast = _PRODUCTS | set(_RECURRENCES)
    return total_flops((each for each in instructions if each.op in fast), listing, batch)


def largest_product(listing: InstructionList, batch: int) -> int:
    """Return the operations of the largest product computed in one call: of matrices, or of a time step."""
    most = 0
    for instruction in listing.instructions:
        count = flops(instruction, listing, batch)
        if instruction.op in _RECURRENCES:
            gates = (
                instruction.writes if instruction.op.endswith("_gradient") else instruction.reads
            )
            most = max(most, count // listing.buffers[gates[0]].type.at(batch)[1])
        elif instruction.op in _PRODUCTS:
            most = max(most, count)
    return most
