"""What losses read: several inputs, no target, several targets, weights of samples; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphnet
from graphnet.errors import GraphNetError
from graphnet.spec import load_spec

Plain = dict[str, Any]


def spec(loss: Any, targets: Plain | None = None, **more: Any) -> Plain:
    """Return a spec with layers a, b, c of two numbers each."""
    layers = {name: {"type": "Linear", "inputs": "x", "out_features": 2} for name in "abc"}
    return {
        "inputs": {"x": {"shape": [3]}, "w": {"shape": []}},
        **({"targets": targets} if targets else {}),
        "layers": layers,
        "outputs": ["a"],
        "loss": loss,
        **more,
    }


def problems(plain: Plain) -> list[GraphNetError]:
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(plain)
    return list(getattr(caught.value, "errors", [caught.value]))


LABEL = {"label": {"shape": [], "dtype": "int64"}}
VECTOR = {"t": {"shape": [2]}}
WEIGHT = {"weight": {"shape": []}}


def test_a_loss_may_have_several_inputs_and_no_target() -> None:
    plain = spec({"type": "TripletMarginLoss", "input": ["a", "b", "c"]})
    net = graphnet.compile(plain, batch_size=4)
    x = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    loss = net.train_step({"x": x, "w": np.ones(4, np.float32)}, {})
    assert loss > 0
    assert net.program.targets == ()
    assert net.program.judgement is not None
    assert net.program.judgement.target is None


def test_data_and_fit_without_targets() -> None:
    plain = spec(
        {"type": "InfoNCELoss", "input": ["a", "b"]}, optimizer={"type": "Adam", "lr": 0.02}
    )
    net = graphnet.compile(plain, batch_size=4)
    x = np.random.default_rng(0).standard_normal((10, 3)).astype(np.float32)
    history = net.fit({"x": x, "w": np.ones(10, np.float32)}, epochs=20, batch_size=4)
    assert len(history) == 20
    assert history[-1]["loss"] < history[0]["loss"]


def test_what_is_read_is_written_out() -> None:
    loss = {"type": "CosineEmbeddingLoss", "input": ["a", "b"], "target": "same"}
    read = load_spec(spec(loss, {"same": {"shape": []}, **VECTOR}))
    assert read.losses[0].inputs == ("a", "b")
    assert read.losses[0].targets == ("same",)
    assert read.plain["loss"]["input"] == ["a", "b"]
    assert load_spec(dict(read.plain)).plain == read.plain


def test_weights_are_nobodys_default_target() -> None:
    plain = spec({"type": "MSELoss", "sample_weight": "weight"}, {**WEIGHT, **VECTOR})
    read = load_spec(plain)
    assert read.losses[0].targets == ("t",)
    assert read.losses[0].sample_weight == "weight"
    assert load_spec(dict(read.plain)).plain == read.plain


def test_an_input_may_weigh_samples() -> None:
    net = graphnet.compile(spec({"type": "MSELoss", "sample_weight": "w"}, VECTOR), batch_size=3)
    x = np.random.default_rng(1).standard_normal((3, 3)).astype(np.float32)
    t, w = np.zeros((3, 2), np.float32), np.array([0.0, 0.0, 2.0], np.float32)
    loss, _ = net.loss_and_gradients({"x": x, "w": w}, {"t": t})
    last = net.forward({"x": x, "w": w})["a"][2]
    assert loss == pytest.approx(float((last**2).mean()), rel=1e-6)


REFUSED: list[tuple[Plain, Plain | None, str, str, str]] = [
    ({"type": "TripletMarginLoss"}, None, "GN118", "TripletMarginLoss takes 3 inputs, 0 given",
     "write input: [anchor, positive, negative]"),
    ({"type": "MSELoss", "input": ["a", "b"]}, VECTOR, "GN118", "MSELoss takes 1 input, 2 given",
     "write input: input"),
    ({"type": "TripletMarginLoss", "input": ["a", "b", "c"], "target": "t"}, VECTOR, "GN118",
     "TripletMarginLoss takes 0 targets, 1 given", "remove target"),
    ({"type": "MSELoss", "target": ["t", "u"]}, {**VECTOR, "u": {"shape": [2]}}, "GN118",
     "MSELoss takes 1 target, 2 given", "write target: target"),
    ({"type": "MSELoss"}, None, "GN121", "'loss' without 'targets'", "add targets:, or remove loss:"),
    ({"type": "MSELoss"}, {**VECTOR, "u": {"shape": [2]}}, "GN117", "must say which target",
     "add target: t"),
    ({"type": "MSELoss", "sample_weight": "weight"}, WEIGHT, "GN117",
     "no target to compare with, only weights", "declare another target"),
    ({"type": "MSELoss", "sample_weight": "wieght"}, {**VECTOR, **WEIGHT}, "GN117",
     "must say which target", "add target: t"),
    ({"type": "MSELoss", "target": "t", "sample_weight": "wieght"}, {**VECTOR, **WEIGHT}, "GN116",
     "unknown target 'wieght' as sample_weight", "did you mean 'weight'?"),
    ({"type": "MSELoss", "target": "t", "sample_weight": "x"}, VECTOR, "GN206",
     "sample_weight 'x' is float32[N, 3], not one number for each sample, float32[N]",
     "declare it as x: {shape: []}"),
    ({"type": "MSELoss", "target": "t", "sample_weight": "label"}, {**VECTOR, **LABEL}, "GN206",
     "sample_weight 'label' is int64[N]", "declare it as label: {shape: []}"),
    ({"type": "MSELoss", "input": "z"}, VECTOR, "GN116", "'z'", ""),
    ({"one": {"type": "CrossEntropyLoss", "ignore_index": -1}, "two": {"type": "NLLLoss"}}, LABEL,
     "GN206", "its ignore_index is not set, that of another loss of target 'label' is -1",
     "give both the same ignore_index"),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "targets", "code", "message", "cure"), REFUSED)
def test_refused(loss: Plain, targets: Plain | None, code: str, message: str, cure: str) -> None:
    found = problems(spec(loss, targets))
    assert any(error.code == code and message in error.message for error in found), found
    if cure:
        assert any(error.help == cure for error in found), [error.help for error in found]


def test_metrics_need_a_target() -> None:
    plain = spec({"type": "InfoNCELoss", "input": ["a", "b"]}, metrics=["mse"])
    net = graphnet.compile(plain, batch_size=4)
    x = {"x": np.ones((4, 3), np.float32), "w": np.ones(4, np.float32)}
    with pytest.raises(GraphNetError, match="the loss compares with no target"):
        net.evaluate(x, {})


def test_ignored_targets_may_stand_in_the_data_and_no_others() -> None:
    loss = {"type": "CrossEntropyLoss", "ignore_index": -100}
    net = graphnet.compile(spec(loss, LABEL), batch_size=4)
    x = {"x": np.ones((3, 3), np.float32), "w": np.ones(3, np.float32)}
    net.loss_and_gradients(x, {"label": np.array([0, -100, 1])})
    for wrong in (-1, 2, 100):
        with pytest.raises(GraphNetError, match="is not in 0 to 1, nor -100"):
            net.loss_and_gradients(x, {"label": np.array([0, wrong, 1])})
    strict = graphnet.compile(spec("CrossEntropyLoss", LABEL), batch_size=4)
    with pytest.raises(GraphNetError, match="is not in 0 to 1"):
        strict.loss_and_gradients(x, {"label": np.array([0, -100, 1])})


def test_metrics_leave_ignored_targets_out() -> None:
    loss = {"type": "CrossEntropyLoss", "ignore_index": -100}
    net = graphnet.compile(spec(loss, LABEL, metrics=["accuracy"]), batch_size=4)
    x = np.random.default_rng(2).standard_normal((6, 3)).astype(np.float32)
    given = {"x": x, "w": np.ones(6, np.float32)}
    decided = np.concatenate(
        [net.forward({k: v[at : at + 3] for k, v in given.items()})["a"].argmax(1) for at in (0, 3)]
    )
    labels = np.where(np.arange(6) % 3 == 0, -100, decided)
    assert net.evaluate(given, {"label": labels})["accuracy"] == 1.0
