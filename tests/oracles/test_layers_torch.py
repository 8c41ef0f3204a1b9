"""Every layer against PyTorch's module in float64: results, gradients, statistics, weights both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from closeness import require_close
from layer_case import LayerCase
from layer_cases import EACH_LAYER, LAYER_LABELS
from layer_network import BATCH, LayerNetwork, case_spec, layer_network
from numpy.typing import NDArray

import graphnet
from graphnet.errors import UsageError

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning"),
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True:UserWarning"),
]

Array = NDArray[Any]
COMPARED = [
    pytest.param(*each, id=label)
    for each, label in zip(EACH_LAYER, LAYER_LABELS, strict=True)
    if each[2].torch is not None
]
compared = pytest.mark.parametrize(("kind", "number", "case"), COMPARED)


class Twin:
    """PyTorch's module with a network's weights."""

    def __init__(self, it: LayerNetwork, case: LayerCase) -> None:
        """Build it and give it the weights, all of them and no others."""
        self.case, self.names = case, case.names
        assert case.torch is not None
        made = case.torch(torch)
        self.module = made.double() if isinstance(made, torch.nn.Module) else None
        self.function = made
        if self.module is not None:
            state = {
                self.names.get(name, name): torch.tensor(value)
                for name, value in it.own_weights.items()
            }
            self.module.load_state_dict(state, strict=True)

    def train(self, mode: bool) -> None:
        if self.module is not None:
            self.module.train(mode)

    def __call__(self, inputs: list[Any]) -> list[Any]:
        made = self.case.call(self.function, *inputs)
        return list(made) if isinstance(made, (tuple, list)) else [made]

    def held(self, name: str) -> Any:
        """Return a parameter or statistic by its own name."""
        state = self.module.state_dict(keep_vars=True) if self.module is not None else {}
        return state[self.names.get(name, name)]


def tensors(inputs: list[Array], *, follow: bool) -> list[Any]:
    return [torch.tensor(x, requires_grad=follow and x.dtype.kind == "f") for x in inputs]


@compared
def test_evaluation(kind: str, number: int, case: LayerCase) -> None:
    it = layer_network(kind, number, "float64")
    it.reset()
    twin = Twin(it, case)
    twin.train(False)
    for count in (BATCH, 1):
        inputs = case.inputs(count, seed=1)
        with torch.no_grad():
            wanted = twin(tensors(inputs, follow=False))
        require_equal(it.forward(inputs), wanted, case.rtol)


def require_equal(made: list[Array], wanted: list[Any], rtol: float) -> None:
    assert len(made) == len(wanted)
    for index, (found, tensor) in enumerate(zip(made, wanted, strict=True)):
        right = tensor.detach().numpy()
        assert found.shape == right.shape
        scale = float(np.abs(right).max(initial=0.0)) if right.dtype.kind == "f" else 0.0
        require_close(found, right, f"result {index}", rtol=rtol, scale=scale)


@compared
def test_training(kind: str, number: int, case: LayerCase) -> None:
    it = layer_network(kind, number, "float64")
    if case.random or not it.trains:
        pytest.skip("random, or not trained")
    it.reset()
    twin = Twin(it, case)
    twin.train(True)
    inputs = case.inputs(BATCH - 1, seed=2)
    held = tensors(inputs, follow=True)
    results = twin(held)
    targets = [torch.tensor(t) for t in it.targets(BATCH - 1).values()]
    floats = [r for r in results if r.is_floating_point()]
    total = sum(((r - t) ** 2).sum() for r, t in zip(floats, targets, strict=True))
    if total.requires_grad:
        total.backward()
    loss, gradients = it.gradients(inputs)
    require_close(np.asarray(loss), total.detach().numpy(), "loss", rtol=case.rtol)
    for name, gradient in gradients.items():
        source = held[int(name[1:])] if name not in it.own_weights else twin.held(name)
        right = np.zeros(gradient.shape) if source.grad is None else source.grad.numpy()
        scale = float(np.abs(right).max(initial=0.0))
        require_close(gradient, right, f"d:{name}", rtol=case.rtol, scale=scale)
    for name, value in it.net.buffers.items():
        right = twin.held(name.removeprefix("it.")).detach().numpy()
        require_close(value, right, name, rtol=case.rtol)
    it.reset()


@compared
def test_state_dict_fits_the_module(kind: str, number: int, case: LayerCase) -> None:
    """PyTorch's state loads here under the same names, shapes and types, and comes back the same."""
    it = layer_network(kind, number, "float64")
    it.reset()
    twin = Twin(it, case)
    if twin.module is None:
        pytest.skip("a function has no weights")
    back = {own: name for name, own in case.names.items()}
    state = {
        f"it.{back.get(name, name)}": value.numpy()
        for name, value in twin.module.state_dict().items()
    }
    assert {name: value.shape for name, value in state.items()} == {
        name: value.shape for name, value in it.net.state_dict().items()
    }
    it.net.load_state_dict(state)
    for name, value in it.net.state_dict().items():
        assert np.array_equal(value, state[name])
    it.reset()


@compared
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_first_values_are_torchs(kind: str, number: int, case: LayerCase, dtype: str) -> None:
    """The torch stream draws PyTorch's numbers from the same seed: every bit in float32.

    In float64 the bounds differ in the last place: PyTorch multiplies sqrt(3) by a gain to get 1. Sums with
    them are rounded at their size, however small the number that is left.
    """
    assert case.torch is not None
    if case.starts_otherwise:
        pytest.skip(case.starts_otherwise)
    plain = case_spec(kind, case, dtype)
    stream = {"initialization": {"stream": "torch"}}
    try:
        net = graphnet.compile({**plain, "seed": 3, "training": {**plain["training"], **stream}})
    except UsageError as error:
        if error.code != "GN712":
            raise
        pytest.skip("not drawn uniformly")
    torch.set_default_dtype(torch.float64 if dtype == "float64" else torch.float32)
    try:
        torch.manual_seed(3)
        module = case.torch(torch)
    finally:
        torch.set_default_dtype(torch.float32)
    if not isinstance(module, torch.nn.Module):
        pytest.skip("a function has no weights")
    state = module.state_dict()
    bounds = {row.name: abs(row.draw.b) for row in net.program.parameters}
    for name, value in net.state_dict().items():
        own = name.removeprefix("it.")
        right = state[case.names.get(own, own)].numpy()
        rtol = 0.0 if dtype == "float32" else 4e-16
        scale = float(np.abs(right).max(initial=bounds[name]))
        require_close(value, right, name, rtol=rtol, scale=scale)
