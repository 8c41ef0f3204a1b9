"""The same network in PyTorch, from the same spec. Import it only after `pytest.importorskip("torch")`."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from runs import LEARNING_RATE, Batch, Snapshot
from torch import Tensor, nn

Array = NDArray[Any]
Plain = dict[str, Any]

COMMON = ("type", "inputs", "trainable", "share")

COMBINED: dict[str, Any] = {"Add": torch.add, "Mul": torch.mul, "Maximum": torch.maximum}


def module_of(keys: Plain, shape: Sequence[int]) -> nn.Module | None:
    """Return the module of a layer that reads values of this shape, or None where it is a plain function."""
    own = {key: value for key, value in keys.items() if key not in COMMON}
    kind = keys["type"]
    if kind in ("Cat", "Transpose") or kind in COMBINED:
        return None
    if kind == "Linear":
        own = {"in_features": shape[-1], **own}
    if kind.startswith("Conv"):
        own = {"in_channels": shape[1], **own}
    if kind.startswith("BatchNorm"):
        own = {"num_features": shape[1], **own}
    if kind == "LayerNorm":
        own = {"normalized_shape": shape[-1], **own}
    if kind in ("Softmax", "LogSoftmax"):
        own = {"dim": -1, **own}
    module: nn.Module = getattr(nn, kind)(**own)
    return module.double()


class TorchNetwork(nn.Module):
    """Modules by layer name, run in the order of the spec."""

    def __init__(self, plain: Plain, data: Batch) -> None:
        """Build the modules; their sizes come out of running a batch through them."""
        super().__init__()
        self.plain = plain
        self.own: dict[str, nn.Module] = {}
        with torch.no_grad():
            self.values(data)

    def values(self, data: Batch) -> dict[str, Tensor]:
        """Return inputs, targets and every layer's result."""
        found = {name: torch.tensor(array) for name, array in data.items()}
        above = next(iter(self.plain["inputs"]))
        for name, given in self.plain["layers"].items():
            keys: Plain = {"type": given} if isinstance(given, str) else given
            reads = keys.get("inputs", above)
            operands = [found[read] for read in ([reads] if isinstance(reads, str) else reads)]
            found[name] = self._applied(name, keys, operands)
            above = name
        return found

    def loss(self, found: Mapping[str, Tensor]) -> Tensor:
        """Return the sum of all losses."""
        total = torch.zeros((), dtype=torch.float64)
        for keys in self.plain["loss"].values():
            source, target = found[keys["input"]], found[keys["target"]]
            if "dim" in keys:
                source = source.movedim(keys["dim"], 1).contiguous()
            term: Tensor = getattr(nn, keys["type"])(reduction=keys["reduction"])(source, target)
            total = total + keys["scale"] * term
        return total

    def _applied(self, name: str, keys: Plain, operands: list[Tensor]) -> Tensor:
        kind = keys["type"]
        if kind == "Cat":
            return torch.cat(operands, keys.get("dim", 1))
        if kind == "Transpose":
            return operands[0].transpose(keys["dim0"], keys["dim1"])
        if kind in COMBINED:
            return functools.reduce(COMBINED[kind], operands)
        if name not in self.own:
            self.own[name] = self._made(name, keys, operands[0])
        result: Tensor = self.own[name](operands[0])
        return result

    def _made(self, name: str, keys: Plain, operand: Tensor) -> nn.Module:
        if "share" in keys:
            return self.own[keys["share"]]
        module = module_of(keys, operand.shape)
        if module is None:
            raise TypeError(f"{keys['type']} is no module")
        self.add_module(name.replace(".", "_"), module)
        return module.requires_grad_(keys.get("trainable", True))


def optimizer_of(plain: Plain, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """Return PyTorch's optimizer with the spec's settings."""
    keys = {key: value for key, value in plain["optimizer"].items() if key != "type"}
    maker: Any = getattr(torch.optim, plain["optimizer"]["type"])
    made: torch.optim.Optimizer = maker(parameters, **{**keys, "lr": LEARNING_RATE})
    return made


def torch_trained(
    plain: Plain, weights: Mapping[str, Array], batches: Sequence[Batch]
) -> Iterator[Snapshot]:
    """Train, judge and predict as `runs.trained` does."""
    model = TorchNetwork(plain, batches[0])
    state = model.state_dict(keep_vars=True)
    for name, value in weights.items():
        state[name].data.copy_(torch.tensor(value))
    held = {name: tensor for name, tensor in state.items() if name in weights}
    parameters = {n: t for n, t in held.items() if isinstance(t, nn.Parameter) and t.requires_grad}
    optimizer = optimizer_of(plain, list(parameters.values())) if parameters else None
    for step, data in enumerate([*batches, batches[-1], batches[-1]]):
        model.train(step < len(batches))
        found = model.values(data)
        seen = {f"output{name}:": found[name] for name in plain["outputs"]}
        if step <= len(batches):
            seen["loss:"] = model.loss(found)
        if step < len(batches) and optimizer is not None:
            optimizer.zero_grad()
            if seen["loss:"].requires_grad:
                seen["loss:"].backward()  # type: ignore[no-untyped-call]
            for n, tensor in parameters.items():
                # What the loss does not depend on has no gradient in PyTorch; here it is 0.
                grad = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad.clone()
                seen[f"gradient:{n}"] = grad
            optimizer.step()
        for name, tensor in held.items():
            seen[f"{'weight' if isinstance(tensor, nn.Parameter) else 'statistic'}:{name}"] = tensor
        yield {name: np.array(tensor.detach().numpy()) for name, tensor in seen.items()}
