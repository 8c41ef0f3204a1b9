"""LBFGS: against torch's, against its own search conditions, and through a run that is interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import batch_of
from hypothesis import given
from hypothesis import strategies as st
from optimizing import BATCH, gradients, mlp, start, weights
from resuming import StopAfter, left, rich_spec

import graphnet
from graphnet.compiler import compile_spec
from graphnet.errors import SpecError
from graphnet.training import Stepper
from graphnet.training.line_search import FLATTER, LESS, Point, Search, interpolated


def updates(executable: Any, count: int) -> list[float]:
    """Take updates on one batch; return the loss before each."""
    routine, stepper = executable.routine("train", BATCH), Stepper(executable)
    data = batch_of(executable.program, BATCH, 0)
    for name, array in {**routine.inputs, **routine.targets}.items():
        array[...] = data[name]
    losses = []
    for _ in range(count):
        routine.forward()
        assert routine.loss is not None
        losses.append(float(routine.loss.item()))
        routine.backward()
        assert stepper.finish(routine, BATCH)
    return losses


# Without a search, or with a short memory, later steps enlarge rounding: fewer are compared.
CASES: list[tuple[dict[str, Any], int]] = [
    ({}, 20),
    ({"lr": 0.1}, 1),
    ({"lr": 0.5, "history_size": 4, "max_iter": 6}, 2),
    ({"line_search_fn": "strong_wolfe"}, 20),
    ({"line_search_fn": "strong_wolfe", "history_size": 3}, 1),
    ({"line_search_fn": "strong_wolfe", "lr": 5.0, "max_iter": 4}, 20),
    ({"line_search_fn": "strong_wolfe", "lr": 1e3, "max_iter": 2}, 10),
    ({"line_search_fn": "strong_wolfe", "max_iter": 5, "max_eval": 3}, 20),
    ({"tolerance_grad": 1e-3}, 20),
    ({"tolerance_change": 1e-2}, 20),
]


@pytest.mark.oracle
@pytest.mark.parametrize(("settings", "count"), CASES, ids=str)
def test_torchs_updates(settings: dict[str, Any], count: int) -> None:
    torch = pytest.importorskip("torch")
    executable = start({"type": "LBFGS", **settings})
    p = {name: torch.nn.Parameter(torch.tensor(w)) for name, w in weights(executable).items()}
    optimizer = torch.optim.LBFGS(list(p.values()), **settings)
    data = batch_of(executable.program, BATCH, 0)
    x, y = torch.tensor(data["x"]), torch.tensor(data["y"])

    def closure() -> Any:
        optimizer.zero_grad()
        hidden = torch.tanh(x @ p["linear1.weight"].T + p["linear1.bias"])
        loss = torch.nn.functional.mse_loss(hidden @ p["linear2.weight"].T + p["linear2.bias"], y)
        loss.backward()
        return loss

    for _ in range(count):
        (loss,) = updates(executable, 1)
        assert loss == pytest.approx(optimizer.step(closure).item(), rel=1e-9)
        for name, array in executable.parameters.items():
            np.testing.assert_allclose(array, p[name].detach().numpy(), rtol=1e-8, atol=1e-9)
    state = optimizer.state[optimizer._params[0]]
    assert executable.states[":state.func_evals"].item() == state["func_evals"]
    assert executable.states[":state.n_iter"].item() == state["n_iter"]


def test_it_finds_the_bottom() -> None:
    executable = start({"type": "LBFGS", "line_search_fn": "strong_wolfe"})
    losses = updates(executable, 6)
    assert losses[-1] < 1e-6 * losses[0]
    data = batch_of(executable.program, BATCH, 0)
    slopes = gradients(weights(executable), data["x"], data["y"])
    assert max(np.abs(g).max() for g in slopes.values()) < 1e-4


@given(st.floats(-3, 3), st.floats(0.05, 3), st.floats(-2, 2), st.floats(0.01, 100), st.booleans())
def test_the_search_ends_where_its_conditions_hold(
    a: float, b: float, c: float, first: float, wavy: bool
) -> None:
    """On smooth lines that fall at first and rise in the end."""

    def loss(t: float) -> float:
        return b * (t - 1.5) ** 2 + (a * np.sin(c * t) if wavy else 0.0)

    def slope(t: float) -> float:
        return 2 * b * (t - 1.5) + (a * c * np.cos(c * t) if wavy else 0.0)

    begin = Point(0.0, loss(0.0), slope(0.0), 0)
    if begin.slope > -1e-3:
        return
    slots: set[int] = set()

    def evaluate(size: float, slot: int) -> Point:
        slots.add(slot)
        return Point(size, loss(size), slope(size), slot)

    found = Search(begin, evaluate, most=60, tolerance=1e-12, reach=1.0).run(first)
    assert found.loss <= begin.loss + LESS * found.size * begin.slope
    assert abs(found.slope) <= -FLATTER * begin.slope
    assert slots <= {0, 1, 2, 3}


def test_cubics_are_met_exactly() -> None:
    def cubic(t: float) -> Point:
        return Point(t, t**3 - 3 * t, 3 * t**2 - 3, 0)  # lowest at 1

    for one, other in ((0.0, 3.0), (3.0, 0.0), (0.5, 1.2)):
        assert interpolated(cubic(one), cubic(other)) == pytest.approx(1.0, rel=1e-12)
    assert interpolated(cubic(1.5), cubic(3.0)) == 1.5


@pytest.mark.parametrize(
    "more",
    [
        {"accumulate": 2},
        {"clip_grad_norm": 1.0},
        {"groups": [{"match": "*.bias", "lr": 0.1}]},
        {"maximize": True},
    ],
)
def test_what_does_not_go_with_it(more: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        compile_spec(mlp({"type": "LBFGS", **more}))
    assert caught.value.code == "GN125"


def test_a_run_goes_on_in_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = {**rich_spec("float64", epochs=4), "scheduler": None}
    spec["optimizer"] = {
        "type": "LBFGS",
        "max_iter": 3,
        "history_size": 4,
        "line_search_fn": "strong_wolfe",
    }
    program, stop = compile_spec(spec), StopAfter(monkeypatch)
    stop.train(program, tmp_path / "whole")
    for update in (1, 7, 12):
        stop.train(program, tmp_path / f"parts{update}", until=update)
        stop.train(program, tmp_path / f"parts{update}", resume=True)
        assert left(tmp_path / f"parts{update}") == left(tmp_path / "whole")


def test_in_python() -> None:
    chance = np.random.default_rng(0)
    x = chance.standard_normal((40, 3))
    net = graphnet.compile(mlp({"type": "LBFGS", "line_search_fn": "strong_wolfe"}), batch_size=40)
    records = net.fit(x, np.tanh(x[:, :2]), epochs=5, batch_size=40)
    assert records[-1]["loss"] < 0.01 * records[0]["loss"]
    loss = net.train_step({"x": x}, {"y": np.tanh(x[:, :2])})
    assert loss < records[-1]["loss"]
