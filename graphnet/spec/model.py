"""Spec: the validated, resolved declaration. Frozen; every part knows where it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphnet.errors import Position
from graphnet.initializers import Initializer
from graphnet.ir import TensorType
from graphnet.layers import Layer, Parameter, Parametrization, put_together, taken_apart
from graphnet.losses import Loss, Regularizer
from graphnet.ops import Emitter, Value
from graphnet.optimizers import Constraint, Optimizer, Tuning
from graphnet.recipe import Data, Training
from graphnet.schedulers import Scheduler

if TYPE_CHECKING:
    from graphnet.metrics import Metric


@dataclass(frozen=True)
class TensorSpec:
    """An input or a target.

    Attributes:
        name: As other sections refer to it.
        type: Shape with the symbolic batch in front, and element type.
        classes: For class indices: how many classes there are.
        where: Where it was written.
    """

    name: str
    type: TensorType
    classes: int | None
    where: Position | None


@dataclass(frozen=True)
class LayerSpec:
    """One layer of the network, blocks already expanded.

    Attributes:
        name: Unique; `stage1.0.conv1` for layers inside blocks.
        layer: Its type with all hyper-parameters.
        inputs: References it reads: `name` or `name.result`, defaults resolved.
        init: Initializer entries by parameter name, where the spec gives any.
        parametrization: How parameters are worked out from others, by name, where the spec says so.
        trainable: False where its parameters are frozen.
        share: Layer whose parameters it uses, or None.
        where: Where its type was written.
        positions: Where its values were written (`out_features`, `inputs`, `inputs.0`,
            `init.weight`, ...), and its name, as `name`.
    """

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    init: Mapping[str, Initializer]
    trainable: bool
    share: str | None
    where: Position | None
    positions: Mapping[str, Position]
    parametrization: Mapping[str, Parametrization]

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return what is trained or kept of the layer, by torch's names.

        Raises:
            LayerError: When a parameter cannot be worked out as `parametrization` says.
        """
        own = self.layer.parameters(inputs, dtype)
        return taken_apart(self.layer, own, self.parametrization)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value | tuple[Value, ...]:
        """Emit the parameters that are worked out, then the layer's ops; return its results."""
        whole = put_together(self.layer, e, parameters, self.parametrization, training=training)
        return self.layer.emit(e, inputs, whole, training=training)


@dataclass(frozen=True)
class LossSpec:
    """One term of the loss: `scale * loss(inputs, targets)`.

    Attributes:
        name: Unique; `loss` where the spec names none.
        loss: Its type with all hyper-parameters.
        inputs: References to the layers' results it reads, one for each of the loss's input roles.
        targets: Names of the targets it compares with, one for each of the loss's target roles.
        scale: Factor in the sum of all losses.
        sample_weight: Target or input that says how much each sample counts, or None.
        where: Where its type was written.
        positions: Where its values were written.
    """

    name: str
    loss: Loss
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    scale: float
    sample_weight: str | None
    where: Position | None
    positions: Mapping[str, Position]

    @property
    def reads(self) -> tuple[str, ...]:
        """Everything it refers to: inputs, targets, and the weights of samples."""
        return (*self.inputs, *self.targets, *filter(None, (self.sample_weight,)))


@dataclass(frozen=True)
class Spec:
    """A whole spec with every default written out.

    Attributes:
        regularizers: What is added to the loss so that parameters or results stay small.
        constraints: What parameters are brought back to after every update.
        tuning: What is done to gradients and weights around the optimizer.
        metrics: Their types with all settings, in the order of the spec, no name in results twice.
        plain: The same declaration as plain data, all defaults resolved: what is hashed, stored in
            a Program and written to a run's `spec.yaml`. Reading it again gives an equal one.
        positions: Where the values of the top-level sections were written, by dotted path.
    """

    name: str
    description: str
    dtype: str
    seed: int
    inputs: tuple[TensorSpec, ...]
    targets: tuple[TensorSpec, ...]
    layers: tuple[LayerSpec, ...]
    outputs: tuple[str, ...]
    losses: tuple[LossSpec, ...]
    metrics: tuple[Metric, ...]
    regularizers: tuple[Regularizer, ...]
    constraints: tuple[Constraint, ...]
    optimizer: Optimizer | None
    tuning: Tuning
    scheduler: Scheduler | None
    data: Data | None
    training: Training
    plain: Mapping[str, Any]
    positions: Mapping[str, Position]

    @property
    def scheduled_settings(self) -> frozenset[str]:
        """Settings beside the learning rate that the scheduler changes."""
        found = {} if self.scheduler is None else self.scheduler.scheduled()
        return frozenset(found) - {"lr"}
