"""Lower a network to the instruction list of one routine: train, evaluate or predict."""

from __future__ import annotations

from graphnet.graph import Network
from graphnet.ir import (
    GRADIENT_OF,
    GRADIENTS,
    InstructionList,
    ParameterRow,
    TensorType,
    View,
)
from graphnet.lowering.backward import TEMPORARY, BackwardLowering
from graphnet.lowering.forward import ForwardLowering, needed_layers, vector_length
from graphnet.lowering.parameters import lay_out_parameters
from graphnet.lowering.update import UpdateLowering
from graphnet.ops import OPS, Emitter


def parameter_table(network: Network) -> tuple[ParameterRow, ...]:
    """Return the parameter table that all routines of a network share."""
    return lay_out_parameters(network, needed_layers(network, for_loss=True))


def lower_predict(network: Network, rows: tuple[ParameterRow, ...]) -> InstructionList:
    """Lower to a forward list without a loss, in evaluation mode."""
    e = Emitter(OPS, floats=network.spec.dtype)
    forward = ForwardLowering(e, network, rows)
    forward.lower_layers(needed_layers(network, for_loss=False), training=False)
    return _assemble(e, forward, network, (len(e.instructions), len(e.instructions)), ())


def lower_evaluate(network: Network, rows: tuple[ParameterRow, ...]) -> InstructionList:
    """Lower to a forward list with the loss, in evaluation mode."""
    e = Emitter(OPS, floats=network.spec.dtype)
    forward = ForwardLowering(e, network, rows)
    forward.lower_layers(needed_layers(network, for_loss=True), training=False)
    forward.lower_losses()
    return _assemble(e, forward, network, (len(e.instructions), len(e.instructions)), forward.kept)


def lower_train(
    network: Network, rows: tuple[ParameterRow, ...], *, input_gradients: bool = False
) -> InstructionList:
    """Lower to forward, backward and update lists, in training mode.

    Args:
        network: The checked network; it has a loss.
        rows: The parameter table.
        input_gradients: Whether gradients of the inputs are wanted too; they are called `d:INPUT`.
    """
    e = Emitter(OPS, floats=network.spec.dtype)
    forward = ForwardLowering(e, network, rows)
    forward.lower_layers(needed_layers(network, for_loss=True), training=True)
    loss = forward.lower_losses()
    first = len(e.instructions)
    trainable = [row for row in rows if row.trainable]
    inputs = [t for t in network.spec.inputs if input_gradients and t.type.is_float]
    backward = BackwardLowering(
        e, e.instructions, [row.name for row in trainable] + [tensor.name for tensor in inputs]
    )
    backward.lower(loss)
    kept = [_keep_gradient(e, backward, tensor.name, tensor.type) for tensor in inputs]
    if not trainable:
        return _assemble(e, forward, network, (first, len(e.instructions)), (*forward.kept, *kept))
    flat = TensorType((vector_length(trainable, network.spec.dtype),), network.spec.dtype)
    e.declare(GRADIENTS, flat, "gradient")
    for row in trainable:
        backward.write_gradient(row, View(GRADIENTS, "span", (row.offset,)))
    second = len(e.instructions)
    if network.spec.optimizer is not None and network.groups:
        UpdateLowering(e, network, rows).update()
    return _assemble(e, forward, network, (first, second), (*forward.kept, *kept))


def lower_auxiliary(network: Network, rows: tuple[ParameterRow, ...]) -> dict[str, InstructionList]:
    """Lower what runs between forward, backward and update, by name; nothing for most networks.

    `gather` adds a batch's gradients to those before (accumulate); `ascend` moves the weights between two
    passes over one batch (SAM); `average` takes the weights into their average, and `exchange` puts the
    average in the weights' place and back (ema, swa).
    """
    spec, found = network.spec, {}
    if spec.optimizer is None or not network.groups:
        return {}
    wanted = {
        "gather": spec.tuning.accumulate > 1,
        "ascend": True,
        "average": spec.tuning.averages,
        "exchange": spec.tuning.averages,
    }
    for name in (name for name, asked in wanted.items() if asked):
        e = Emitter(OPS)
        if getattr(UpdateLowering(e, network, rows), name)() is not False:
            found[name] = _update_only(e)
    for name, emit in spec.optimizer.lists().items():
        e = Emitter(OPS)
        UpdateLowering(e, network, rows).own(emit)
        found[name] = _update_only(e)
    return found


def _update_only(e: Emitter) -> InstructionList:
    listing = InstructionList(dict(e.buffers), (), (), (), tuple(e.instructions), (), ())
    return listing.without_unused_buffers()


def _keep_gradient(e: Emitter, backward: BackwardLowering, name: str, kind: TensorType) -> str:
    """Return the name of an input's gradient, a buffer of its own."""
    found = backward.gradient(name)
    if found is not None and found.name == f"{GRADIENT_OF}{name}":
        return found.name
    with e.within(name, prefix=TEMPORARY):
        if found is None:
            axes, zero = tuple(range(kind.rank)), e.constant(0.0, kind.dtype)
            found = e.emit("expand", zero, shape=kind.shape, axes=axes, mean=False)
        else:
            found = e.emit("copy", found)
    return e.rename(found.name, f"{GRADIENT_OF}{name}").name


def _assemble(
    e: Emitter,
    forward: ForwardLowering,
    network: Network,
    cuts: tuple[int, int],
    keep: tuple[str, ...],
) -> InstructionList:
    first, second = cuts
    outputs = tuple(forward.value(reference).name for reference in network.spec.outputs)
    return InstructionList(
        buffers=dict(e.buffers),
        setup=(),
        forward=tuple(e.instructions[:first]),
        backward=tuple(e.instructions[first:second]),
        update=tuple(e.instructions[second:]),
        outputs=outputs,
        keep=keep,
    )
