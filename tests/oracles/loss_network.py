"""A network that is nothing but a loss of its inputs: compiled in every way a case asks for, and run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from loss_case import LossCase
from loss_cases import LOSS_CASES
from numpy.typing import NDArray

import graphnet

Array = NDArray[Any]
Plain = dict[str, Any]

BATCH = 5
WEIGHT = "w"


def loss_spec(
    kind: str,
    inputs: Sequence[tuple[tuple[int, ...], str]],
    targets: Sequence[tuple[tuple[int, ...], str]],
    **keys: Any,
) -> Plain:
    """Return a spec that feeds inputs `x0`, `x1`, ... to a loss, with targets `t0`, `t1`, ...

    Args:
        kind: The loss.
        inputs: Shape per sample and element type of each input.
        targets: Likewise of each target.
        keys: Settings; with `sample_weight` there is a target more, of that name.
    """

    def declared(letter: str, ends: Sequence[tuple[tuple[int, ...], str]]) -> Plain:
        return {
            f"{letter}{i}": {"shape": list(shape), "dtype": dtype}
            for i, (shape, dtype) in enumerate(ends)
        }

    sources = declared("x", inputs or [((3,), "float32")])
    layers = {f"s{i}": {"type": "Identity", "inputs": f"x{i}"} for i in range(len(sources))}
    loss: Plain = {"type": kind, **keys}
    if inputs:
        loss["input"] = [f"s{i}" for i in range(len(inputs))]
    if targets:
        loss["target"] = [f"t{i}" for i in range(len(targets))]
    wanted = declared("t", targets)
    if "sample_weight" in keys:
        wanted[keys["sample_weight"]] = {"shape": []}
    return {
        "inputs": sources,
        **({"targets": wanted} if wanted else {}),
        "layers": layers,
        "outputs": list(layers),
        "loss": loss,
        "training": {"batch_size": BATCH},
    }


def case_spec(kind: str, case: LossCase, dtype: str, **more: Any) -> Plain:
    """Return the spec of a case, with settings beside its own."""

    def typed(arrays: list[Array]) -> list[str]:
        return [dtype if array.dtype.kind == "f" else "int64" for array in arrays]

    inputs, targets = case.batch(1)
    ends = (
        list(zip(shapes, typed(drawn), strict=True))
        for shapes, drawn in ((case.inputs, inputs), (case.targets, targets))
    )
    return {"dtype": dtype, **loss_spec(kind, *ends, **{**case.keys, **more})}


class LossNetwork:
    """A case compiled."""

    def __init__(self, kind: str, case: LossCase, dtype: str, **more: Any) -> None:
        """Compile it for batches of up to four times BATCH."""
        plain = case_spec(kind, case, dtype, **more)
        self.case, self.dtype = case, dtype
        self.net = graphnet.compile(plain, batch_size=4 * BATCH, input_gradients=True)

    def run(
        self, inputs: Sequence[Array], targets: Sequence[Array], weight: Array | None = None
    ) -> tuple[float, list[Array]]:
        """Return the loss of a batch and the gradients of its inputs."""
        given = {f"x{i}": self.cast(x) for i, x in enumerate(inputs)}
        wanted = {f"t{i}": self.cast(t) for i, t in enumerate(targets)}
        if weight is not None:
            wanted[WEIGHT] = self.cast(weight)
        loss, gradients = self.net.loss_and_gradients(given, wanted)
        return loss, [gradients[f"x{i}"] for i in range(len(inputs))]

    def cast(self, array: Array) -> Array:
        """Return an array of floats in the network's type."""
        return array.astype(self.dtype) if array.dtype.kind == "f" else array


@cache
def loss_network(kind: str, number: int, dtype: str, **more: Any) -> LossNetwork:
    """Return a case's network, compiled once."""
    return LossNetwork(kind, LOSS_CASES[kind].cases[number], dtype, **more)


def summing(case: LossCase) -> dict[str, str]:
    """Return the reductions to try: the case's own, and the sum."""
    return {"mean": str(case.keys.get("reduction", "mean")), "sum": "sum"}
