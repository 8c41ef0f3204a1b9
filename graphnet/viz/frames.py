"""Frames: the nodes of a drawing sorted into the nested frames they stand in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphnet.viz.model import Node


@dataclass
class Frame:
    """A frame and what stands in it.

    Attributes:
        path: Names from the outermost frame to this one; empty for the whole picture.
        number: 0 for the whole picture, then counted as the frames first occur.
        members: Nodes and inner frames, in the order of the drawing.
    """

    path: tuple[str, ...]
    number: int
    members: list[Node | Frame] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What is written on the frame: the whole path, as a layer's name begins."""
        return ".".join(self.path)


def framed(nodes: Iterable[Node]) -> Frame:
    """Return the frame of the whole picture; a frame stands where its first node does.

    Example:
        >>> nodes = [Node("a", "layer", ("a",)), Node("b", "layer", ("b",), ("stage", "0"))]
        >>> whole = framed(nodes)
        >>> [member.label for member in whole.members if isinstance(member, Frame)]
        ['stage']
    """
    frames: dict[tuple[str, ...], Frame] = {(): Frame((), 0)}
    for node in nodes:
        for depth in range(1, len(node.cluster) + 1):
            path = node.cluster[:depth]
            if path not in frames:
                frames[path] = Frame(path, len(frames))
                frames[path[:-1]].members.append(frames[path])
        frames[node.cluster].members.append(node)
    return frames[()]
