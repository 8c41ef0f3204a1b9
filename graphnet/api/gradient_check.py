"""Check a network's gradients against numeric ones, in float64."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.api.network import Network
from graphnet.api.numeric_gradient import Element, Finding, judge_elements
from graphnet.backend import Array, generator_for
from graphnet.compiler import compile_spec
from graphnet.errors import UsageError
from graphnet.program import Port, Program, product_flops, total_flops
from graphnet.spec import spec_folder
from graphnet.training.stepper import loss_in
from graphnet.training.threads import limited_threads, threads_for_few

SAMPLED = 24
"""Elements checked per parameter; all of them where there are no more."""
LEAST = 4
"""Elements that are tried of every parameter before it is given up as one that cannot be judged."""
NOISE = 1e-4
BATCH = 5
SETTLING = 200
"""Passes before, at most, so that singular vectors settle, which gradients take as given."""
WORK = 1e11
"""Operations in all that elements beyond the first of each parameter are checked within: some seconds."""
TOGETHER = 8
"""Elements, of as many parameters, that are judged at once where not all of them can be one by one."""
SLOWNESS = 16.0
"""How much longer an operation takes that is not part of a product."""


def check_gradients(
    source: str | Path | Mapping[str, Any], *, overrides: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Compare every trainable parameter's gradient with central differences, on random data.

    The network is compiled again in float64. `(L(p + h) - L(p - h)) / 2h` is taken for a sample of the
    elements of each parameter, with steps h of several sizes (see `judge`). An element beside a kink, for
    which they contradict each other, cannot be judged and is left out. Of large networks fewer elements
    are taken, and those of several parameters moved at once, so that it does not take long; only where that
    does not come out right are they moved one by one.

    Args:
        source: Path of a spec, its YAML text, or a mapping.
        overrides: Values by dotted path.

    Returns:
        Per parameter: `parameter`, `size`, `tried` and `checked` (elements that were looked at, and those
        of them that could be judged), `error` (largest difference, relative to the largest gradient of the
        parameter, or to a small share of the loss where that is larger) and `ok`: whether none is wrong.
        A padding row, which has no gradient, is left out.

    Raises:
        UsageError: When the network has no loss (GN718).
    """
    folder = spec_folder(source)
    program = compile_spec(
        source,
        overrides={**(overrides or {}), "dtype": "float64"},
        batch_size=BATCH,
        folder=folder,
    )
    if program.judgement is None:
        raise UsageError("GN718", "without a loss there are no gradients to check")
    network = Network(program, folder)
    with limited_threads(threads_for_few(program.spec["training"]["threads"])):
        return _check_all(network, *random_batch(program, BATCH))


def _check_all(
    network: Network, inputs: dict[str, Array], targets: dict[str, Array]
) -> list[dict[str, Any]]:
    passes = Passes(network, inputs, targets)
    passes.settle()
    start, gradients = network.loss_and_gradients(inputs, targets)
    # Differences of the loss are no more exact than the loss is; gradients far below it are all noise.
    floor = NOISE * max(abs(start), *(_largest(g) for g in gradients.values()))
    padding = {row.name: row.zero_row for row in network.program.parameters}
    rows = [
        Row.of(name, network.parameters[name], gradient, floor, padding[name])
        for name, gradient in gradients.items()
    ]
    _judge_in_turns(rows, passes, start, WORK / _work(network.program))
    return [row.summary() for row in rows]


def _judge_in_turns(rows: list[Row], passes: Passes, start: float, allowed: float) -> None:
    """Judge an element of every parameter, then another of each, as long as passes are allowed."""
    together = 1 if 2 * sum(len(row.chosen) for row in rows) <= allowed else TOGETHER
    # Elements of parameters with gradients of like size are judged together.
    ordered = sorted(rows, key=lambda row: row.scale)
    for turn in range(SAMPLED):
        left = [row for row in ordered if turn < len(row.chosen)]
        if turn and passes.count >= allowed:
            left = [row for row in left if turn < LEAST and not row.judged]
        for at in range(0, len(left), together):
            judge_elements([row.element(turn) for row in left[at : at + together]], passes, start)


