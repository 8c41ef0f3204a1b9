"""Random networks of all layers: every way of computing them agrees, and so do their gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from building import compiled, document_of, weights_of
from closeness import largest, require_close
from dags import DRAWN, OPTIMIZERS, Network, networks
from hypothesis import HealthCheck, assume, given, settings
from interpreter import Interpreter
from networks import NETWORKS, batch_of
from numpy.typing import NDArray
from runs import Batch, interpreted, require_same, trained

from graphnet.ir import ALIGNMENT
from graphnet.layers import LAYERS
from graphnet.losses import LOSSES
from graphnet.program import Program

Array = NDArray[Any]

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
RANDOM = settings(
    max_examples=400, derandomize=True, deadline=None, database=None, suppress_health_check=SLOW
)
PASSES_RTOL = 1e-11
"""Passes reorder sums of a few dozen terms; momentum and normalisation enlarge the rounding a little."""
FORMULA_RTOL = 1e-10
TORCH_RTOL = 1e-9


def batches_of(network: Network) -> list[Batch]:
    return [network.batch(size, step) for step, size in enumerate(network.batch_sizes)]


def require_agreement(network: Network) -> None:
    """Refuse a network whose passes or whose kernels change what it computes."""
    optimised = compiled(network.plain, input_gradients=True)
    plain = compiled(network.plain, (), input_gradients=True)
    weights, batches = weights_of(plain, network.seed), batches_of(network)
    exact = list(trained(plain, weights, batches))
    poisoned = trained(optimised, weights, batches, poisoned=True)
    require_same(poisoned, iter(exact), rtol=PASSES_RTOL, what="passes")
    formulas = interpreted(optimised, weights, batches)
    require_same(formulas, iter(exact), rtol=FORMULA_RTOL, what="formulas")
    for routine in optimised.routines.values():
        bound = routine.plan.lower_bound
        # In the smallest arenas a single cache line is more than 5 %.
        assert routine.plan.arena_bytes <= max(1.05 * bound, bound + ALIGNMENT)


@RANDOM
@given(networks())
def test_optimised_equals_unoptimised_equals_formulas(network: Network) -> None:
    require_agreement(network)


@settings(RANDOM, max_examples=150)
@given(networks(dropout=True, steps=3))
def test_the_same_with_dropout(network: Network) -> None:
    assume("Dropout" in str(network.plain["layers"]))
    require_agreement(network)


def directional(
    program: Program, weights: Mapping[str, Array], data: Batch, leaf: str, direction: Array
) -> float:
    """Return how fast the loss grows along a direction of a leaf, by an imaginary step."""
    it = Interpreter(document_of(program), "complex128")
    for name, value in weights.items():
        it[name][...] = value
    moved = {
        name: array.astype("complex128") if array.dtype.kind == "f" else array
        for name, array in data.items()
    }
    if leaf in moved:
        moved[leaf] = moved[leaf] + 1e-30j * direction
    else:
        it[leaf][...] += 1e-30j * direction
    it.forward("train", len(next(iter(data.values()))), moved)
    return float(it[":loss"].imag) / 1e-30


def leaves_of(program: Program, data: Batch) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give everything the loss is differentiated by: trained parameters and inputs, with their shapes."""
    for row in program.parameters:
        if row.trainable:
            yield row.name, row.type.at(1)
    for port in program.inputs:
        if port.type.is_float:
            yield port.name, data[port.name].shape


@settings(RANDOM, max_examples=250)
@given(networks(steps=1))
def test_gradients_are_derivatives_of_the_loss(network: Network) -> None:
    # The padding row of an embedding gets no gradient by definition, so directions leave it out.
    program = compiled(network.plain, input_gradients=True)
    weights, (data,) = weights_of(program, network.seed), batches_of(network)
    seen = next(trained(program, weights, [data]))
    chance = np.random.default_rng([network.seed, 303])
    scale = max(
        1e-2, largest(array for name, array in seen.items() if name.startswith("gradient:"))
    )
    for name, shape in leaves_of(program, data):
        direction = chance.standard_normal(shape)
        padding = network.plain["layers"].get(name.removesuffix(".weight"), {}).get("padding_idx")
        if padding is not None:
            direction[padding] = 0.0
        with np.errstate(all="ignore"):
            expected = directional(program, weights, data, name, direction)
        actual = np.asarray(np.sum(seen[f"gradient:{name}"] * direction))
        require_close(actual, np.asarray(expected), name, rtol=1e-10, scale=scale)


def test_random_networks_have_everything() -> None:
    types: set[str] = set()

    @settings(RANDOM, max_examples=400)
    @given(networks(dropout=True))
    def collect(network: Network) -> None:
        plain = network.plain
        types.update(keys["type"] for keys in (*plain["layers"].values(), *plain["loss"].values()))
        types.update(key for keys in plain["layers"].values() for key in keys if key == "share")
        types.update(
            "frozen" for keys in plain["layers"].values() if keys.get("trainable") is False
        )

    collect()
    assert types == {*DRAWN, "share", "frozen"}
    assert {*LAYERS, *LOSSES} > DRAWN


@pytest.mark.oracle
@settings(RANDOM)
@given(networks(steps=3))
def test_equals_torch(network: Network) -> None:
    pytest.importorskip("torch", reason="compares with PyTorch")
    from torch_model import torch_trained

    # PyTorch refuses to normalise a batch of one.
    assume(1 not in network.batch_sizes or "BatchNorm1d" not in str(network.plain["layers"]))
    program = compiled(network.plain)
    weights, batches = weights_of(program, network.seed), batches_of(network)
    expected = torch_trained(network.plain, weights, batches)
    require_same(trained(program, weights, batches), expected, rtol=TORCH_RTOL, what="torch")


@pytest.mark.oracle
@pytest.mark.parametrize(
    "optimizer", [*OPTIMIZERS, {"type": "Adam"}, {"type": "AdamW", "weight_decay": 0.3}], ids=str
)
@pytest.mark.parametrize("name", NETWORKS)
def test_ten_updates_equal_torch(name: str, optimizer: dict[str, Any]) -> None:
    pytest.importorskip("torch", reason="compares with PyTorch")
    from torch_model import torch_trained

    plain = {**NETWORKS[name], "optimizer": optimizer}
    if (
        optimizer["type"] != "SGD"
        and "eps" not in optimizer
        and "BatchNorm1d" in str(plain["layers"])
    ):
        # The bias before a normalisation has gradient 0 but for rounding, which a small eps makes much of.
        plain["optimizer"] = {**optimizer, "eps": 1e-4}
    program = compiled(plain)
    weights = weights_of(program, 5)
    batches = [
        batch_of(plain, size, seed) for seed, size in enumerate((8, 8, 3, 5, 8, 2, 7, 8, 4, 6))
    ]
    require_same(
        trained(program, weights, batches),
        torch_trained(plain, weights, batches),
        rtol=TORCH_RTOL,
        what="torch",
    )
