"""Lower the layer DAG to the forward list."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from graphnet.graph import Network
from graphnet.ir import (
    FROZEN,
    ITEM_BYTES,
    LOSS,
    PARAMETERS,
    ParameterRow,
    TensorType,
    View,
    padded,
)
from graphnet.lowering.loss_terms import LossTerm, lower_terms
from graphnet.lowering.rules import lower_regularizers
from graphnet.ops import Emitter, Value
from graphnet.spec import LossSpec


def needed_layers(network: Network, *, for_loss: bool) -> tuple[str, ...]:
    """Return the layers that outputs (and losses) depend on, in the order of computation."""
    ends = [network.resolve(reference)[0] for reference in network.spec.outputs]
    if for_loss:
        ends += [f"loss:{loss.name}" for loss in network.spec.losses]
        kept_small = [rule.output for rule in network.spec.regularizers if rule.output is not None]
        ends += [network.resolve(reference)[0] for reference in kept_small]
    wanted = set(ends)
    for end in ends:
        wanted |= nx.ancestors(network.graph, end)
    return tuple(name for name in network.order if name in wanted)


def declare_parameters(e: Emitter, rows: tuple[ParameterRow, ...], dtype: str) -> dict[str, Value]:
    """Declare the flat vectors, each parameter as a view into its own, and the statistics."""
    values: dict[str, Value] = {}
    for vector, trainable in ((PARAMETERS, True), (FROZEN, False)):
        members = [row for row in rows if row.trained and row.trainable == trainable]
        if members:
            length = vector_length(members, dtype)
            e.declare(vector, TensorType((length,), dtype), "parameter")
        for row in members:
            view = View(vector, "span", (row.offset,))
            values[row.name] = e.declare(row.name, row.type, "parameter", view=view)
    for row in rows:
        if not row.trained:
            values[row.name] = e.declare(row.name, row.type, "statistic")
    return values


def vector_length(members: list[ParameterRow], dtype: str) -> int:
    """Return the length of the flat vector that holds the given parameters, padding included."""
    last = max(members, key=lambda row: row.offset)
    return last.offset + padded(last.size, ITEM_BYTES[dtype])


class ForwardLowering:
    """Emits the ops of every needed layer, and of the losses where the routine has them.

    Attributes:
        kept: Single numbers that whoever runs the list reads after it: the loss, its terms, their weights.
    """

    def __init__(self, e: Emitter, network: Network, rows: tuple[ParameterRow, ...]) -> None:
        """Declare inputs and parameters.

        Args:
            e: Where instructions go.
            network: The checked network.
            rows: The parameter table.
        """
        self._e = e
        self._network = network
        self._rows = rows
        self._parameters = declare_parameters(e, rows, network.spec.dtype)
        self._results: dict[str, tuple[Value, ...]] = {}
        self.kept: tuple[str, ...] = ()
        for tensor in network.spec.inputs:
            self._results[tensor.name] = (e.declare(tensor.name, tensor.type, "input"),)

    def lower_layers(self, layers: tuple[str, ...], *, training: bool) -> None:
        """Emit the layers in order."""
        for name in layers:
            spec = self._network.layer(name)
            inputs = [self.value(reference) for reference in spec.inputs]
            with self._e.within(name):
                made = spec.emit(self._e, inputs, self._parameters_of(name), training=training)
            results = made if isinstance(made, tuple) else (made,)
            self._results[name] = self._named(name, spec.layer.results, results)

    def lower_losses(self) -> Value:
        """Emit every loss, scaled, and their sum; return it as a single number."""
        for tensor in self._network.spec.targets:
            self._results[tensor.name] = (self._e.declare(tensor.name, tensor.type, "target"),)
        terms = [self._lower_loss(loss) for loss in self._network.spec.losses]
        terms += lower_regularizers(
            self._e, self._network.spec, self._parameters, self._rows, self.value
        )
        if not terms:
            raise ValueError("a network without a loss has no value to lower to")
        lowered = lower_terms(self._e, terms)
        self.kept = (LOSS, *lowered.kept)
        return lowered.loss

    def _lower_loss(self, loss: LossSpec) -> LossTerm:
        e = self._e
        weight = None if loss.sample_weight is None else self.value(loss.sample_weight)
        with e.within(f"loss:{loss.name}"):
            inputs = [self.value(reference) for reference in loss.inputs]
            targets = [self.value(name) for name in loss.targets]
            made = loss.loss.emit(e, inputs, targets, weight)
            value = made.value
            if loss.scale != 1.0:
                value = e.emit("scale", value, factor=loss.scale)
        return LossTerm(loss.name, value, made.weight, loss.loss.over_batches)

    def value(self, reference: str) -> Value:
        """Return the value that a reference of the spec means."""
        name, index = self._network.resolve(reference)
        return self._results[name][index]

    def _parameters_of(self, layer: str) -> Mapping[str, Value]:
        owner = self._network.layer(layer).share or layer
        own = self._network.parameters[owner]
        return {name: self._parameters[f"{owner}.{name}"] for name in own}

    def _named(
        self, layer: str, roles: tuple[str, ...], results: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Give results that the layer itself made the layer's name: `lstm1`, `lstm1.hidden`."""
        named: list[Value] = []
        for index, (role, value) in enumerate(zip(roles, results, strict=True)):
            made_here = value.name.startswith(f"{layer}/")
            name = layer if index == 0 else f"{layer}.{role}"
            named.append(self._e.rename(value.name, name) if made_here else value)
        return tuple(named)
