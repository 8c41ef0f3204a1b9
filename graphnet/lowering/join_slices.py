"""Join slices: gradients of the parts of a value become one concatenation, not a sum of padded parts."""

from __future__ import annotations

from collections import defaultdict

from graphnet.ir import TensorType
from graphnet.ops import Emitter, Value


def join_slices(e: Emitter, parts: list[Value]) -> list[Value]:
    """Return contributions to be summed, those that are slices spread over zeros joined to one.

    T slices of a sequence would otherwise cost T padded arrays and T sums over all of it.

    Args:
        e: Where the concatenation goes.
        parts: Contributions to one gradient.
    """
    groups: dict[tuple[int, int], list[tuple[int, Value]]] = defaultdict(list)
    others: list[Value] = []
    for part in parts:
        writer = e.writer(part.name)
        if writer is None or writer.op != "unslice":
            others.append(part)
            continue
        options = writer.options
        inner = Value(writer.reads[0], e.buffers[writer.reads[0]].type)
        groups[_whole(options["axis"]), _whole(options["size"])].append(
            (_whole(options["start"]), inner)
        )
    if all(len(members) < 2 for members in groups.values()):
        return parts
    return others + [
        _joined(e, members, axis, size)
        for (axis, size), layer in groups.items()
        for members in _without_overlap(layer, axis)
    ]


def _without_overlap(members: list[tuple[int, Value]], axis: int) -> list[list[tuple[int, Value]]]:
    """Deal slices out to as few groups as it takes for none of a group to overlap."""
    groups: list[list[tuple[int, Value]]] = []
    ends: list[int] = []
    for start, value in sorted(members, key=lambda member: member[0]):
        end = start + _whole(value.shape[axis])
        free = next((index for index, stop in enumerate(ends) if stop <= start), len(groups))
        if free == len(groups):
            groups.append([])
            ends.append(0)
        groups[free].append((start, value))
        ends[free] = end
    return groups


def _joined(e: Emitter, members: list[tuple[int, Value]], axis: int, size: int) -> Value:
    """Emit the concatenation of slices that do not overlap, zeros in the gaps."""
    if len(members) == 1:
        start, value = members[0]
        return e.emit("unslice", value, axis=axis, start=start, size=size)
    pieces: list[Value] = []
    reached = 0
    for start, value in members:
        if start > reached:
            pieces.append(_zeros(e, value.type, axis, start - reached))
        pieces.append(value)
        reached = start + _whole(value.shape[axis])
    if reached < size:
        pieces.append(_zeros(e, members[0][1].type, axis, size - reached))
    return e.emit("concat", *pieces, axis=axis)


def _zeros(e: Emitter, like: TensorType, axis: int, size: int) -> Value:
    shape = (*like.shape[:axis], size, *like.shape[axis + 1 :])
    zero = e.constant(0.0, like.dtype)
    return e.emit("expand", zero, shape=shape, axes=tuple(range(len(shape))), mean=False)


def _whole(value: object) -> int:
    """Return an attribute that is a whole number by the rules of its op."""
    if not isinstance(value, int):
        raise TypeError(f"not a whole number: {value!r}")
    return value
