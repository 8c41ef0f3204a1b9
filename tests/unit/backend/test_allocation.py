"""Nothing is allocated in a step.

What Python and NumPy take for themselves is bounded and does not depend on the size of the batch:
NumPy makes an iterator of about 1 KB for a call that broadcasts or reduces (5 KB for `add.at`), and
gives it a buffer of up to 8192 elements, which the tests make as small as NumPy allows so that
arrays would stand out. Python keeps up to 100 floats that were given back.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from examples import NETWORKS, TRAINED, batch_of, compiled, fill, linear, network, started
from layer_cases import LAYER_CASES
from layer_network import case_spec, with_losses
from loss_cases import LOSS_CASES
from loss_network import case_spec as loss_case_spec

from graphnet.optimizers import OPTIMIZERS
from graphnet.training import Stepper

BATCH = 1024
"""So many samples that the smallest array of a step, a number per sample, has 4 KB."""
ITERATOR = 1500
SCATTER = 6000
KEPT_FLOATS = 100 * 24


@dataclass(frozen=True)
class Traced:
    """Bytes above those at the start: kept for good, kept at most, and kept in arrays."""

    grown: int
    peak: int
    arrays: int


@pytest.fixture(autouse=True)
def smallest_buffers() -> Iterator[None]:
    size = np.setbufsize(16)
    # Looking through all that other tests have left behind would take a second before each of these.
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()
    np.setbufsize(size)


def traced(
    plain: dict[str, Any],
    steps: int,
    routine_name: str = "train",
    batch: int = BATCH,
    **options: Any,
) -> Traced:
    program = compiled(plain, batch_size=batch, **options)
    executable = started(program)
    routine = executable.routine(routine_name, batch)
    fill(routine, batch_of(program, batch))
    stepper = Stepper(executable)

    def run(count: int) -> None:
        for _ in range(count):
            if routine_name == "train":
                stepper.step(routine)
            else:
                routine.forward()

    with np.errstate(all="ignore"):
        run(10)
        tracemalloc.start()
        try:
            run(60)
            start = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            run(steps)
            now, peak = tracemalloc.get_traced_memory()
            only_arrays = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
            left = tracemalloc.take_snapshot().filter_traces([only_arrays])
        finally:
            tracemalloc.stop()
    return Traced(now - start, peak - start, sum(trace.size for trace in left.traces))


@pytest.mark.parametrize("name", TRAINED)
def test_training_allocates_nothing(name: str) -> None:
    found = traced(NETWORKS[name], 200)
    assert found.arrays == 0
    assert found.grown <= KEPT_FLOATS + 200
    assert found.peak <= (SCATTER if name == "words" else ITERATOR) + max(found.grown, 0)


@pytest.mark.parametrize("kind", list(LAYER_CASES))
def test_no_layer_keeps_anything(kind: str) -> None:
    plain = with_losses(case_spec(kind, LAYER_CASES[kind].cases[0], "float32"))
    if "loss" not in plain:
        pytest.skip("nothing to train")
    found = traced({**plain, "optimizer": "SGD"}, 30, batch=64)
    assert found.arrays == 0
    assert found.grown <= KEPT_FLOATS + 200


@pytest.mark.parametrize("kind", ["FractionalMaxPool2d", "FractionalMaxPool3d"])
@pytest.mark.parametrize("number", [0, 1], ids=["given", "drawn"])
def test_windows_at_random_places_allocate_nothing(kind: str, number: int) -> None:
    plain = with_losses(case_spec(kind, LAYER_CASES[kind].cases[number], "float32"))
    for routine in ("train", "evaluate"):
        found = traced(plain, 30, routine, input_gradients=True)
        assert found.arrays == 0
        assert found.peak <= SCATTER + max(found.grown, 0)


@pytest.mark.parametrize("kind", list(LOSS_CASES))
def test_no_loss_keeps_anything(kind: str) -> None:
    for case in LOSS_CASES[kind].cases:
        plain = loss_case_spec(kind, case, "float32", sample_weight="w")
        found = traced(plain, 30, batch=64, input_gradients=True)
        assert found.arrays == 0
        assert found.grown <= KEPT_FLOATS + 200


TUNED: list[dict[str, Any]] = [
    {"type": "SGD", "accumulate": 3, "clip_grad_norm": 1.0, "clip_grad_value": 0.1},
    {"type": "Adam", "ema": 0.9, "groups": [{"match": "*.bias", "lr": 0.1}]},
    {"type": "LBFGS", "line_search_fn": "strong_wolfe", "max_iter": 5, "history_size": 3},
]


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, *TUNED], ids=str)
def test_no_optimizer_allocates_anything(optimizer: Any) -> None:
    plain = network(
        {"a": linear(64)},
        inputs={"x": {"shape": [64]}},
        targets={"y": {"shape": [64]}},
        loss="MSELoss",
        optimizer=optimizer,
    )
    found = traced(plain, 200, batch=64)
    assert found.arrays == 0
    # LBFGS has a Python number for each of the 100 changes it remembers while it goes through them.
    numbers = 6000 if optimizer == "LBFGS" else 0
    assert found.peak <= ITERATOR + KEPT_FLOATS + numbers < 64 * 64 * 4


@pytest.mark.parametrize("name", list(NETWORKS))
def test_predicting_allocates_nothing(name: str) -> None:
    found = traced(NETWORKS[name], 200, "predict")
    assert found.arrays == 0
    assert found.peak <= ITERATOR


def test_more_steps_take_no_more() -> None:
    few, many = (traced(NETWORKS["logits"], steps) for steps in (200, 800))
    assert abs(many.grown - few.grown) <= KEPT_FLOATS + 200
    assert abs(many.peak - few.peak) <= KEPT_FLOATS + 200


def test_the_measurement_sees_an_array() -> None:
    """A control: one array of a number per sample would be seen."""
    tracemalloc.start()
    try:
        start = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(3):
            np.empty(BATCH, np.float32)
        peak = tracemalloc.get_traced_memory()[1] - start
    finally:
        tracemalloc.stop()
    assert peak >= 4 * BATCH > ITERATOR + KEPT_FLOATS
