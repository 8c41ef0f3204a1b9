"""Alias views: reshapes, permutations and slices become other looks at the same memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graphnet.ir import REUSED, Buffer, Instruction, InstructionList, View, layout_of, root_of
from graphnet.ops import OPS
from graphnet.passes.base import Pass


@dataclass(frozen=True)
class AliasViews(Pass):
    """Remove copies that only rename, regroup or select elements.

    Runs while every reused buffer is still written once, so that a view stays true as long as its base
    is not given to something else.
    """

    name = "alias_views"

    def apply(self, listing: InstructionList) -> InstructionList:
        """Return the list in which such instructions are views."""
        buffers = dict(listing.buffers)
        fixed = _needed_contiguous(listing)

        def keep(instruction: Instruction) -> bool:
            view = _as_view(instruction)
            if view is None:
                return True
            source, result = instruction.reads[0], instruction.writes[0]
            if _may_look(buffers, source, result, view, fixed):
                buffers[result] = replace(buffers[result], view=view)
                return False
            if view.kind == "reshape" and _may_lend(buffers, source, result):
                owner = root_of(buffers, source)
                buffers[owner] = replace(buffers[owner], view=View(result, "reshape"))
                return False
            return True

        changed = {
            phase: tuple(item for item in listing.phase(phase) if keep(item))
            for phase in ("forward", "backward")
        }
        return listing.replace(buffers=buffers, **changed)


def _as_view(instruction: Instruction) -> View | None:
    options, source = instruction.options, instruction.reads[:1]
    if instruction.op == "reshape":
        return View(source[0], "reshape")
    if instruction.op == "permute":
        return View(source[0], "permute", options["axes"])  # type: ignore[arg-type]
    if instruction.op == "slice":
        span = (options["axis"], options["start"], options["stop"], 1)
        return View(source[0], "slice", span)  # type: ignore[arg-type]
    return None


def _needed_contiguous(listing: InstructionList) -> set[str]:
    """Return the buffers that some instruction needs to lie in one piece."""
    names: set[str] = set()
    for instruction in listing.instructions:
        op = OPS[instruction.op]
        for role in op.contiguous:
            names.update(instruction.reads[op.operand_index(role)])
    return names


def _may_look(
    buffers: dict[str, Buffer], source: str, result: str, view: View, fixed: set[str]
) -> bool:
    """Whether the result can be a view of the source."""
    target = buffers[result]
    role = buffers[root_of(buffers, source)].role
    if target.view is not None or target.role not in REUSED:
        return False
    if role not in REUSED | {"input", "target", "parameter", "constant"}:
        return False
    if view.kind == "reshape":
        return layout_of(buffers, source).contiguous
    return result not in fixed and buffers[result].type.rank > 0


def _may_lend(buffers: dict[str, Buffer], source: str, result: str) -> bool:
    """Whether the source, all of its own memory, can be written straight into the result's lasting one."""
    owner = buffers[root_of(buffers, source)]
    return (
        owner.role in REUSED
        and layout_of(buffers, source).whole
        and buffers[root_of(buffers, result)].role == "gradient"
    )
