"""Programs from plain data, read strictly: nothing missing, nothing beside, every value of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphnet.ir import (
    DRAW_KINDS,
    ITEM_BYTES,
    PHASES,
    ROLES,
    VIEW_KINDS,
    Attribute,
    Batch,
    Buffer,
    Draw,
    Instruction,
    InstructionList,
    ParameterRow,
    TensorType,
    View,
    freeze,
    parse_dim,
)
from graphnet.program.memory_plan import MemoryPlan
from graphnet.program.program import AUXILIARY, ROUTINES, Judgement, Port, Program, Routine, Term
from graphnet.program.write_plain import ORDERED


class ShapeOfData(ValueError):
    """Plain data that is not what a Program looks like."""


class Reader:
    """Reads mappings strictly: every key there, none beside, every value of its kind."""

    def __init__(self, value: Any, what: str, keys: tuple[str, ...]) -> None:
        """Take a mapping with exactly these keys.

        Raises:
            ShapeOfData: When it is not one.
        """
        if not isinstance(value, Mapping) or set(value) != set(keys):
            raise ShapeOfData(f"{what} is not as expected")
        self._value, self._what = value, what

    def get(self, key: str, kind: type | tuple[type, ...]) -> Any:
        """Return a value of the given kind; truth values are not numbers here."""
        value = self._value[key]
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ShapeOfData(f"{key!r} of {self._what} is not as expected")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.get(key, list)
        if not all(isinstance(item, str) for item in value):
            raise ShapeOfData(f"{key!r} of {self._what} is not a list of names")
        return tuple(value)

    def word(self, key: str, words: tuple[str, ...]) -> Any:
        """Return one of a few words."""
        value = self.get(key, str)
        if value not in words:
            raise ShapeOfData(f"{key!r} of {self._what} is {value!r}")
        return value


NUMBER = (int, float)
NONE = type(None)


def from_plain(value: Any) -> Program:
    """Build a Program from plain data; its instructions are not verified here.

    Raises:
        ShapeOfData: When the data is not what `to_plain` gives.
    """
    keys = ("name", "batch_size", "dtype", "seed", "inputs", "targets", "outputs", "parameters",
            "routines", "judgement", "spec", "spec_sha256")  # fmt: skip
    r = Reader(value, "the program", keys)
    routines = r.get("routines", Mapping)
    if not routines or not set(routines) <= {*ROUTINES, *AUXILIARY} or "predict" not in routines:
        raise ShapeOfData("the routines are not as expected")
    batch_size, seed = r.get("batch_size", int), r.get("seed", int)
    if not 1 <= batch_size <= 100_000_000:
        raise ShapeOfData("the batch size is out of range")
    if seed < 0:
        raise ShapeOfData("the seed is out of range")
    return Program(
        name=r.get("name", str),
        batch_size=batch_size,
        dtype=r.word("dtype", ("float32", "float64")),
        seed=seed,
        inputs=tuple(_port(item) for item in r.get("inputs", list)),
        targets=tuple(_port(item) for item in r.get("targets", list)),
        outputs=r.names("outputs"),
        parameters=tuple(_row(item) for item in r.get("parameters", list)),
        routines={
            name: _routine(routines[name]) for name in (*ROUTINES, *AUXILIARY) if name in routines
        },
        judgement=_judgement(r.get("judgement", (Mapping, NONE))),
        spec=_spec(r.get("spec", Mapping)),
        spec_sha256=r.get("spec_sha256", str),
    )


def _spec(value: Mapping[str, Any]) -> dict[str, Any]:
    spec = dict(value)
    for key in ORDERED:
        pairs = spec.get(key) or []
        fits = isinstance(pairs, list) and all(
            isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs
        )
        if not fits:
            raise ShapeOfData(f"{key!r} of the spec is not as expected")
        if pairs:
            spec[key] = dict(pairs)
    return spec


def _type(value: Any) -> TensorType:
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], list):
        raise ShapeOfData("a type is not as expected")
    if not isinstance(value[0], str) or value[0] not in ITEM_BYTES:
        raise ShapeOfData(f"there is no element type {value[0]!r}")
    try:
        return TensorType(tuple(parse_dim(dim) for dim in value[1]), value[0])
    except ValueError as error:
        raise ShapeOfData(str(error)) from error


def _port(value: Any) -> Port:
    r = Reader(value, "an input", ("name", "type", "limit", "ignore", "weighs"))
    limit, ignore = r.get("limit", (int, NONE)), r.get("ignore", (int, NONE))
    kind = _type(r.get("type", list))
    return Port(r.get("name", str), kind, limit, ignore, r.get("weighs", bool))


def _row(value: Any) -> ParameterRow:
    keys = ("name", "type", "draw", "trained", "trainable", "offset", "sequence", "zero_row",
            "group", "layer")  # fmt: skip
    r = Reader(value, "a parameter", keys)
    return ParameterRow(
        name=r.get("name", str),
        type=_type(r.get("type", list)),
        draw=_draw(r.get("draw", list)),
        trained=r.get("trained", bool),
        trainable=r.get("trainable", bool),
        offset=r.get("offset", int),
        sequence=r.get("sequence", int),
        zero_row=r.get("zero_row", int),
        group=r.get("group", int),
        layer=r.get("layer", str),
    )


def _draw(value: list[Any]) -> Draw:
    texts = len(value) == 7 and all(isinstance(item, str) for item in (value[0], *value[5:]))
    numbers = texts and all(type(item) in NUMBER for item in value[1:5])
    if not numbers or value[0] not in DRAW_KINDS:
        raise ShapeOfData("a parameter's distribution is not as expected")
    a, b, c, d = map(float, value[1:5])
    return Draw(value[0], a, b, c, d, value[5], value[6])


def _judgement(value: Any) -> Judgement | None:
    if value is None:
        return None
    r = Reader(value, "the judgement", ("kind", "output", "target", "axis", "terms"))
    kind = r.word("kind", ("logit", "probability", "argmax", "none"))
    return Judgement(
        kind=kind,
        output=r.get("output", str),
        target=r.get("target", (str, NONE)),
        axis=r.get("axis", int),
        terms=tuple(_term(item) for item in r.get("terms", list)),
    )


def _term(value: Any) -> Term:
    r = Reader(value, "a term of the loss", ("value", "weight", "reduction"))
    reduction = r.word("reduction", ("mean", "sum"))
    return Term(r.get("value", str), r.get("weight", (str, NONE)), reduction)


def _routine(value: Any) -> Routine:
    r = Reader(value, "a routine", ("buffers", *PHASES, "outputs", "keep", "plan"))
    buffers = [_buffer(item) for item in r.get("buffers", list)]
    table = {buffer.name: buffer for buffer in buffers}
    if len(table) != len(buffers):
        raise ShapeOfData("two buffers have one name")
    lists = {phase: tuple(_instruction(i) for i in r.get(phase, list)) for phase in PHASES}
    listing = InstructionList(
        buffers=table, outputs=r.names("outputs"), keep=r.names("keep"), **lists
    )
    return Routine(listing, _plan(r.get("plan", Mapping)))


def _buffer(value: Any) -> Buffer:
    r = Reader(value, "a buffer", ("name", "type", "role", "view", "fill"))
    fill = r.get("fill", (*NUMBER, NONE))
    return Buffer(
        name=r.get("name", str),
        type=_type(r.get("type", list)),
        role=r.word("role", ROLES),
        view=_view(r.get("view", (list, NONE))),
        fill=None if fill is None else float(fill),
    )


def _view(value: Any) -> View | None:
    if value is None:
        return None
    texts = len(value) == 3 and all(isinstance(item, str) for item in value[:2])
    fits = texts and isinstance(value[2], list)
    if not fits or value[1] not in VIEW_KINDS or not all(type(i) is int for i in value[2]):
        raise ShapeOfData("a view is not as expected")
    return View(value[0], value[1], tuple(value[2]))


def _instruction(value: Any) -> Instruction:
    keys = ("op", "reads", "writes", "accumulates", "attributes", "layer", "block")
    r = Reader(value, "an instruction", keys)
    attributes = r.get("attributes", Mapping)
    return Instruction(
        op=r.get("op", str),
        reads=r.names("reads"),
        writes=r.names("writes"),
        accumulates=r.names("accumulates"),
        attributes=freeze({key: _attribute(item) for key, item in attributes.items()}),
        layer=r.get("layer", str),
        block=r.get("block", int),
    )


def _attribute(value: Any) -> Attribute:
    if isinstance(value, Mapping):
        multiple = Reader(value, "an attribute", ("batch",)).get("batch", int)
        return Batch(multiple)
    if isinstance(value, list):
        return tuple(_attribute(item) for item in value)
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise ShapeOfData("an attribute is not as expected")
    return value


def _plan(value: Any) -> MemoryPlan:
    r = Reader(value, "the memory plan", ("offsets", "arena_bytes", "lower_bound", "peak"))
    offsets = r.get("offsets", Mapping)
    if not all(type(offset) is int for offset in offsets.values()):
        raise ShapeOfData("the memory plan's offsets are not whole numbers")
    return MemoryPlan(
        offsets=dict(offsets),
        arena_bytes=r.get("arena_bytes", int),
        lower_bound=r.get("lower_bound", int),
        peak=r.get("peak", int),
    )
