"""Infer every shape by asking each layer to emit its ops into a list that is thrown away."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import networkx as nx

from graphnet.errors import GraphError, GraphNetError, Position, listed, nearest, raise_all
from graphnet.graph.build import type_of
from graphnet.graph.flow import INPUT, PARAMETER, flowing
from graphnet.graph.indices import limit_indices
from graphnet.graph.numbers import check_numbers
from graphnet.graph.places import changes_of, place_of
from graphnet.initializers import INITIALIZERS, fans_of
from graphnet.ir import GREATEST, ITEM_BYTES, Draw, TensorType, shape_text
from graphnet.layers import Initial, LayerError, Parameter
from graphnet.ops import OPS, Emitter, OpError, Value
from graphnet.spec import LayerSpec, Spec

MAX_RANK = 8
MAX_ELEMENTS = 2**40
"""Elements of one value per sample; far above what any machine this is for can hold."""


def infer_shapes(
    graph: nx.MultiDiGraph[str], order: tuple[str, ...], spec: Spec
) -> tuple[dict[str, dict[str, Parameter]], dict[str, int]]:
    """Put `types` on every input, target and layer node.

    Returns:
        Parameters of each layer that has its own, and the limits of whole-number inputs.

    Raises:
        GraphError: Every layer whose inputs do not fit; layers that read a wrong one are left out.
    """
    problems = check_numbers(spec)
    parameters: dict[str, dict[str, Parameter]] = {}
    limits: dict[str, int] = {}
    for tensor in (*spec.inputs, *spec.targets):
        graph.nodes[tensor.name]["types"] = (tensor.type,)
        problems += _size_problems(tensor.name, tensor.type, tensor.where)
    for name in order:
        layer: LayerSpec = graph.nodes[name]["spec"]
        inputs = _input_types(graph, layer)
        if inputs is None:
            continue
        try:
            layer.layer.check(inputs)
            own = layer.parameters(inputs, spec.dtype)
            types, flow = _emitted(layer, inputs, own, spec.dtype)
        except (LayerError, OpError) as error:
            problems.append(_misfit(layer, error, spec))
            continue
        problems += _parameter_problems(layer, own, parameters)
        for kind in types:
            problems += _size_problems(name, kind, layer.where)
        graph.nodes[name]["types"], graph.nodes[name]["flow"] = types, flow
        if layer.share is None:
            parameters[name] = own
        problems += limit_indices(graph, layer, inputs, limits)
    raise_all(problems)
    return parameters, limits


def _input_types(graph: nx.MultiDiGraph[str], layer: LayerSpec) -> list[TensorType] | None:
    """Return the types a layer reads, or None where an earlier layer is already wrong."""
    found: list[TensorType] = []
    for reference in layer.inputs:
        kind = type_of(graph, reference)
        if kind is None:
            return None
        found.append(kind)
    return found


def _emitted(
    layer: LayerSpec, inputs: list[TensorType], own: Mapping[str, Parameter], dtype: str
) -> tuple[tuple[TensorType, ...], frozenset[str]]:
    """Return the types of a layer's results, and what their gradients go back to."""
    e = Emitter(OPS, floats=dtype)
    values = [e.declare(f"{INPUT}{i}", kind, "input") for i, kind in enumerate(inputs)]
    held: dict[str, Value] = {
        name: e.declare(f"{PARAMETER}{name}", parameter.type, "parameter")
        for name, parameter in own.items()
    }
    with e.within(layer.name):
        results = layer.emit(e, values, held, training=True)
    values = list(results) if isinstance(results, tuple) else [results]
    flow = flowing(e.instructions, [value.name for value in values], e.buffers)
    return tuple(value.type for value in values), flow


def _misfit(layer: LayerSpec, error: LayerError | OpError, spec: Spec) -> GraphError:
    message = getattr(error, "message", str(error))
    where = layer.positions.get(getattr(error, "key", ""), place_of(layer, message))
    return GraphError(
        "GN202",
        f"layer {layer.name!r} ({layer.layer.name()}): {message}",
        where=where,
        help=getattr(error, "help", ""),
        notes=[f"it reads {listed(layer.inputs)}", changes_of(spec, where)],
    )


