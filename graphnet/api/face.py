"""Face: how a network is called and shown, and what it says for what only a module of PyTorch has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from graphnet.api.doors import only_input
from graphnet.backend import Array
from graphnet.errors import counted
from graphnet.program import Program

_MODES = "forward and predict compute without dropout; forward(..., training=True) and train_step with it"
_UNMOVED = "everything runs on the processor; dtype stands in the spec"
_LAYERS = "net.program.spec['layers'] holds the layers"
_INSTEAD = {
    "eval": _MODES,
    "train": f"net.fit(inputs, targets) trains; {_MODES}",
    "backward": "net.loss_and_gradients(inputs, targets) returns both",
    "zero_grad": "leave it out: every call works gradients out anew",
    "named_parameters": "net.parameters is a mapping from names to arrays",
    "named_buffers": "net.buffers is a mapping from names to arrays",
    "requires_grad_": "write trainable: false in the layers to be frozen",
    **dict.fromkeys(("to", "cpu", "cuda", "float", "double", "half"), _UNMOVED),
    **dict.fromkeys(("modules", "named_modules", "children", "named_children"), _LAYERS),
}
"""By name of what a torch.nn.Module has: what a network has for it."""


class Face(ABC):
    """Base of a network: what is called with a batch, `net(x)`, and shown."""

    program: Program

    @abstractmethod
    def forward(
        self, inputs: Mapping[str, ArrayLike], *, training: bool = False, copy: bool = True
    ) -> dict[str, Array]:
        """Return the outputs for one batch."""

    def __call__(
        self, inputs: Mapping[str, ArrayLike] | ArrayLike, *, training: bool = False
    ) -> dict[str, Array] | Array:
        """Return what `forward` does; for one array where there is one input, the first output.

        Args:
            inputs: Arrays (N, ...) by input name, or one array where there is one input.
            training: Behave as in training.
        """
        if isinstance(inputs, Mapping):
            return self.forward(inputs, training=training)
        given = {only_input(self.program): inputs}
        return next(iter(self.forward(given, training=training).values()))

    def __str__(self) -> str:
        return str(self.program)

    def __repr__(self) -> str:
        own = self.program
        size = f"{counted(len(own.spec['layers']), 'layer')}, {counted(own.parameter_count, 'parameter')}"
        return f"<graphnet.Network {own.name}: {size}, batches of up to {own.batch_size}>"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Refuse what there is not, and say what there is for it."""
            told = f": {_INSTEAD[name]}" if name in _INSTEAD else ""
            raise AttributeError(f"a Network has no {name!r}{told}", name=name, obj=self)