class Passes:
    """Forward passes that all start from the same state, and so differ by the parameters alone.

    Attributes:
        count: How many there were.
    """

    def __init__(
        self, network: Network, inputs: dict[str, Array], targets: dict[str, Array]
    ) -> None:
        """Keep what every pass is given.

        Args:
            network: Its parameters are what passes differ by.
            inputs: Arrays by input name.
            targets: Arrays by target name.
        """
        self.count = 0
        self._network, self._inputs, self._targets = network, inputs, targets
        self._settled: dict[str, Array] = {}

    def __call__(self) -> float:
        """Return the loss."""
        self.count += 1
        self._begin()
        with np.errstate(all="ignore"):
            routine = self._network._loaded("train", self._inputs, self._targets)
            routine.forward()
        return loss_in(routine)

    def settle(self) -> None:
        """Run passes until the loss does not change any more, and start from there ever after."""
        buffers = self._network.buffers
        before = math.nan
        for _ in range(SETTLING if buffers else 0):
            now = self()
            if now == before:
                break
            before = now
        self._settled = {name: value.copy() for name, value in buffers.items()}
        self._begin()

    def _begin(self) -> None:
        self._network._executable.streams.clock[()] = 0
        for name, value in self._settled.items():
            self._network.buffers[name][...] = value


def _work(program: Program) -> float:
    """Return the operations of a forward pass, those outside products weighed by how slow they are."""
    listing = program.routines["train"].listing
    every = total_flops(listing.forward, listing, BATCH)
    products = product_flops(listing.forward, listing, BATCH)
    return max(1.0, products + SLOWNESS * (every - products))


def _largest(gradient: Array) -> float:
    """Return the largest finite amount."""
    return float(np.abs(gradient[np.isfinite(gradient)]).max(initial=0.0))


def random_batch(program: Program, count: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return random inputs and targets that a network may be given.

    Args:
        program: Its inputs and targets say what they are like.
        count: Number of samples.
    """
    inputs = {port.name: _random(port, count) for port in program.inputs}
    targets = {port.name: _random(port, count, target=True) for port in program.targets}
    return inputs, targets


def _random(port: Port, count: int, *, target: bool = False) -> Array:
    """Return random values a port may take; targets between 0 and 1 suit every loss."""
    generator = generator_for(0, f"check:{port.name}")
    shape = (count, *port.type.at(1)[1:])
    if port.type.dtype == "int64":
        return generator.integers(0, port.limit or 2, shape)
    return generator.random(shape) if target else generator.standard_normal(shape)


@dataclass(frozen=True, eq=False)
class Row:
    """What is found of one parameter.

    Attributes:
        name: The parameter's.
        parameter: Its live values.
        gradient: What is checked.
        scale: What errors are relative to.
        chosen: Which elements are looked at, in this order.
        findings: Of those that were.
    """

    name: str
    parameter: Array
    gradient: Array
    scale: float
    chosen: list[int]
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, parameter: Array, gradient: Array, floor: float, padding: int) -> Row:
        """Choose a parameter's elements."""
        scale = max(_largest(gradient), floor, 1e-300)
        return cls(name, parameter, gradient, scale, _chosen(name, gradient, padding))

    @property
    def judged(self) -> bool:
        """Whether any element could be judged."""
        return any(finding.verdict != "unclear" for finding in self.findings)

    def element(self, turn: int) -> Element:
        """Return the element that is looked at in a turn."""
        place = tuple(int(i) for i in np.unravel_index(self.chosen[turn], self.parameter.shape))
        gradient = float(self.gradient[place])
        return Element(self.parameter, place, gradient, self.scale, self.findings)

    def summary(self) -> dict[str, Any]:
        """Return what is told of the parameter."""
        errors = [finding.error for finding in self.findings if finding.verdict != "unclear"]
        return {
            "parameter": self.name,
            "size": int(self.parameter.size),
            "tried": len(self.findings),
            "checked": len(errors),
            "error": max(errors, default=0.0),
            "ok": all(finding.verdict != "wrong" for finding in self.findings),
        }


def _chosen(name: str, gradient: Array, padding: int) -> list[int]:
    """Return which elements are looked at, in this order: the one of the largest gradient, then any."""
    every = np.arange(gradient.size)
    if padding >= 0:
        # This row has no gradient by definition, whatever the loss says.
        every = every[every // (gradient.size // len(gradient)) != padding]
    if not every.size:
        return []
    count = min(SAMPLED, len(every))
    taken = generator_for(0, f"check:{name}").choice(every, count, replace=False).tolist()
    largest = int(every[np.abs(gradient.ravel()[every]).argmax()])
    return [largest, *(index for index in taken if index != largest)][:count]
