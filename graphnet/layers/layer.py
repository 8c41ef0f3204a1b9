"""Layer: what users name in YAML, written once as a composition of ops."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Entry
from graphnet.ir import Draw, TensorType
from graphnet.ops import Emitter, Value


class LayerError(ValueError):
    """A layer does not fit its inputs; `message` says how, `help` the smallest cure, `key` where if known."""

    def __init__(
        self,
        message: str,
        help: str = "",  # noqa: A002 - as in GraphNetError
        key: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.key = key


@dataclass(frozen=True)
class Initial:
    """How a parameter starts: an initializer's name and its settings, as in YAML."""

    type: str
    settings: Mapping[str, float | str]


@dataclass(frozen=True)
class Parameter:
    """A parameter or a running statistic that a layer declares.

    Attributes:
        type: Shape (never symbolic) and element type.
        initial: Initializer where the spec names none; or what it starts as beside others of the layer,
            which the distribution's `source` and `entry` name.
        fan_in: Inputs per output element, which several initializers scale by.
        trained: False for running statistics: saved with the weights, changed by the forward pass only.
        zero_row: Row that starts at zero whatever the initializer; -1 for none.
        order: Place in which torch draws it among the layer's parameters; as declared where equal.
        called: The parameter it stands for, which `init` may name in its place.
    """

    type: TensorType
    initial: Initial | Draw
    fan_in: int = 1
    trained: bool = True
    zero_row: int = -1
    order: int = 0
    called: str = ""


@dataclass(frozen=True, kw_only=True)
class Layer(Entry):
    """Base of all layers: hyper-parameters, parameters, and the ops they stand for."""

    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    """Least and greatest number of inputs; None for no limit."""
    output_dims: ClassVar[Mapping[str, int]] = {}
    """Dimension of parameters that counts outputs, where it is not the first."""
    moves: ClassVar[slice] = slice(None)
    """Inputs whose whole numbers the results are made of, where these are whole numbers."""

    @property
    def results(self) -> tuple[str, ...]:
        """Names of the results, which may depend on settings; the first is what the bare name means."""
        return ("output",)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs the layer cannot take.

        Raises:
            LayerError: With both shapes and the values of any formula.
        """

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return the layer's parameters by torch's names, in torch's order.

        Args:
            inputs: Types of the inputs.
            dtype: The network's floating point type.
        """
        return {}

    def index_limit(self, inputs: Sequence[TensorType]) -> int | None:
        """Return the number that whole-number inputs must stay below, or None."""
        return None

    def index_bound(self, inputs: Sequence[TensorType]) -> int | None:
        """Return the number that whole-number results stay below; None where inputs are moved there."""
        return None

    @abstractmethod
    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value | tuple[Value, ...]:
        """Emit the layer's ops and return its results."""
