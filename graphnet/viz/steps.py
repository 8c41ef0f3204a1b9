"""Steps: the instructions of each layer, forward and backward, and the data that flows between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphnet.ir import REUSED, Instruction, InstructionList, shape_text
from graphnet.program import Program
from graphnet.viz.memory_map import spans_of

KEPT = "kept"
"""Kind of a flow from the forward to the backward list: a value that is kept for its gradient."""
_DRAWN = ("forward", "backward", "update")


@dataclass(frozen=True)
class Step:
    """One instruction.

    Attributes:
        index: Its place in the execution order.
        phase: Its list.
        op: Its op.
        result: Name of the first thing it changes.
        shape: Shape of that.
        lasting: Names of the parameters, gradients and the like that it reads or changes.
        about: All of it, in one line.
    """

    index: int
    phase: str
    op: str
    result: str
    shape: str
    lasting: tuple[str, ...]
    about: str


@dataclass(frozen=True)
class Band:
    """The instructions of one layer or loss, each list in execution order."""

    layer: str
    kind: str
    forward: tuple[Step, ...]
    backward: tuple[Step, ...]


@dataclass(frozen=True)
class Flow:
    """A value that goes from one instruction to another.

    Attributes:
        source: Index of the instruction that writes it.
        target: Index of the one that reads it.
        name: What it is called.
        kind: `forward`, `backward` or `update` inside a list, `kept` between the first two.
    """

    source: int
    target: int
    name: str
    kind: str


@dataclass(frozen=True)
class Steps:
    """A program's main routine by layers.

    Attributes:
        name: The Program's name.
        optimizer: Type of the optimizer, or empty.
        bands: Layers in the order of the forward list, losses behind them.
        update: The update list.
        flows: By target, then in the order of operands.
        setup: How many instructions run once for a batch size; they are not shown.
    """

    name: str
    optimizer: str
    bands: tuple[Band, ...]
    update: tuple[Step, ...]
    flows: tuple[Flow, ...]
    setup: int


def steps_of(program: Program, kinds: Mapping[str, str]) -> Steps:
    """Sort a Program's instructions by layer.

    Args:
        program: The Program.
        kinds: Types of layers, losses (`loss:NAME`) and of `optimizer`, by name.
    """
    listing = program.main.listing
    steps: dict[str, list[tuple[str, Step]]] = {phase: [] for phase in _DRAWN}
    for span in spans_of(listing):
        for index in range(span.start, span.stop):
            item = listing.instructions[index]
            if span.name in steps:
                steps[span.name].append((item.layer, _step(item, index, span.name, listing)))
    layers = dict.fromkeys(layer for layer, _ in steps["forward"])
    # A sum over layers that share parameters belongs to none of them; it comes last, and so on top.
    extra = dict.fromkeys(layer for layer, _ in steps["backward"] if layer not in layers)
    bands = [
        Band(
            layer,
            kinds.get(layer, ""),
            tuple(step for of, step in steps["forward"] if of == layer),
            tuple(step for of, step in steps["backward"] if of == layer),
        )
        for layer in [*extra, *layers]
    ]
    return Steps(
        name=program.name,
        optimizer=kinds.get("optimizer", ""),
        bands=tuple(bands),
        update=tuple(step for _, step in steps["update"]),
        flows=tuple(_flows(listing)),
        setup=len(listing.setup),
    )


def _step(item: Instruction, index: int, phase: str, listing: InstructionList) -> Step:
    buffers, result = listing.buffers, item.changed[0]
    names = dict.fromkeys(_lasting(name, listing) for name in (*item.reads, *item.changed))
    lasting = [name for name in names if name]
    about = f"{index}: {item.op}({', '.join(item.reads)}) -> {', '.join(item.changed)}"
    shape = shape_text(buffers[result].type.shape)
    return Step(index, phase, item.op, result, shape, tuple(lasting), about)


def _lasting(name: str, listing: InstructionList) -> str:
    """Return the lasting buffer that is read or changed through a name, as a bias in another shape is."""
    while (buffer := listing.buffers[name]).role in REUSED and buffer.view is not None:
        name = buffer.view.base
    return "" if buffer.role in REUSED | {"constant"} else name


def _flows(listing: InstructionList) -> Iterator[Flow]:
    """Yield every value that one instruction writes and another one reads."""
    phase_of = {
        index: span.name for span in spans_of(listing) for index in range(span.start, span.stop)
    }
    written: dict[str, int] = {}
    for index, item in enumerate(listing.instructions):
        if phase_of[index] in _DRAWN:
            for name in dict.fromkeys(item.reads):
                source = _writer(name, written, listing)
                if source is not None and phase_of[source] in _DRAWN:
                    kinds = {phase_of[source], phase_of[index]}
                    yield Flow(source, index, name, phase_of[index] if len(kinds) == 1 else KEPT)
        for name in item.writes:
            if listing.buffers[name].role in REUSED:
                written[name] = index


def _writer(name: str, written: Mapping[str, int], listing: InstructionList) -> int | None:
    """Return which instruction wrote a value, looking through the views that regroup it."""
    while name not in written:
        view = listing.buffers[name].view
        if view is None:
            return None
        name = view.base
    return written[name]