def _parameter_problems(
    layer: LayerSpec, own: Mapping[str, Parameter], known: Mapping[str, Mapping[str, Parameter]]
) -> list[GraphNetError]:
    """Check `init` names, and that a layer that shares has the same parameters as its owner."""
    named = {**own, **{p.called: p for p in own.values() if p.called}}
    problems: list[GraphNetError] = [
        GraphError(
            "GN203",
            f"layer {layer.name!r} has no parameter {name!r} to initialize",
            where=layer.positions.get(f"init.{name}", layer.where),
            help=nearest(name, named),
            notes=[f"parameters of {layer.name}: {listed(named) or 'none'}"],
        )
        for name in layer.init
        if name not in named
    ]
    problems += [
        GraphError(
            "GN209",
            f"parameter {name!r} of layer {layer.name!r} is {shape_text(named[name].type.shape)}: {misfit}",
            where=layer.positions.get(f"init.{name}", layer.where),
            help="choose another initializer for it",
        )
        for name, given in layer.init.items()
        if name in named and (misfit := given.misfit(named[name].type.at(1)))
    ]
    problems += _too_large(layer, own)
    problems += _without_direction(layer, own)
    if layer.share is None or layer.share not in known:
        return problems
    theirs = known[layer.share]
    if {n: p.type for n, p in own.items()} != {n: p.type for n, p in theirs.items()}:
        mine = listed(f"{n} {shape_text(p.type.shape)}" for n, p in own.items())
        shared = listed(f"{n} {shape_text(p.type.shape)}" for n, p in theirs.items())
        problems.append(
            GraphError(
                "GN204",
                f"layer {layer.name!r} cannot share the parameters of {layer.share!r}",
                where=layer.positions.get("share", layer.where),
                help="write bias: false" * (set(own) - set(theirs) == {"bias"}),
                notes=[f"it needs {mine or 'none'}", f"{layer.share} has {shared or 'none'}"],
            )
        )
    return problems


def _too_large(layer: LayerSpec, own: Mapping[str, Parameter]) -> list[GraphNetError]:
    """Refuse first values that their type cannot hold."""
    return [
        GraphError(
            "GN209",
            f"parameter {name!r} of layer {layer.name!r} starts with numbers too large for "
            f"{parameter.type.dtype}",
            where=layer.positions.get(f"init.{name}", layer.where),
            help="choose smaller numbers for its distribution",
        )
        for name, parameter in own.items()
        if _drawn(layer, name, parameter).greatest > GREATEST.get(parameter.type.dtype, math.inf)
    ]


def _drawn(layer: LayerSpec, name: str, parameter: Parameter) -> Draw:
    """Return the distribution of a parameter's first values."""
    given = layer.init.get(name) or layer.init.get(parameter.called)
    initial = parameter.initial
    if given is None and isinstance(initial, Initial):
        given = INITIALIZERS[initial.type].from_plain(initial.settings)
    if given is None:
        return cast("Draw", initial)
    return given.draw(fans_of(parameter.type.at(1)))


def _without_direction(layer: LayerSpec, own: Mapping[str, Parameter]) -> list[GraphNetError]:
    """Refuse parameters that start at zero and are divided by their norm."""
    problems: list[GraphNetError] = []
    for norms in own.values():
        if not (isinstance(norms.initial, Draw) and norms.initial.kind == "norm"):
            continue
        source = norms.initial.source
        name = own[source].called
        if _drawn(layer, source, own[source]) == Draw("constant"):
            message = (
                f"parameter {name!r} of layer {layer.name!r} starts at zero, without a direction"
            )
            where = layer.positions.get(f"parametrization.{name}", layer.where)
            cure = f"start it otherwise, for example init: {{{name}: ones}}"
            problems.append(GraphError("GN209", message, where=where, help=cure))
    return problems


def _size_problems(name: str, kind: TensorType, where: Position | None) -> list[GraphNetError]:
    if kind.rank > MAX_RANK:
        message = f"{name!r} has {kind.rank} dimensions; at most {MAX_RANK} are supported"
        return [GraphError("GN205", message, where=where)]
    if kind.size_at(1) > MAX_ELEMENTS:
        gib = math.ceil(kind.size_at(1) * ITEM_BYTES[kind.dtype] / 2**30)
        message = f"{name!r} is {shape_text(kind.shape)}: {gib} GiB for each sample"
        return [GraphError("GN205", message, where=where)]
    return []
