"""Levels: the pictures of a network, from what was declared down to where every byte lies."""

from __future__ import annotations

from collections.abc import Callable

from graphnet.errors import UsageError
from graphnet.graph import Network
from graphnet.program import Program
from graphnet.viz.fold import FOLDED_FROM, fold
from graphnet.viz.lanes import lanes_of
from graphnet.viz.layers import draw_layers
from graphnet.viz.memory_level import MemoryChart
from graphnet.viz.memory_map import memory_map
from graphnet.viz.model import Drawing
from graphnet.viz.ops_level import OpsChart
from graphnet.viz.program_level import ProgramChart
from graphnet.viz.render import Picture
from graphnet.viz.steps import steps_of

LEVELS = ("layers", "ops", "program", "memory")
_MOST_LAYERS = 4000
"""Layers up to which the lists are drawn; nobody could look at more, or wait for them."""


def picture_of(level: str, network: Network, program: Callable[[], Program]) -> Picture:
    """Return the picture of a network at a level.

    Args:
        level: One of `LEVELS`.
        network: The network.
        program: Gives it compiled; called where the level shows the program.

    Raises:
        UsageError: GN737 when there are too many layers for the level.
    """
    if level == "layers":
        return draw_layers(network)
    count = len(network.order)
    if count > _MOST_LAYERS:
        raise UsageError(
            "GN737",
            f"{count:,} layers are too many for the level of {level}",
            help="draw the level of layers, where repeats are folded",
            notes=[f"this level shows at most {_MOST_LAYERS:,} layers"],
        )
    if level == "ops":
        return OpsChart(steps_of(program(), _kinds(network)))
    if level == "program":
        return ProgramChart(lanes_of(program()))
    return MemoryChart(memory_map(program()))


def fold_if_large(drawing: Drawing, wanted: bool | None) -> tuple[Drawing, list[str]]:
    """Return a drawing with its repeats folded, if that is wanted, and what the user should know.

    Args:
        drawing: The level of layers.
        wanted: Whether to fold; None for large drawings only.
    """
    large = len(drawing.nodes) > FOLDED_FROM
    if not (large if wanted is None else wanted):
        return drawing, []
    folded = fold(drawing)
    if folded is drawing:
        return drawing, ["nothing repeats, so nothing was folded"] if wanted else []
    told = f"{len(drawing.nodes):,} boxes were folded to {len(folded.nodes):,}"
    return folded, [told if wanted else f"{told}; --no-fold draws them all"]


def _kinds(network: Network) -> dict[str, str]:
    """Return the types of layers, losses and the optimizer."""
    spec = network.spec
    kinds = {name: network.layer(name).layer.name() for name in network.order}
    kinds |= {f"loss:{loss.name}": loss.loss.name() for loss in spec.losses}
    return kinds | ({"optimizer": spec.optimizer.name()} if spec.optimizer else {})
