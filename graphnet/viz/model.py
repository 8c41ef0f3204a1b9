"""Drawing: what a picture shows, whatever it shows and whatever format it is written in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """One box of a picture.

    Attributes:
        id: Unique name that edges refer to; never shown.
        kind: A row of `graphnet.viz.look.LOOKS`: decides shape and colour.
        lines: The label, line by line; the first is the name.
        cluster: Frames it stands in, outermost first: `("stage1", "0")`.
        marks: Rows of `graphnet.viz.look.MARKS` that change its look, such as `frozen`.
        also: Ids of nodes that it stands for beside its own, where repeats are folded.
        heat: Between 0 and 1, where an overlay colours it; None for the colour of its kind.
    """

    id: str
    kind: str
    lines: tuple[str, ...]
    cluster: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    heat: float | None = None


@dataclass(frozen=True)
class Edge:
    """One arrow, from what is read to what reads it.

    Attributes:
        source: Id of the node it leaves.
        target: Id of the node it enters.
        label: What flows along it.
    """

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class Legend:
    """One line of the legend: what a look means.

    Attributes:
        kind: As in `Node`.
        text: Its meaning, in a word or two.
        marks: As in `Node`.
        heat: As in `Node`.
    """

    kind: str
    text: str
    marks: tuple[str, ...] = ()
    heat: float | None = None


@dataclass(frozen=True)
class Drawing:
    """A picture as data: renderers turn it into DOT, Mermaid or text.

    Attributes:
        title: One line above everything.
        nodes: In the order of the flow; renderers keep it, so equal drawings give equal bytes.
        edges: Those that enter one node stand together, in the order of its operands.
        legend: Only what occurs in the picture.
        remarks: Lines below the title.
    """

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    legend: tuple[Legend, ...]
    remarks: tuple[str, ...] = ()
