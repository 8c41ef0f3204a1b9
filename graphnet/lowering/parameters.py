"""Lay out the parameters: which there are, in which order, how each starts."""

from __future__ import annotations

from graphnet.graph import Network, natural_key
from graphnet.initializers import INITIALIZERS, fans_of
from graphnet.ir import ITEM_BYTES, Draw, ParameterRow, padded
from graphnet.layers import Parameter
from graphnet.spec import LayerSpec


def lay_out_parameters(network: Network, layers: tuple[str, ...]) -> tuple[ParameterRow, ...]:
    """Return the parameter table of the given layers: trainable ones, frozen ones, statistics.

    Each of the first two kinds lies in a flat vector of its own, every parameter aligned.
    """
    sequence = _sequence(network)
    rows: list[ParameterRow] = []
    ends = {True: 0, False: 0}
    needed = {network.layer(name).share or name for name in layers}
    for name in sorted(network.parameters, key=natural_key):
        if name not in needed:
            continue
        layer = network.layer(name)
        for own, parameter in network.parameters[name].items():
            trainable = parameter.trained and layer.trainable
            offset = -1
            if parameter.trained:
                offset = ends[trainable]
                item = ITEM_BYTES[parameter.type.dtype]
                ends[trainable] += padded(parameter.type.size_at(1), item)
            rows.append(_row(layer, own, parameter, offset, sequence[name]))
    return tuple(sorted(rows, key=lambda row: (not row.trained, not row.trainable, row.offset)))


def _sequence(network: Network) -> dict[str, int]:
    """Return in which order layers draw: that of the file where a compatibility stream needs it."""
    if network.spec.training.initialization.stream == "named":
        return {name: index for index, name in enumerate(network.order)}
    return {layer.name: index for index, layer in enumerate(network.spec.layers)}


def _row(
    layer: LayerSpec, name: str, parameter: Parameter, offset: int, sequence: int
) -> ParameterRow:
    return ParameterRow(
        name=f"{layer.name}.{name}",
        type=parameter.type,
        draw=_draw(layer, name, parameter),
        trained=parameter.trained,
        trainable=parameter.trained and layer.trainable,
        offset=offset,
        sequence=sequence,
        zero_row=parameter.zero_row,
    )


def _draw(layer: LayerSpec, name: str, parameter: Parameter) -> Draw:
    initial = parameter.initial
    given = layer.init.get(name) or INITIALIZERS[initial.type].from_plain(initial.settings)
    shape = tuple(dim for dim in parameter.type.shape if isinstance(dim, int))
    return given.draw(fans_of(shape))
