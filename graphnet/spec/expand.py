"""Expansion: the layers of the spec with every use of a block replaced by the block's layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphnet.declare import Integer
from graphnet.errors import Position, SpecError, counted, listed
from graphnet.spec.blocks import USE_KEYS, Block
from graphnet.spec.fields import WRONG, Place, check_keys, parse_value
from graphnet.spec.forms import as_texts
from graphnet.spec.nodes import MapNode, Node, ScalarNode
from graphnet.spec.problems import Problems
from graphnet.spec.tree import MAX_DEPTH
from graphnet.spec.variables import Values, check_value, substitute

MAX_LAYERS = 100_000
"""Most layers of a network, blocks expanded."""
MAX_USES = 50_000
"""Most layers that stand for a block, those inside blocks counted in each repetition."""
_MAX_WORK = 5_000_000
"""Most values that blocks are expanded to."""


@dataclass(frozen=True, eq=False, slots=True)
class Bound:
    """What an input of a block stands for: a reference, read where the block is used.

    Attributes:
        scope: Where it is read.
        text: The reference.
        where: Where it was written, or None for what is read by default.
        inside: Whether it means a layer of that scope only, not one of its inputs.
    """

    scope: Scope
    text: str
    where: Position | None
    inside: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Use:
    """A layer that stands for a block.

    Attributes:
        repetitions: The block's layers, once for each repetition; nothing where the use is wrong.
        repeated: Whether their names hold the number of the repetition.
        output: The layer of each repetition that its name means.
    """

    repetitions: tuple[Scope, ...]
    repeated: bool
    output: ScalarNode


@dataclass(frozen=True, eq=False, slots=True)
class Scope:
    """The layers that can refer to each other by name.

    Attributes:
        prefix: What their full names begin with: nothing, or `stage1.0.`.
        what: How messages name it: `the spec`, `block 'residual'`.
        body: The layers by name.
        inputs: What it reads from outside, by name; None for an input of the spec.
        uses: Those of its layers that stand for blocks.
    """

    prefix: str
    what: str
    body: MapNode
    inputs: Mapping[str, Bound | None]
    uses: dict[str, Use] = field(default_factory=dict)

    def default_input(self, above: str | None) -> str | None:
        """Return what a layer reads that names no inputs, or None where that is not clear."""
        if above is not None:
            return above
        return next(iter(self.inputs)) if len(self.inputs) == 1 else None


@dataclass(frozen=True, eq=False, slots=True)
class Placed:
    """A layer of the expanded network.

    Attributes:
        scope: Where its references are read.
        local: Its name there.
        above: The layer above it there, or None.
    """

    scope: Scope
    local: str
    above: str | None

    @property
    def name(self) -> str:
        """The full name."""
        return self.scope.prefix + self.local

    @property
    def node(self) -> Node:
        """What was written for it."""
        return self.scope.body.items[self.local]


class Expander:
    """Expands blocks.

    Attributes:
        placed: The layers so far, in order.
        references: What blocks read and pass on, to be checked even where no layer reads it.
    """

    def __init__(
        self, blocks: Mapping[str, Block | None], values: Values, problems: Problems
    ) -> None:
        self.placed: list[Placed] = []
        self.references: list[Bound] = []
        self._blocks = blocks
        self._values = values
        self._problems = problems
        self._bodies: dict[int, MapNode | None] = {}
        self._work = 0
        self._uses = 0
        self._at: Position | None = None

    def expand(self, scope: Scope, depth: int = 0) -> None:
        """Add the layers of a scope.

        Raises:
            SpecError: GN112 past the limits.
        """
        above: str | None = None
        for local, node in scope.body.items.items():
            if depth == 0:
                self._at = node.position
            if isinstance(node, MapNode) and "block" in node.items:
                scope.uses[local] = self._use(scope, local, node, above, depth)
            else:
                self.placed.append(Placed(scope, local, above))
                if len(self.placed) > MAX_LAYERS:
                    raise self._too_much(f"the network has more than {MAX_LAYERS} layers")
            above = local

    def _use(self, scope: Scope, local: str, node: MapNode, above: str | None, depth: int) -> Use:
        self._uses += 1
        if self._uses > MAX_USES:
            raise self._too_much(f"blocks are used more than {MAX_USES} times")
        block = self._block_of(node, local)
        wrong = Use((), False, ScalarNode(None, node.position))
        if block is None:
            return wrong
        place = Place(f"layer {scope.prefix + local!r}", f"block {block.name!r}")
        body = self._body(block, node, place)
        bound = self._bound(block, scope, node, above, place)
        given = node.get("repeat")
        repeat = parse_value(given, Integer(1), self._problems, place, "repeat") if given else 0
        if body is None or bound is None or repeat is WRONG:
            return wrong
        if depth >= MAX_DEPTH:
            raise self._too_much(f"blocks nested more than {MAX_DEPTH} levels deep")
        self.references += [reference for reference in bound.values() if reference]
        repetitions: list[Scope] = []
        for number in range(repeat or 1):
            prefix = f"{scope.prefix}{local}." + (f"{number}." if repeat else "")
            inner = Scope(prefix, f"block {block.name!r}", body, bound)
            self.expand(inner, depth + 1)
            repetitions.append(inner)
            passed = [
                Bound(inner, str(text.value), text.position, inside=True) for text in block.outputs
            ]
            self.references += passed
            # What a repetition passes on takes the places of the first inputs of the next.
            bound = {**bound, **dict(zip(block.inputs, passed, strict=False))}
        return Use(tuple(repetitions), bool(repeat), block.outputs[0])

    def _block_of(self, node: MapNode, local: str) -> Block | None:
        name = node.items["block"]
        if isinstance(name, ScalarNode) and name.value in self._blocks:
            return self._blocks[str(name.value)]
        known = isinstance(name, ScalarNode) and isinstance(name.value, str)
        shown = f"unknown block {name.value!r}" if isinstance(name, ScalarNode) else "no block"
        self._problems.add(
            "GN107",
            f"{shown} in layer {local!r}",
            name.position,
            label="no such block" if known else "expected the name of a block",
            help=self._problems.nearest(str(getattr(name, "value", "")), self._blocks),
            notes=[f"blocks: {listed(self._blocks)}" if self._blocks else ""],
        )
        return None

    def _body(self, block: Block, node: MapNode, place: Place) -> MapNode | None:
        """Return the block's layers with all references to its parameters replaced."""
        # Repetitions of an outer block share the nodes of the uses inside it.
        if id(node) not in self._bodies:
            self._bodies[id(node)] = self._made_body(block, node, place)
        return self._bodies[id(node)]

    def _made_body(self, block: Block, node: MapNode, place: Place) -> MapNode | None:
        node = check_keys(node, block.parameters, self._problems, place, USE_KEYS)
        values: dict[str, Node | None] = dict(self._values)
        before = len(self._problems)
        for name, default in block.parameters.items():
            value = node.get(name) or default
            if value is None:
                self._problems.add(
                    "GN105",
                    f"missing key {name!r} in {place.what}",
                    node.position,
                    label=f"needs {name!r}",
                    help=f"add {name}: VALUE",
                    notes=[f"{name!r} is a parameter of {place.kind} without a default"],
                )
                values[name] = None
            else:
                values[name] = value if check_value(name, value, self._problems) else None
        self._work += block.size
        if self._work > _MAX_WORK:
            raise self._too_much(f"blocks expand to more than {_MAX_WORK} values")
        body = substitute(block.layers, values, self._problems, arguments=block.parameters)
        return body if isinstance(body, MapNode) and len(self._problems) == before else None

    def _bound(
        self, block: Block, scope: Scope, node: MapNode, above: str | None, place: Place
    ) -> dict[str, Bound | None] | None:
        """Return what each input of the block stands for."""
        given = node.get("inputs")
        if given is None:
            default = scope.default_input(above)
            texts = [] if default is None else [Bound(scope, default, None)]
        else:
            nodes = as_texts(given, self._problems, place, "inputs")
            if nodes is None:
                return None
            texts = [Bound(scope, str(text.value), text.position) for text in nodes]
        if len(texts) == len(block.inputs):
            return dict(zip(block.inputs, texts, strict=True))
        names = ", ".join(block.inputs)
        self._problems.add(
            "GN118",
            f"{place.what} needs {counted(len(block.inputs), 'input')}, found {len(texts)}",
            (given or node).position,
            label=f"{place.kind} reads {names}",
            help=f"write inputs: [{names}] with what they are to be",
        )
        return None

    def _too_much(self, message: str) -> SpecError:
        """Return the error for a network past a limit, at the layer that was being expanded."""
        return SpecError(
            "GN112", message, where=self._at, label="reached here", help="repeat fewer layers"
        )
