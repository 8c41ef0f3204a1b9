"""Lay out the parameters: which there are, in which order, how each starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graphnet.graph import Network, natural_key
from graphnet.initializers import INITIALIZERS, fans_of
from graphnet.ir import ITEM_BYTES, Draw, ParameterRow, padded
from graphnet.layers import Parameter
from graphnet.spec import LayerSpec


def lay_out_parameters(network: Network, layers: tuple[str, ...]) -> tuple[ParameterRow, ...]:
    """Return the parameter table of the given layers: trainable ones, frozen ones, statistics.

    Each of the first two kinds lies in a flat vector of its own, every parameter aligned. Trainable ones lie
    group by group, so that a group is one span; those that no update changes come last.
    """
    groups = {name: number for number, group in enumerate(network.groups) for name in group.names}
    sequence = _sequence(network)
    rows: list[ParameterRow] = []
    needed = {network.layer(name).share or name for name in layers}
    for name in sorted(network.parameters, key=natural_key):
        if name not in needed:
            continue
        layer = network.layer(name)
        for own, parameter in network.parameters[name].items():
            group = groups.get(f"{name}.{own}", -1)
            rows.append(_row(layer, own, parameter, group, sequence[f"{name}.{own}"]))
    rows.sort(key=lambda row: (not row.trained, not row.trainable, row.group % (len(groups) + 1)))
    return tuple(_placed(rows))


def _placed(rows: list[ParameterRow]) -> Iterator[ParameterRow]:
    """Give each row its place in the vector it lies in."""
    ends = {True: 0, False: 0}
    for row in rows:
        if not row.trained:
            yield row
            continue
        yield replace(row, offset=ends[row.trainable])
        ends[row.trainable] += padded(row.size, ITEM_BYTES[row.type.dtype])


def _sequence(network: Network) -> dict[str, int]:
    """Return the place of every parameter in the order of drawing, however rows are grouped.

    Layers draw in the order of the file where a compatibility stream needs it, and a layer as torch does.
    """
    layers = network.order
    if network.spec.training.initialization.stream != "named":
        layers = tuple(layer.name for layer in network.spec.layers)
    drawn = [
        f"{name}.{own}"
        for name in layers
        for own, _ in sorted(
            network.parameters.get(name, {}).items(), key=lambda item: item[1].order
        )
    ]
    return {name: index for index, name in enumerate(drawn)}


def _row(
    layer: LayerSpec, name: str, parameter: Parameter, group: int, sequence: int
) -> ParameterRow:
    return ParameterRow(
        name=f"{layer.name}.{name}",
        type=parameter.type,
        draw=_draw(layer, name, parameter),
        trained=parameter.trained,
        trainable=parameter.trained and layer.trainable,
        offset=-1,
        sequence=sequence,
        zero_row=parameter.zero_row,
        group=group,
        layer=layer.name,
    )


def _draw(layer: LayerSpec, name: str, parameter: Parameter) -> Draw:
    given, initial = layer.init.get(name) or layer.init.get(parameter.called), parameter.initial
    shape = tuple(dim for dim in parameter.type.shape if isinstance(dim, int))
    if given is not None:
        return given.draw(fans_of(shape))
    if isinstance(initial, Draw):
        source, entry = (
            f"{layer.name}.{other}" if other else "" for other in (initial.source, initial.entry)
        )
        return replace(initial, source=source, entry=entry)
    return INITIALIZERS[initial.type].from_plain(initial.settings).draw(fans_of(shape))
