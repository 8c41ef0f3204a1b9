"""Op: a symbolic primitive. It knows roles, shapes, its adjoint and its scratch; it knows no arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphnet.ir import Attribute, Batch, TensorType

if TYPE_CHECKING:
    from graphnet.ops.adjoint import Adjoint
    from graphnet.ops.reorder import Reorder
    from graphnet.ops.value import Value

Types = Sequence[TensorType]
Options = Mapping[str, Any]
TypeRule = Callable[[Types, Options], tuple[TensorType, ...]]
AdjointRule = Callable[["Adjoint"], "Value"]


class OpError(ValueError):
    """An op cannot take such operands or attributes."""


_TEXTS = frozenset({"dtype", "mode", "nonlinearity", "relation", "stream"})
_FLAGS = frozenset(
    {
        "zero_infinity",
        "align_corners",
        "inclusive",
        "keepdims",
        "mean",
        "reverse",
        "transpose",
        "transpose_a",
        "transpose_b",
        "unbiased",
    }
)
_WHOLE = frozenset(
    {
        "axis",
        "blank",
        "column",
        "count",
        "groups",
        "ignore_index",
        "padding_index",
        "rows",
        "size",
        "start",
        "stop",
    }
)
_LISTS = frozenset(
    {
        "after",
        "axes",
        "before",
        "dilation",
        "kernel",
        "places",
        "shape",
        "spatial",
        "starts",
        "stride",
    }
)
_NUMBERS = frozenset({"values"})


def _fits(name: str, value: Attribute) -> bool:
    """Whether an attribute is of its kind; what is none of the kinds above is a number."""
    if name in _LISTS:
        kinds = (int, Batch) if name == "shape" else (int,)
        return isinstance(value, tuple) and all(type(item) in kinds for item in value)
    if name in _NUMBERS:
        return isinstance(value, tuple) and all(map(_is_number, value))
    if name in _TEXTS:
        return isinstance(value, str)
    if name in _FLAGS:
        return isinstance(value, bool)
    return _is_number(value) and (name not in _WHOLE or type(value) is int)


def _is_number(value: object) -> bool:
    """Whether a value is a number that a float or an int64 can hold."""
    return type(value) is float or (type(value) is int and abs(value) < 2**63)


def _no_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    """Ask for no workspace."""
    return ()


@dataclass(frozen=True)
class Op:
    """One row of the op table.

    Attributes:
        name: Unique; what instructions say.
        formula: The definition in one line, in terms of operands, results and attributes.
        operands: Roles of the reads, in order; a last name with `*` stands for one or more.
        results: Roles of the writes, in order.
        infer: Types of the results from those of the operands (accumulated buffers last) and the
            attributes. Raises OpError on what does not fit.
        attributes: Names of all attributes, every one of which an instruction gives.
        adjoint: One rule per operand that can have a gradient; None where the op has none at all,
            which must be listed in `table.NOT_DIFFERENTIABLE`.
        accumulated: Roles of buffers that are changed rather than overwritten.
        scratch: Types of the workspaces that any backend may use; written after the results.
        elementwise: Whether equal positions of equally shaped operands and results belong together,
            so that blocks of it can run one after the other.
        in_place: Operands whose memory the first result may take over.
        contiguous: Operands whose elements must lie one after the other, so that they may not be
            permuted or sliced views.
        held: Operands that are taken as given, so that no gradient flows back to them.
        draws: Random numbers drawn for each element of the first result, from the stream that the attribute
            `stream` names; 0 for what is a function of its operands alone.
        reorder: How it works on operands whose axes stand in another order; None where it cannot, and
            for elementwise ops, to which the order does not matter.
    """

    name: str
    formula: str
    operands: tuple[str, ...]
    results: tuple[str, ...]
    infer: TypeRule
    attributes: tuple[str, ...] = ()
    adjoint: Mapping[str, AdjointRule] | None = field(default_factory=dict)
    accumulated: tuple[str, ...] = ()
    scratch: TypeRule = _no_scratch
    elementwise: bool = False
    in_place: tuple[str, ...] = ()
    contiguous: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    draws: int = 0
    reorder: Reorder | None = None

    def check_counts(self, reads: int, accumulates: int, options: Mapping[str, Attribute]) -> None:
        """Refuse a wrong number of operands or a wrong set of attributes.

        Raises:
            OpError: Naming what is expected and what came.
        """
        variadic = bool(self.operands) and self.operands[-1].startswith("*")
        wanted = len(self.operands)
        if reads < wanted if variadic else reads != wanted:
            raise OpError(f"{self.name} reads {wanted} buffers, not {reads}")
        if accumulates != len(self.accumulated):
            raise OpError(
                f"{self.name} accumulates into {len(self.accumulated)}, not {accumulates}"
            )
        if set(options) != set(self.attributes):
            raise OpError(
                f"{self.name} has attributes {sorted(self.attributes)}, not {sorted(options)}"
            )
        for key, value in options.items():
            if not _fits(key, value):
                raise OpError(f"{self.name} cannot take {value} for {key}")

    def result_types(self, types: Types, options: Options) -> tuple[TensorType, ...]:
        """Return the types of everything the op writes: results, then scratch."""
        return self.infer(types, options) + self.scratch(types, options)

    def operand_index(self, role: str) -> slice:
        """Return which reads an operand role stands for."""
        for index, name in enumerate(self.operands):
            if name == role:
                return slice(index, index + 1)
            if name == f"*{role}":
                return slice(index, None)
        raise OpError(f"{self.name} has no operand {role!r}")
