"""Lower the optimizer to the update list over the flat vectors, and to the lists that run between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from graphnet.graph import Network
from graphnet.ir import (
    ALL,
    GRADIENTS,
    ITEM_BYTES,
    LEARNING_RATE,
    PARAMETERS,
    STATE,
    ParameterRow,
    TensorType,
    View,
    in_group,
    padded,
)
from graphnet.lowering.gradients import clip_gradients, gather_into, take_gathered
from graphnet.lowering.rules import constrain
from graphnet.ops import Emitter, Value
from graphnet.optimizers import Descent, Member, Optimizer, ParameterVector, Tuning

LAYER = "optimizer"


@dataclass(frozen=True)
class Span:
    """A group's place in the flat vectors.

    Attributes:
        number: The group.
        optimizer: What updates it.
        start: Its first element.
        length: Its elements, padding included.
        members: Its parameters, their offsets counted from `start`.
    """

    number: int
    optimizer: Descent
    start: int
    length: int
    members: tuple[Member, ...]


def spans_of(network: Network, rows: Sequence[ParameterRow]) -> list[Span]:
    """Return the spans of all groups that have parameters among the rows."""
    spans: list[Span] = []
    for number, group in enumerate(network.groups):
        own = [row for row in rows if row.group == number]
        if not own:
            continue
        start = own[0].offset
        end = own[-1].offset + padded(own[-1].size, ITEM_BYTES[own[-1].type.dtype])
        members = tuple(Member(row.name, row.type.at(1), row.offset - start) for row in own)
        spans.append(Span(number, group.optimizer, start, end - start, members))
    return spans


class UpdateLowering:
    """Emits one update of all groups.

    Settings that a scheduler changes are scalars; states are vectors as long as their group's span, or, where
    they reach over all groups, as long as all parameters.
    """

    def __init__(self, e: Emitter, network: Network, rows: Sequence[ParameterRow]) -> None:
        """Look at the flat vectors, which exist or are declared here.

        Args:
            e: Where instructions go.
            network: Its spec has an optimizer.
            rows: The parameter table.
        """
        self._e = e
        self._optimizer: Optimizer = _given(network.spec.optimizer)
        self._tuning: Tuning = network.spec.tuning
        self._mean = not all(term.loss.over_batches == "sum" for term in network.spec.losses)
        self._scheduled = network.spec.scheduled_settings
        self._spec, self._rows = network.spec, rows
        trainable = [row for row in rows if row.trainable]
        last = trainable[-1]
        length = last.offset + padded(last.size, ITEM_BYTES[last.type.dtype])
        kind = TensorType((length,), network.spec.dtype)
        self._p = self._flat(PARAMETERS, kind, "parameter")
        self._g = self._flat(GRADIENTS, kind, "gradient")
        self._spans = spans_of(network, rows)

    def update(self) -> None:
        """Emit the update list."""
        e = self._e
        e.role = "workspace"
        with e.within(LAYER, prefix=":"):
            whole = self._whole()
            self._optimizer.begin(e, whole)
            if self._tuning.accumulate > 1:
                take_gathered(e, whole, mean=self._mean)
            clip_gradients(e, self._g, self._tuning)
            for span in self._spans:
                v = self._vector(span)
                self._optimizer.wrap(e, v, partial(span.optimizer.emit, e, v))
            constrain(e, self._spec, self._rows)

    def own(self, emit: Callable[[Emitter, ParameterVector], None]) -> None:
        """Emit an auxiliary list of the optimizer's own."""
        self._e.role = "workspace"
        with self._e.within(LAYER, prefix=":"):
            emit(self._e, self._vector(self._spans[0]))

    def gather(self) -> None:
        """Emit what adds the gradients of a batch to those of the batches before it."""
        self._e.role = "workspace"
        with self._e.within(LAYER, prefix=":"):
            gather_into(self._e, self._whole(), mean=self._mean)

    def ascend(self) -> bool:
        """Emit what happens between two passes over one batch; tell whether there is a second pass."""
        self._e.role = "workspace"
        with self._e.within(LAYER, prefix=":"):
            return self._optimizer.ascend(self._e, self._whole())

    def average(self) -> None:
        """Emit the step of the averaged weights: decaying (ema) or equal (swa); the first takes them over."""
        e = self._e
        e.role = "workspace"
        with e.within(LAYER, prefix=":"):
            whole = self._whole()
            average, count = whole.state("average"), whole.counter("n_averaged")
            e.emit("increment", accumulates=(count,))
            share = self._share(count)
            step = e.emit("mul", e.emit("sub", self._p, average), share)
            e.emit("add", average, step, into=average)

    def exchange(self) -> None:
        """Emit the exchange of the weights and their averages."""
        e = self._e
        e.role = "workspace"
        with e.within(LAYER, prefix=":"):
            average = self._whole().state("average")
            aside = e.emit("copy", self._p)
            e.emit("copy", average, into=self._p)
            e.emit("copy", aside, into=average)

    def _share(self, count: Value) -> Value:
        """Emit how far the average goes to the weights: all the way at first."""
        e, dtype = self._e, self._p.dtype
        if self._tuning.ema is not None:
            later = 1.0 - self._tuning.ema
            return e.emit("first_then", count, first=1.0, later=later, dtype=dtype)
        return e.emit("quotient", e.constant(1.0, "float64"), count, dtype=dtype)

    def _flat(self, name: str, kind: TensorType, role: str) -> Value:
        if name in self._e.buffers:
            return Value(name, self._e.buffers[name].type)
        return self._e.declare(name, kind, role)  # type: ignore[arg-type]

    def _whole(self) -> ParameterVector:
        """Return all trainable parameters as one vector."""
        members = tuple(
            Member(member.name, member.shape, span.start + member.offset)
            for span in self._spans
            for member in span.members
        )
        rate = self._scalar(LEARNING_RATE, self._spans[0])
        return ParameterVector(self._p, self._g, rate, members, {}, self._maker(ALL))

    def _vector(self, span: Span) -> ParameterVector:
        scheduled = {
            name: self._scalar(f":{name}", span)
            for name in self._scheduled
            if name in span.optimizer.schedulable
        }
        return ParameterVector(
            self._part(self._p, span),
            self._part(self._g, span),
            self._scalar(LEARNING_RATE, span),
            span.members,
            scheduled,
            self._maker(span.number),
        )

    def _part(self, vector: Value, span: Span) -> Value:
        """Return a group's span of a flat vector; the vector itself where it has all of it."""
        kind = vector.type.with_shape(span.length)
        if kind == vector.type:
            return vector
        name = f"{vector.name}.{span.number}"
        if name in self._e.buffers:
            return Value(name, kind)
        view = View(vector.name, "span", (span.start,))
        return self._e.declare(name, kind, self._e.buffers[vector.name].role, view=view)

    def _scalar(self, stem: str, span: Span) -> Value:
        """Return a scalar that the runner sets; it starts with the setting's own value."""
        name, kind = in_group(stem, span.number), TensorType((), "float64")
        if name in self._e.buffers:
            return Value(name, kind)
        settings = {"lr": span.optimizer.lr, **span.optimizer.schedulable}
        return self._e.declare(name, kind, "scalar", fill=settings[stem.removeprefix(":")])

    def _maker(self, group: int | str) -> Callable[[str, TensorType, float], Value]:
        def make_state(name: str, kind: TensorType, fill: float) -> Value:
            own = "/" in name
            full = f"{STATE}{name}" if own else in_group(f"{STATE}{name}", group)
            if full in self._e.buffers:
                return Value(full, kind)
            return self._e.declare(full, kind, "state", fill=fill)

        return make_state


def _given(optimizer: Optimizer | None) -> Optimizer:
    if optimizer is None:
        raise ValueError("a network without an optimizer has no update")
    return optimizer
