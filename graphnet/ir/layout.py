"""Layout: where a buffer's elements are, through any chain of views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphnet.ir.buffer import Buffer


@dataclass(frozen=True)
class Layout:
    """Where a buffer's elements lie in the memory of its root.

    Attributes:
        root: The buffer whose memory it is.
        start: First element there, counted in elements of the root.
        look: Permutations and slices on the way, from the root outwards: (kind, arguments) each.
        whole: Whether it is all of the root, and nothing but regrouped.
    """

    root: str
    start: int = 0
    look: tuple[tuple[str, tuple[int, ...]], ...] = ()
    whole: bool = True

    @property
    def contiguous(self) -> bool:
        """Whether the elements lie one after the other, in order."""
        return not self.look


def layout_of(buffers: Mapping[str, Buffer], name: str) -> Layout:
    """Follow a buffer's views down to its root.

    Raises:
        ValueError: When a view looks at nothing or in a circle, or regroups elements that do not lie in a
            row, which would need a copy.
    """
    chain = [buffers[name]]
    while (view := chain[-1].view) is not None:
        if view.base not in buffers or len(chain) > len(buffers):
            raise ValueError(f"buffer {chain[-1].name!r} looks at nothing")
        chain.append(buffers[view.base])
    start, whole = 0, True
    look: list[tuple[str, tuple[int, ...]]] = []
    for buffer in reversed(chain[:-1]):
        view = buffer.view
        if view is None:
            continue
        if view.kind in ("permute", "slice"):
            look.append((view.kind, view.arguments))
        elif look:
            raise ValueError(f"{buffer.name!r} regroups elements that are not in a row")
        if view.kind == "span":
            start += sum(view.arguments)
        whole = whole and view.kind == "reshape"
    return Layout(chain[-1].name, start, tuple(look), whole)
