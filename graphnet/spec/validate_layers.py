"""Layers: the `layers` and `outputs` sections, blocks expanded, references resolved."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from graphnet.errors import Position
from graphnet.spec.expand import Bound, Expander, Placed, Scope
from graphnet.spec.fields import Place
from graphnet.spec.forms import as_texts
from graphnet.spec.model import LayerSpec
from graphnet.spec.nodes import Node, ScalarNode
from graphnet.spec.parse_layer import ParsedLayer, parse_layer
from graphnet.spec.problems import Problems
from graphnet.spec.references import References


class LayerReader:
    """Reads all layers of a spec, and what else refers to them."""

    def __init__(self, top: Scope, problems: Problems, targets: Collection[str]) -> None:
        self._top = top
        self._problems = problems
        self._parsed: dict[int, ParsedLayer] = {}
        self._targets = targets
        self._references = References({}, problems)
        self._first: str | None = None

    def read(self, expander: Expander) -> list[LayerSpec]:
        """Return the layers of the expanded spec, in order; without those that are wrong."""
        expander.expand(self._top)
        parsed = {placed.name: self._parse(placed) for placed in expander.placed}
        results = {name: one.layer.results if one.layer else None for name, one in parsed.items()}
        self._references = References(results, self._problems, self._targets)
        for bound in expander.references:
            self._references.resolve(bound.scope, bound.text, bound.where, inside=bound.inside)
        order = {placed.name: index for index, placed in enumerate(expander.placed)}
        specs = [self._layer(placed, parsed, order) for placed in expander.placed]
        return [spec for spec in specs if spec is not None]

    def output(self, text: str, where: Position | None) -> str | None:
        """Return the layer's result that a reference of a top-level section means, or None."""
        wrong = "an input" if text in self._top.inputs else "a target" * (text in self._targets)
        if wrong:
            self._problems.add(
                "GN116",
                f"{text!r} is {wrong}, not a layer",
                where,
                label="expected a layer",
            )
            return None
        return self._references.resolve(self._top, text, where)

    def outputs(self, node: Node | None) -> tuple[str, ...]:
        """Return the outputs of the network; by default the result of the last layer."""
        place = Place("the spec", "the spec")
        if node is None:
            last = list(self._top.body.items)[-1]
            found = self.output(last, self._top.body.keys[last])
            return (found,) if found else ()
        texts = as_texts(node, self._problems, place, "outputs")
        if texts == []:
            self._problems.add("GN106", "the spec has no outputs", node.position, label="is empty")
        outputs: list[str] = []
        for text in texts or ():
            found = self.output(str(text.value), text.position)
            if found in outputs:
                self._problems.add(
                    "GN109",
                    f"output {text.value!r} stands twice",
                    text.position,
                    label="already an output",
                    help="remove one of the two",
                )
            elif found is not None:
                outputs.append(found)
        return tuple(outputs)

    def _parse(self, placed: Placed) -> ParsedLayer:
        # Repetitions of a block share their nodes: what is said once about a layer holds for all.
        key = id(placed.node)
        if key not in self._parsed:
            self._parsed[key] = parse_layer(placed, self._problems)
        return self._parsed[key]

    def _layer(
        self, placed: Placed, parsed: Mapping[str, ParsedLayer], order: Mapping[str, int]
    ) -> LayerSpec | None:
        one = parsed[placed.name]
        inputs = self._inputs(placed, one)
        share = self._share(placed, one.share, parsed, order) if one.share else None
        if one.layer is None or inputs is None:
            return None
        return LayerSpec(
            placed.name,
            one.layer,
            inputs,
            one.init,
            one.trainable,
            share,
            one.where,
            one.positions,
            parsed.get(share or placed.name, one).parametrization,
        )

    def _inputs(self, placed: Placed, one: ParsedLayer) -> tuple[str, ...] | None:
        """Return what a layer reads, resolved, or None after adding the problem."""
        if one.type is None:
            return None
        references = self._written_inputs(placed, one)
        if references is None:
            return None
        least, most = one.type.arity
        count = len(references)
        if count < least or (most is not None and count > most):
            self._wrong_count(placed, one, count)
            return None
        found = [
            self._references.resolve(reference.scope, reference.text, reference.where)
            for reference in references
        ]
        whole = tuple(reference for reference in found if reference is not None)
        return whole if len(whole) == count else None

    def _written_inputs(self, placed: Placed, one: ParsedLayer) -> list[Bound] | None:
        scope = placed.scope
        if one.inputs is None and one.type is not None and one.type.arity == (0, 0):
            return []
        if one.inputs is not None:
            return [Bound(scope, str(text.value), text.position) for text in one.inputs]
        default = scope.default_input(placed.above)
        if default is not None:
            return [Bound(scope, default, one.where)]
        self._problems.add(
            "GN117",
            f"layer {placed.name!r} must say which input it reads",
            one.where,
            label=f"there are {len(scope.inputs)} inputs",
            help=f"add inputs: {next(iter(scope.inputs))}",
            notes=[f"inputs: {', '.join(scope.inputs)}"],
        )
        return None

    def _wrong_count(self, placed: Placed, one: ParsedLayer, count: int) -> None:
        least, most = one.type.arity if one.type else (0, None)
        bounds = f"at least {least}" if most is None else f"{least}"
        bounds = bounds if most in (None, least) else f"{least} to {most}"
        kind = one.type.name() if one.type else ""
        default = " (the layer above)" if one.inputs is None else ""
        self._problems.add(
            "GN118",
            f"layer {placed.name!r} has a wrong number of inputs",
            one.positions.get("inputs", one.where),
            label=f"{kind} reads {bounds}, found {count}{default}",
            help="write inputs: [a, b] with the names of what it reads" if least > 1 else "",
        )

    def _share(
        self,
        placed: Placed,
        node: ScalarNode,
        parsed: Mapping[str, ParsedLayer],
        order: Mapping[str, int],
    ) -> str | None:
        """Return the layer whose parameters a layer uses, or None after adding the problem."""
        owner = self._references.resolve(placed.scope, str(node.value), node.position, inside=True)
        one, other = parsed[placed.name], parsed.get(owner or "")
        if owner is None or (other is not None and other.type is None) or one.type is None:
            return None
        problem = _sharing_problem(owner, other, one, order[placed.name] > order.get(owner, -1))
        if problem:
            message, cure = problem
            self._problems.add(
                "GN123",
                f"layer {placed.name!r} cannot share the parameters of {owner!r}",
                node.position,
                label=message,
                help=cure,
            )
        return owner


def _sharing_problem(
    owner: str, other: ParsedLayer | None, one: ParsedLayer, after: bool
) -> tuple[str, str] | None:
    """Return why a layer cannot use another's parameters, and the cure."""
    if other is None or other.type is None or one.type is None:
        return "not a layer", "name a layer, not one of its results"
    if not after:
        return "not an earlier layer", f"let {owner!r} share this layer's parameters instead"
    if other.share is not None:
        return "it shares another's parameters itself", f"name {other.share.value!r}"
    if one.init:
        return "it starts them itself", f"move init: to {owner!r}"
    if one.parametrization:
        return "it works them out itself", f"move parametrization: to {owner!r}"
    if not one.trainable and other.trainable:
        return "they are trained there", f"move trainable: false to {owner!r}"
    return None
