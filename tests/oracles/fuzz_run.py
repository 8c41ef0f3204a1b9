"""Compile what a random spec says, and run it in every way: all batch sizes, judging and training."""

from __future__ import annotations

from typing import Any

import numpy as np
from fuzz_specs import Plain
from layer_network import BATCH, with_losses
from numpy.typing import NDArray

import graphnet
from graphnet.api.network import Network
from graphnet.errors import GraphNetError
from graphnet.program import Port

Array = NDArray[Any]
MEMORY = 2**26


def compiled(plain: Plain) -> Network | GraphNetError:
    """Return the network of a spec with a loss for all its results, or what it was refused with."""
    try:
        whole = plain if "loss" in plain else with_losses(plain)
        if "loss" in whole:
            whole = {"optimizer": {"type": "SGD", "lr": 1e-3}, **whole}
        return graphnet.compile(whole, batch_size=BATCH, max_memory=MEMORY)
    except GraphNetError as refusal:
        return refusal


def run(net: Network, chance: np.random.Generator) -> list[Array]:
    """Run a network on batches of every size; return all that it gives."""
    found: list[Array] = []
    trains = net.program.judgement is not None
    wholes = [_batch(net.program.inputs, chance), _batch(net.program.targets, chance)]
    for count in (BATCH, 1, BATCH - 1):
        inputs, targets = ({name: a[:count] for name, a in whole.items()} for whole in wholes)
        found += net.forward(inputs).values()
        if trains:
            found += net.forward(inputs, training=True).values()
            loss, gradients = net.loss_and_gradients(inputs, targets)
            found += [np.asarray(loss), *gradients.values()]
        if trains and net.program.update:
            found.append(np.asarray(net.train_step(inputs, targets)))
    return found


def _batch(ports: tuple[Port, ...], chance: np.random.Generator) -> dict[str, Array]:
    return {port.name: _drawn(port, chance) for port in ports}


def _drawn(port: Port, chance: np.random.Generator) -> Array:
    shape = (BATCH, *port.type.at(1)[1:])
    if port.type.is_float:
        return chance.uniform(0.1, 0.9, shape).astype(port.type.dtype)
    return chance.integers(0, min(port.limit or 2, 2**31), shape)
