"""Ops that select elements by integer indices."""

from __future__ import annotations

from graphnet.ir import Batch, TensorType, shape_text
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.value import Value


def _gather(types: Types, options: Options) -> tuple[TensorType, ...]:
    weight, index = types
    if weight.rank != 2 or index.dtype != "int64":
        raise OpError(f"needs a table and whole numbers, not {weight} and {index}")
    return (weight.with_shape(*index.shape, weight.shape[1]),)


def _scatter(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, index = types
    if g.shape[:-1] != index.shape or index.dtype != "int64":
        raise OpError(f"cannot scatter {g} by {index}")
    if options["padding_index"] >= options["rows"]:
        raise OpError(f"there is no row {options['padding_index']} among {options['rows']}")
    return (g.with_shape(options["rows"], g.shape[-1]),)


def _gather_back(c: Adjoint) -> Value:
    rows = c["weight"].shape[0]
    padding = c.options["padding_index"]
    return c.emit("scatter_rows", c.g, c["index"], rows=rows, padding_index=padding)


FEW_ROWS = 256
"""Rows up to which sums come from a product with rows of 0 and 1, larger tables are added to one by one."""
PICKED_AT_ONCE = 256
"""Indices whose rows of 0 and 1 are in the cache together."""


def _scatter_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, rows = types[0], options["rows"]
    if rows > FEW_ROWS:
        return ()
    shapes = ((rows, rows), (PICKED_AT_ONCE, rows), (rows, g.shape[-1]))
    return tuple(g.with_shape(*shape) for shape in shapes)


GATHER_ROWS = Op(
    name="gather_rows",
    formula="out[..., :] = weight[index[...], :]; row padding_index gets no gradient",
    operands=("weight", "index"),
    results=("out",),
    infer=_gather,
    attributes=("padding_index",),
    adjoint={"weight": _gather_back},
    contiguous=("weight", "index"),
)

SCATTER_ROWS = Op(
    name="scatter_rows",
    formula="out = 0, then out[index[...], :] += g[..., :] but for row padding_index",
    operands=("g", "index"),
    results=("out",),
    infer=_scatter,
    attributes=("padding_index", "rows"),
    adjoint=None,
    scratch=_scatter_scratch,
    contiguous=("g", "index"),
)


def _base(types: Types, options: Options) -> tuple[TensorType, ...]:
    shape, axis = tuple(options["shape"]), options["axis"]
    if not 0 <= axis < len(shape):
        raise OpError(f"axis {axis} is outside {shape_text(shape)}")
    if isinstance(shape[axis], Batch):
        raise OpError("positions along the batch cannot be counted")
    return (TensorType(shape[:axis] + shape[axis + 1 :], "int64"),)


BASE_POSITIONS = Op(
    name="base_positions",
    formula="out[...] = position of x[..., 0, ...] among all elements of an x of the given shape, the 0 on "
    "axis",
    operands=(),
    results=("out",),
    infer=_base,
    attributes=("axis", "shape"),
    adjoint=None,
)


def _pick(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, index, base = types
    axis = options["axis"]
    if base != index:
        raise OpError(f"positions {base} do not fit {index}")
    if index.dtype != "int64" or x.shape[:axis] + x.shape[axis + 1 :] != index.shape:
        raise OpError(f"cannot pick from {x} along axis {axis} by {index}")
    return (x.with_shape(*index.shape),)


def _unpick(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, index, base = types
    if g.shape != index.shape or index.dtype != "int64" or base != index:
        raise OpError(f"cannot put {g} back by {index}")
    axis = options["axis"]
    return (g.with_shape(*g.shape[:axis], options["size"], *g.shape[axis:]),)


def _pick_back(c: Adjoint) -> Value:
    axis = int(c.options["axis"])  # type: ignore[arg-type]
    size = c["x"].shape[axis]
    return c.emit("unpick", c.g, c["index"], c["base"], axis=axis, size=size)


def _positions(types: Types, options: Options) -> tuple[TensorType, ...]:
    """Workspace for positions into the flat operand, like the index."""
    return (types[1],)


PICK = Op(
    name="pick",
    formula="out[...] = x[..., index[...], ...], the index on axis; base = base_positions of x",
    operands=("x", "index", "base"),
    results=("out",),
    infer=_pick,
    attributes=("axis",),
    adjoint={"x": _pick_back},
    scratch=_positions,
    contiguous=("x", "index", "base"),
)

UNPICK = Op(
    name="unpick",
    formula="out = 0 but for out[..., index[...], ...] = g[...], the index on axis; base = "
    "base_positions of out",
    operands=("g", "index", "base"),
    results=("out",),
    infer=_unpick,
    attributes=("axis", "size"),
    adjoint=None,
    scratch=_positions,
    contiguous=("g", "index", "base"),
)


def _put(types: Types, options: Options) -> tuple[TensorType, ...]:
    v, index, m = types
    if index != TensorType((), "int64") or m.rank != v.rank + 1 or m.shape[1:] != v.shape:
        raise OpError(f"cannot put {v} into {m} by {index}")
    return ()


PUT_ROW = Op(
    name="put_row",
    formula="m[index] = v, an index beyond either end counting as that end",
    operands=("v", "index"),
    results=(),
    infer=_put,
    adjoint=None,
    accumulated=("m",),
)

OPS = (GATHER_ROWS, SCATTER_ROWS, BASE_POSITIONS, PICK, UNPICK, PUT_ROW)
