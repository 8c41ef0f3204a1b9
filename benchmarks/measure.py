"""Measure training steps of graphnet and PyTorch side by side, in turns, in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import graphnet
from benchmarks.networks import Workload

Step = Callable[[], object]
ROUNDS = 9


def graphnet_step(workload: Workload) -> tuple[Step, Any]:
    """Return one training step of graphnet on data already in its buffers, and the network."""
    network = graphnet.compile(workload.spec())
    inputs, targets = workload.data()
    network.train_step(inputs, targets)
    routine = network._executable.routine("train", workload.batch)

    def step() -> None:
        routine.forward()
        routine.backward()
        routine.update()

    return step, network


def torch_step(workload: Workload, *, fused: bool) -> Step:
    """Return one eager training step of the same network in PyTorch."""
    import torch

    model = workload.module(torch)
    loss = torch.nn.CrossEntropyLoss() if workload.classes else torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.001, fused=fused)
    inputs, targets = workload.data()
    x, t = torch.from_numpy(inputs["x"]), torch.from_numpy(targets["t"])
    t = t.flatten() if workload.words else t

    def step() -> None:
        optimizer.zero_grad()
        # Every step of a sequence counts as a sample.
        loss(model(x).flatten(0, -2), t).backward()
        optimizer.step()

    return step


def in_turns(steps: dict[str, Step], count: int) -> dict[str, float]:
    """Return seconds per step of each, the median of blocks run in turns."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    with np.errstate(all="ignore"):
        for step in steps.values():
            for _ in range(max(3, count // 10)):
                step()
        for _ in range(ROUNDS):
            for name, step in steps.items():
                began = time.perf_counter()
                for _ in range(count):
                    step()
                times[name].append((time.perf_counter() - began) / count)
    return {name: statistics.median(values) for name, values in times.items()}
