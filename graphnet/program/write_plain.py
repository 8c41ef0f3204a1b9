"""Programs as plain data: the shape of `compiled/NAME.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphnet.ir import PHASES, Attribute, Batch, Buffer, Instruction, ParameterRow, TensorType
from graphnet.program.program import Judgement, Port, Program, Routine


def to_plain(program: Program) -> dict[str, Any]:
    """Return a Program as plain data: mappings, lists, text, numbers."""
    judgement = program.judgement
    return {
        "name": program.name,
        "batch_size": program.batch_size,
        "dtype": program.dtype,
        "seed": program.seed,
        "inputs": [_port_plain(port) for port in program.inputs],
        "targets": [_port_plain(port) for port in program.targets],
        "outputs": list(program.outputs),
        "parameters": [_row_plain(row) for row in program.parameters],
        "routines": {name: _routine_plain(r) for name, r in program.routines.items()},
        "judgement": None if judgement is None else _judgement_plain(judgement),
        "spec": _spec_plain(program.spec),
        "spec_sha256": program.spec_sha256,
    }


ORDERED = ("inputs", "targets", "layers", "loss")
"""Sections of a spec whose order means something; canonical JSON would sort them."""


def _spec_plain(spec: Mapping[str, Any]) -> dict[str, Any]:
    ordered = {key: [[k, v] for k, v in spec[key].items()] for key in ORDERED if spec.get(key)}
    return {**spec, **ordered}


def _type_plain(kind: TensorType) -> list[Any]:
    return [kind.dtype, [_dim_plain(dim) for dim in kind.shape]]


def _dim_plain(dim: object) -> object:
    return str(dim) if isinstance(dim, Batch) else dim


def _port_plain(port: Port) -> dict[str, Any]:
    return {
        "name": port.name,
        "type": _type_plain(port.type),
        "limit": port.limit,
        "ignore": port.ignore,
        "weighs": port.weighs,
    }


def _judgement_plain(judgement: Judgement) -> dict[str, Any]:
    return {**vars(judgement), "terms": [dict(vars(term)) for term in judgement.terms]}


def _row_plain(row: ParameterRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "type": _type_plain(row.type),
        "draw": list(vars(row.draw).values()),
        "trained": row.trained,
        "trainable": row.trainable,
        "offset": row.offset,
        "sequence": row.sequence,
        "zero_row": row.zero_row,
        "group": row.group,
        "layer": row.layer,
    }


def _routine_plain(routine: Routine) -> dict[str, Any]:
    listing, plan = routine.listing, routine.plan
    return {
        "buffers": [_buffer_plain(buffer) for buffer in listing.buffers.values()],
        **{phase: [_instruction_plain(i) for i in listing.phase(phase)] for phase in PHASES},
        "outputs": list(listing.outputs),
        "keep": list(listing.keep),
        "plan": {
            "offsets": dict(plan.offsets),
            "arena_bytes": plan.arena_bytes,
            "lower_bound": plan.lower_bound,
            "peak": plan.peak,
        },
    }


def _buffer_plain(buffer: Buffer) -> dict[str, Any]:
    view = buffer.view
    return {
        "name": buffer.name,
        "type": _type_plain(buffer.type),
        "role": buffer.role,
        "view": None if view is None else [view.base, view.kind, list(view.arguments)],
        "fill": buffer.fill,
    }


def _instruction_plain(item: Instruction) -> dict[str, Any]:
    return {
        "op": item.op,
        "reads": list(item.reads),
        "writes": list(item.writes),
        "accumulates": list(item.accumulates),
        "attributes": {key: _attribute_plain(value) for key, value in item.attributes},
        "layer": item.layer,
        "block": item.block,
    }


def _attribute_plain(value: Attribute) -> Any:
    """Return an attribute so that it reads back equal: multiples of the batch as `{"batch": 4}`."""
    if isinstance(value, Batch):
        return {"batch": value.multiple}
    return [_attribute_plain(item) for item in value] if isinstance(value, tuple) else value
