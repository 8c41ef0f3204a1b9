"""Fractional pooling beside PyTorch with the very numbers that were drawn, and what holds in evaluation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from interpreter import uniform
from numpy.typing import NDArray

import graphnet

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

Array = NDArray[Any]
Plain = dict[str, Any]
BATCH, CHANNELS, SEED = 5, 3, 11
SPACES: dict[str, tuple[int, ...]] = {
    "FractionalMaxPool2d": (13, 11),
    "FractionalMaxPool3d": (7, 9, 6),
}
each_kind = pytest.mark.parametrize("kind", SPACES)


def compiled(kind: str, dtype: str = "float64", *, given: bool = False, **more: Any) -> Any:
    """Return a network of one pooling with its positions, and what undoes it."""
    sizes = SPACES[kind]
    rank, shape = len(sizes), [CHANNELS, *sizes]
    samples = {"samples": {"shape": [CHANNELS, rank], "dtype": dtype}} if given else {}
    layers: Plain = {
        "pool": {
            "type": kind,
            "inputs": ["x", *samples],
            "kernel_size": 2,
            "output_ratio": 0.6,
            "return_indices": True,
        },
        "back": {
            "type": f"MaxUnpool{rank}d",
            "inputs": ["pool", "pool.indices"],
            "kernel_size": 2,
            "output_size": list(sizes),
        },
    }
    spec = {
        "dtype": dtype,
        "seed": SEED,
        "inputs": {"x": {"shape": shape, "dtype": dtype}, **samples},
        "targets": {"t": {"shape": shape}},
        "layers": layers,
        "outputs": ["pool", "pool.indices", "back"],
        "loss": {"type": "MSELoss", "input": "back", "reduction": "sum"},
        "training": {"batch_size": BATCH},
    }
    return graphnet.compile(spec, input_gradients=True, **more)


def batch(kind: str, count: int, dtype: str = "float64", seed: int = 0) -> Array:
    shape = (count, CHANNELS, *SPACES[kind])
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def twin(kind: str, x: Any, samples: Array) -> tuple[Any, Any, Any]:
    """Return what PyTorch's pooling and unpooling make with the same random numbers."""
    rank = len(SPACES[kind])
    pool = getattr(torch.nn, kind)(
        2, output_ratio=0.6, return_indices=True, _random_samples=torch.tensor(samples)
    )
    y, index = pool(x)
    back = getattr(torch.nn, f"MaxUnpool{rank}d")(2)(y, index, output_size=list(SPACES[kind]))
    return y, index, back


def require_twin(found: dict[str, Array], wanted: tuple[Any, Any, Any]) -> None:
    for name, tensor in zip(("pool", "pool.indices", "back"), wanted, strict=True):
        np.testing.assert_array_equal(found[name], tensor.detach().numpy())


@each_kind
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_drawn_windows_are_torchs_of_the_same_numbers(kind: str, dtype: str) -> None:
    """Every pass, whatever its size, draws the next numbers of the layer's own stream."""
    net, rank = compiled(kind, dtype), len(SPACES[kind])
    seen = set()
    for turn, count in enumerate((BATCH, 2, 1, BATCH)):
        stride = BATCH * CHANNELS * rank
        drawn = uniform(SEED, "regions:pool", turn * stride, count * CHANNELS * rank, dtype)
        samples = drawn.reshape(count, CHANNELS, rank)
        x = batch(kind, count, dtype, turn)
        found = net.forward({"x": x}, training=True)
        require_twin(found, twin(kind, torch.tensor(x), samples))
        seen.add(samples.tobytes())
    assert len(seen) == 4


@each_kind
def test_gradient_of_drawn_windows(kind: str) -> None:
    net, rank = compiled(kind), len(SPACES[kind])
    x, target = batch(kind, BATCH), batch(kind, BATCH, seed=1)
    loss, gradients = net.loss_and_gradients({"x": x}, {"t": target})
    samples = uniform(SEED, "regions:pool", 0, BATCH * CHANNELS * rank, "float64")
    held = torch.tensor(x, requires_grad=True)
    back = twin(kind, held, samples.reshape(BATCH, CHANNELS, rank))[2]
    total = ((back - torch.tensor(target)) ** 2).sum()
    total.backward()
    assert math.isclose(loss, total.item(), rel_tol=1e-12)
    np.testing.assert_allclose(gradients["x"], held.grad.numpy(), rtol=1e-12, atol=1e-12)


@each_kind
def test_given_numbers_take_the_place_of_drawn_ones_in_both_modes(kind: str) -> None:
    net, rank = compiled(kind, given=True), len(SPACES[kind])
    for seed, count in enumerate((BATCH, 1)):
        x = batch(kind, count, seed=seed)
        samples = np.random.default_rng(seed).random((count, CHANNELS, rank))
        for training in (False, True):
            found = net.forward({"x": x, "samples": samples}, training=training)
            require_twin(found, twin(kind, torch.tensor(x), samples))


@each_kind
def test_numbers_beyond_the_bounds_count_as_the_bounds(kind: str) -> None:
    net, rank = compiled(kind, given=True), len(SPACES[kind])
    x = batch(kind, BATCH)
    low, high = (np.full((BATCH, CHANNELS, rank), bound) for bound in (0.0, 1.0))
    for bound, beyond in ((low, -1e300), (high, 1e300)):
        wanted = net.forward({"x": x, "samples": bound})
        found = net.forward({"x": x, "samples": np.full_like(bound, beyond)})
        for name, value in wanted.items():
            np.testing.assert_array_equal(found[name], value)
    require_twin(net.forward({"x": x, "samples": low}), twin(kind, torch.tensor(x), low))


@each_kind
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_evaluation_repeats_and_is_torchs_of_one_half(kind: str, dtype: str) -> None:
    net, rank = compiled(kind, dtype), len(SPACES[kind])
    x = batch(kind, BATCH, dtype)
    middle = np.full((BATCH, CHANNELS, rank), 0.5, dtype)
    wanted = twin(kind, torch.tensor(x), middle)
    for _ in range(2):
        require_twin(net.forward({"x": x}), wanted)
        net.forward({"x": x}, training=True)


def test_windows_that_fit_exactly_are_taken_in_3d() -> None:
    """PyTorch asks for an element more; there is one way to lay them, whatever is drawn."""
    layer = {"type": "FractionalMaxPool3d", "kernel_size": 2, "output_size": 3}
    spec = {
        "inputs": {"x": {"shape": [1, 4, 4, 4]}},
        "layers": {"pool": layer},
        "training": {"batch_size": 2},
    }
    net = graphnet.compile(spec, batch_size=2)
    x = np.random.default_rng(3).standard_normal((2, 1, 4, 4, 4)).astype(np.float32)
    plain = torch.nn.MaxPool3d(2, 1)(torch.tensor(x)).numpy()
    np.testing.assert_array_equal(net.forward({"x": x})["pool"], plain)
