"""References: which layer or input a name means, from anywhere in the spec."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from graphnet.errors import Position, listed
from graphnet.spec.expand import Scope, Use
from graphnet.spec.problems import Problems

_MAX_DOTS = 200


class References:
    """Resolves references once all layers are known."""

    def __init__(
        self,
        results: Mapping[str, tuple[str, ...] | None],
        problems: Problems,
        targets: Collection[str] = (),
    ) -> None:
        """Start.

        Args:
            results: The results of each layer by its full name; None where its type is wrong.
            problems: Takes references that mean nothing (GN116).
            targets: Names that only losses can read.
        """
        self._results = results
        self._problems = problems
        self._targets = targets

    def resolve(
        self, scope: Scope, text: str, where: Position | None, *, inside: bool = False
    ) -> str | None:
        """Return the full reference: `name`, or `name.result` for all results but the first.

        Args:
            scope: Where the reference stands.
            text: The reference.
            where: Its place.
            inside: Whether it must mean a layer, not an input.

        Returns:
            The reference, or None after adding the problem, or where what it means is wrong.
        """
        while True:
            head, rest = _split(scope, text, inside=inside)
            if head is None:
                self._unknown(scope, text, where, inside=inside)
                return None
            if head in scope.body.items:
                use = scope.uses.get(head)
                if use is None:
                    return self._layer(scope.prefix + head, rest, where)
                found = self._into(use, head, rest, where)
                if found is None:
                    return None
                (scope, text, where), inside = found, True
                continue
            if rest:
                self._wrong(f"input {head!r} has no results", where)
                return None
            bound = scope.inputs[head]
            if bound is None:
                return head
            scope, text, inside = bound.scope, bound.text, bound.inside
            where = bound.where or where

    def _layer(self, name: str, result: str, where: Position | None) -> str | None:
        results = self._results.get(name)
        if not result or results is None or result == results[0]:
            return name
        if result in results:
            return f"{name}.{result}"
        self._wrong(
            f"layer {name!r} has no result {result!r}", where, f"results: {listed(results)}"
        )
        return None

    def _into(
        self, use: Use, head: str, rest: str, where: Position | None
    ) -> tuple[Scope, str, Position | None] | None:
        """Return the scope inside a block, and the reference there, that a reference leads to."""
        if not use.repetitions:
            return None
        scope = use.repetitions[-1]
        if rest and use.repeated:
            number, _, rest = rest.partition(".")
            count = len(use.repetitions)
            if not (number.isdecimal() and len(number) < 7 and int(number) < count):
                note = f"repetitions: {head}.0" + (f" to {head}.{count - 1}" if count > 1 else "")
                self._wrong(f"{head!r} has no repetition {number!r}", where, note)
                return None
            scope = use.repetitions[int(number)]
        if rest:
            return scope, rest, where
        return scope, str(use.output.value), use.output.position

    def _unknown(self, scope: Scope, text: str, where: Position | None, *, inside: bool) -> None:
        if text in self._targets:
            self._problems.add(
                "GN116",
                f"{text!r} is a target, which only losses and metrics read",
                where,
                label="a target, no layer or input",
                help="what layers read is an input: declare one for it too, under another name",
            )
            return
        names = scope.body.items if inside else {**scope.body.items, **scope.inputs}
        self._problems.add(
            "GN116",
            f"unknown layer {text!r} in {scope.what}"
            if inside
            else f"unknown layer or input {text!r} in {scope.what}",
            where,
            label="nothing has this name",
            help=self._problems.nearest(text, names)
            or self._problems.nearest(text.partition(".")[0], names),
        )

    def _wrong(self, message: str, where: Position | None, note: str = "") -> None:
        self._problems.add(
            "GN116",
            message,
            where,
            label="nothing has this name",
            notes=[note],
        )


def _split(scope: Scope, text: str, *, inside: bool) -> tuple[str | None, str]:
    """Return the longest name of the scope that a reference begins with, and what follows it."""
    head, rest = text, ""
    for _ in range(_MAX_DOTS):
        if head in scope.body.items or (head in scope.inputs and not inside):
            return head, rest
        shorter, dot, last = head.rpartition(".")
        if not dot:
            break
        head, rest = shorter, f"{last}.{rest}" if rest else last
    return None, ""
