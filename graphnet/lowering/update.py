"""Lower the optimizer to the update list over the flat vectors."""

from __future__ import annotations

from graphnet.ir import LEARNING_RATE, STATE, TensorType
from graphnet.ops import Emitter, Value
from graphnet.optimizers import Optimizer, ParameterVector


def lower_update(e: Emitter, optimizer: Optimizer, p: Value, g: Value) -> None:
    """Emit one update of all trainable parameters.

    Args:
        e: Where instructions go.
        optimizer: Its hyper-parameters are written into the instructions.
        p: Flat vector of the parameters, (P,).
        g: Flat vector of their gradients, (P,).
    """
    e.role = "workspace"

    def make_state(name: str, single: bool) -> Value:
        kind = TensorType((), "float64") if single else p.type
        return e.declare(f"{STATE}{name}", kind, "state", fill=0.0)

    lr = e.declare(LEARNING_RATE, TensorType((), "float64"), "scalar")
    with e.within("optimizer", prefix=":"):
        optimizer.emit(e, ParameterVector(p, g, lr, make_state))
