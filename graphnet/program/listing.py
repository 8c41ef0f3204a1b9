"""The readable listing of a Program: what `compiled/NAME.txt` holds."""

from __future__ import annotations

from collections.abc import Mapping

from graphnet.ir import (
    PHASES,
    Attribute,
    Buffer,
    Instruction,
    InstructionList,
    shape_text,
)
from graphnet.program.program import Program, Routine


def program_text(program: Program) -> str:
    """Return the whole listing: header, parameters, and the lists of every routine."""
    head = [
        f"program {program.name}",
        f"batch up to {program.batch_size}, {program.dtype}, seed {program.seed}",
        f"spec sha256 {program.spec_sha256}",
        f"{program.parameter_count:,} parameters, {program.memory_bytes:,} bytes in all",
        "",
        *(f"  {count:>14,} bytes  {name}" for name, count in program.memory_by_category().items()),
        "",
        *_table("inputs", [(port.name, str(port.type)) for port in program.inputs]),
        *_table("targets", [(port.name, str(port.type)) for port in program.targets]),
        *_table("parameters", [(row.name, str(row.type)) for row in program.parameters]),
    ]
    for name, routine in program.routines.items():
        head += ["", f"routine {name}", *routine_lines(routine)]
    return "\n".join(line.rstrip() for line in head) + "\n"


def routine_lines(routine: Routine) -> list[str]:
    """Return the lists of a routine, one line per instruction, numbered through."""
    plan = routine.plan
    lines = [
        f"  arena {plan.arena_bytes:,} bytes, lower bound {plan.lower_bound:,}, "
        f"peak at instruction {plan.peak}"
    ]
    number = 0
    for phase in PHASES:
        instructions = routine.listing.phase(phase)
        if not instructions:
            continue
        lines += ["", f"  {phase}"]
        texts = [instruction_columns(item, routine.listing) for item in instructions]
        width = max(len(op) for op, _, _ in texts)
        reach = min(max(len(body) for _, body, _ in texts), 72)
        for op, body, kind in texts:
            lines.append(f"  {number:>5}  {op:<{width}}  {body:<{reach}}  {kind}")
            number += 1
    return lines


def instruction_columns(item: Instruction, listing: InstructionList) -> tuple[str, str, str]:
    """Return an instruction as op, what it does to which buffers, and the type of its first result."""
    changed = [_named(name, listing.buffers) for name in item.writes]
    changed += [f"+{name}" for name in item.accumulates]
    reads = ", ".join(item.reads)
    options = [f"{key}={attribute_text(value)}" for key, value in item.attributes]
    if item.block:
        options.append(f"blocks of {item.block}")
    body = f"{', '.join(changed)} <- {reads}".rstrip()
    if options:
        body += f"  [{', '.join(options)}]"
    first = item.changed[0]
    return item.op, body, str(listing.buffers[first].type)


def attribute_text(value: Attribute) -> str:
    """Return an attribute as it is shown to people.

    Example:
        >>> attribute_text((0, 2)), attribute_text(True), attribute_text(0.1)
        ('[0, 2]', 'true', '0.1')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return shape_text(value)  # type: ignore[arg-type]  # attributes in lists are printed alike
    return repr(value) if isinstance(value, float) else str(value)


def _named(name: str, buffers: Mapping[str, Buffer]) -> str:
    """Return a written buffer's name, with the one whose memory it took over."""
    view = buffers[name].view
    return name if view is None or view.kind == "span" else f"{name} (in {view.base})"


def _table(title: str, rows: list[tuple[str, str]]) -> list[str]:
    if not rows:
        return []
    width = max(len(name) for name, _ in rows)
    return [title, *(f"  {name:<{width}}  {kind}" for name, kind in rows)]
