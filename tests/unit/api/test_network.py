"""Network: what Python users do with a compiled network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import NETWORKS, TRAINED, batch_of, linear, network, started

import graphnet
from graphnet.errors import ArtifactError, DataError, GraphNetError, UsageError
from graphnet.training import Summary

X = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]])
Y = np.array([[0.0, 1.0], [1.0, 0.0]])


@pytest.fixture
def net() -> graphnet.Network:
    return graphnet.compile(NETWORKS["tanh"])


def batch(
    net: graphnet.Network, count: int, seed: int = 0
) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays = batch_of(net.program, count, seed)
    inputs = {port.name: arrays[port.name] for port in net.program.inputs}
    return inputs, {port.name: arrays[port.name] for port in net.program.targets}


def by_hand(net: graphnet.Network, x: np.ndarray) -> np.ndarray:
    p = net.parameters
    hidden = np.tanh(x @ p["linear1.weight"].T + p["linear1.bias"])
    made: np.ndarray = hidden @ p["linear2.weight"].T + p["linear2.bias"]
    return made


def test_forward_computes_what_the_layers_say(net: graphnet.Network) -> None:
    out = net.forward({"x": X})
    assert list(out) == ["linear2"]
    assert out["linear2"].dtype == np.float32
    np.testing.assert_allclose(out["linear2"], by_hand(net, X), rtol=1e-6)
    np.testing.assert_array_equal(net.forward({"x": X.tolist()})["linear2"], out["linear2"])


def test_parameters_are_live(net: graphnet.Network) -> None:
    assert list(net.parameters) == [
        "linear1.weight",
        "linear1.bias",
        "linear2.weight",
        "linear2.bias",
    ]
    net.parameters["linear2.weight"][...] = 0.0
    net.parameters["linear2.bias"][...] = [5.0, 7.0]
    assert net.forward({"x": X})["linear2"].tolist() == [[5.0, 7.0], [5.0, 7.0]]


def test_copies_are_kept_and_views_are_overwritten(net: graphnet.Network) -> None:
    kept = net.forward({"x": X})["linear2"]
    view = net.forward({"x": X}, copy=False)["linear2"]
    before = kept.copy()
    np.testing.assert_array_equal(view, before)
    net.forward({"x": X * 2})
    np.testing.assert_array_equal(kept, before)
    assert not np.array_equal(view, before)
    assert not np.shares_memory(kept, view)
    _, grads = net.loss_and_gradients({"x": X}, {"y": Y})
    _, views = net.loss_and_gradients({"x": X}, {"y": Y}, copy=False)
    for name, array in grads.items():
        np.testing.assert_array_equal(views[name], array)
        assert not np.shares_memory(views[name], array)
    assert np.shares_memory(views["linear1.weight"], net._executable.gradients["d:linear1.weight"])


def test_loss_and_gradients(net: graphnet.Network) -> None:
    loss, grads = net.loss_and_gradients({"x": X}, {"y": Y})
    gap = by_hand(net, X) - Y
    assert loss == pytest.approx(float((gap**2).mean()), rel=1e-6)
    assert list(grads) == list(net.parameters)
    np.testing.assert_allclose(grads["linear2.bias"], (gap / 2).sum(0), rtol=1e-5)
    assert net.loss_and_gradients({"x": X}, {"y": Y})[0] == loss, "nothing was updated"


def test_input_gradients_where_asked_for() -> None:
    net = graphnet.compile(NETWORKS["tanh"], input_gradients=True, overrides={"dtype": "float64"})
    _, grads = net.loss_and_gradients({"x": X}, {"y": Y})
    assert list(grads) == [*net.parameters, "x"]
    step = 1e-6
    for place in np.ndindex(X.shape):
        moved = X.copy()
        moved[place] += step
        above = net.loss_and_gradients({"x": moved}, {"y": Y})[0]
        moved[place] -= 2 * step
        below = net.loss_and_gradients({"x": moved}, {"y": Y})[0]
        assert grads["x"][place] == pytest.approx((above - below) / (2 * step), rel=1e-6)


def test_train_step_moves_along_the_gradient() -> None:
    net = graphnet.compile(NETWORKS["tanh"], overrides={"dtype": "float64", "optimizer.lr": 0.5})
    before = net.state_dict()
    expected, grads = net.loss_and_gradients({"x": X}, {"y": Y})
    assert net.train_step({"x": X}, {"y": Y}) == expected
    for name, array in net.parameters.items():
        np.testing.assert_allclose(array, before[name] - 0.5 * grads[name], rtol=1e-15)


def test_a_rate_for_one_step_only() -> None:
    plain = {
        **NETWORKS["tanh"],
        "scheduler": {"type": "ExponentialLR", "gamma": 0.5, "interval": "step"},
    }
    net = graphnet.compile(plain, overrides={"dtype": "float64", "optimizer.lr": 0.5})
    before = net.state_dict()
    net.train_step({"x": X}, {"y": Y}, lr=0.0)
    for name, array in net.parameters.items():
        np.testing.assert_array_equal(array, before[name])
    _, grads = net.loss_and_gradients({"x": X}, {"y": Y})
    net.train_step({"x": X}, {"y": Y})
    np.testing.assert_allclose(
        net.parameters["linear2.bias"], before["linear2.bias"] - 0.5 * grads["linear2.bias"]
    )


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -1.0, "0.1", None])
def test_wrong_rates(net: graphnet.Network, rate: Any) -> None:
    before = net.state_dict()
    if rate is None:
        net.train_step({"x": X}, {"y": Y}, lr=None)
        return
    with pytest.raises(UsageError) as caught:
        net.train_step({"x": X}, {"y": Y}, lr=rate)
    assert caught.value.code == "GN719"
    for name, array in before.items():
        np.testing.assert_array_equal(net.parameters[name], array)


def test_every_pass_in_training_draws_the_next_numbers() -> None:
    net = graphnet.compile(NETWORKS["dropout"])
    inputs, targets = batch(net, 4)
    drawn = [net.forward(inputs, training=True)["linear2"] for _ in range(2)]
    net.loss_and_gradients(inputs, targets)
    drawn.append(net.forward(inputs, training=True)["linear2"])
    executable = started(net.program)
    for turn, expected in zip((0, 1, 3), drawn, strict=True):
        executable.streams.clock[...] = turn
        routine = executable.routine("train", 4)
        routine.inputs["x"][...] = inputs["x"]
        routine.forward()
        np.testing.assert_array_equal(routine.outputs["linear2"], expected)


def test_training_behaviour_is_asked_for() -> None:
    net = graphnet.compile(NETWORKS["dropout"])
    inputs, _ = batch(net, 4)
    first = net.forward(inputs)["linear2"]
    np.testing.assert_array_equal(net.forward(inputs)["linear2"], first)
    drawn = [net.forward(inputs, training=True)["linear2"] for _ in range(2)]
    assert not np.array_equal(drawn[0], first)
    assert not np.array_equal(drawn[0], drawn[1])
    norm = graphnet.compile(NETWORKS["batch_norm"])
    inputs, _ = batch(norm, 4)
    norm.forward(inputs)
    assert norm.buffers["norm1.num_batches_tracked"] == 0
    norm.forward(inputs, training=True)
    assert norm.buffers["norm1.num_batches_tracked"] == 1


def test_state_dicts(net: graphnet.Network) -> None:
    norm = graphnet.compile(NETWORKS["batch_norm"])
    assert list(norm.state_dict()) == [*norm.parameters, *norm.buffers]
    state = net.state_dict()
    assert not any(np.shares_memory(array, net.parameters[name]) for name, array in state.items())
    other = graphnet.compile({**NETWORKS["tanh"], "seed": 5})
    assert not np.array_equal(other.parameters["linear1.weight"], state["linear1.weight"])
    other.load_state_dict(state)
    np.testing.assert_array_equal(
        other.forward({"x": X})["linear2"], net.forward({"x": X})["linear2"]
    )
    other.load_state_dict({name: array.tolist() for name, array in state.items()})
    np.testing.assert_array_equal(other.parameters["linear1.weight"], state["linear1.weight"])


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"linear2.bias": None}, "missing: linear2.bias"),
        ({"linear9.bias": np.zeros(2)}, "unknown: linear9.bias"),
        ({"linear2.bias": np.zeros((1, 2))}, "linear2.bias is [1, 2], the network has [2]"),
        ({"linear2.bias": np.array(["a", "b"])}, "linear2.bias holds no numbers"),
        ({"linear2.bias": np.array([1j, 2j])}, "linear2.bias holds no numbers"),
        ({"linear2.bias": [[1.0], [1.0, 2.0]]}, ""),
    ],
)
def test_weights_that_do_not_fit_change_nothing(
    net: graphnet.Network, change: dict[str, Any], note: str
) -> None:
    before = net.state_dict()
    given = {**{name: array + 1 for name, array in before.items()}, **change}
    given = {name: array for name, array in given.items() if array is not None}
    with pytest.raises(ArtifactError) as caught:
        net.load_state_dict(given)
    assert caught.value.code == "GN461"
    assert note in " ".join(caught.value.notes)
    for name, array in before.items():
        np.testing.assert_array_equal(net.parameters[name], array)


def test_saving_and_loading(net: graphnet.Network, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    for name in ("tanh", "batch_norm", "words"):
        one = graphnet.compile(NETWORKS[name])
        if one.buffers:
            one.forward(batch(one, 4)[0], training=True)
        one.save(path)
        other = graphnet.compile({**NETWORKS[name], "seed": 9})
        other.load(str(path))
        for key, array in one.state_dict().items():
            np.testing.assert_array_equal(other.state_dict()[key], array)
    with pytest.raises(ArtifactError) as caught:
        net.load(path)
    assert caught.value.code == "GN461"


def test_predict_takes_any_number_of_samples(net: graphnet.Network) -> None:
    x = np.random.default_rng(0).standard_normal((20, 3))
    whole = net.predict(x)
    assert isinstance(whole, np.ndarray)
    np.testing.assert_allclose(whole, by_hand(net, x), rtol=1e-5, atol=1e-6)
    named = net.predict({"x": x})
    assert isinstance(named, dict)
    np.testing.assert_array_equal(named["linear2"], whole)
    for start in range(0, 20, 6):
        part = net.forward({"x": x[start : start + 6]})["linear2"]
        np.testing.assert_array_equal(part, whole[start : start + 6])


def test_one_array_for_several_inputs_is_refused() -> None:
    words = graphnet.compile(NETWORKS["words"])
    with pytest.raises(UsageError) as caught:
        words.predict(np.zeros((2, 3)))
    assert caught.value.code == "GN717"
    assert caught.value.notes == ("inputs: word, x",)


def test_evaluate_weighs_the_last_batch_by_its_size() -> None:
    plain = {**NETWORKS["classes"], "metrics": ["accuracy"], "dtype": "float64"}
    net = graphnet.compile(plain)
    inputs, targets = batch(net, 20)
    found = net.evaluate(inputs, targets)
    scores = net.predict(inputs)
    assert isinstance(scores, dict)
    x, label = scores["linear2"], targets["y"]
    losses = np.log(np.exp(x).sum(1)) - x[np.arange(20), label]
    assert found["loss"] == pytest.approx(float(losses.mean()), rel=1e-12)
    assert found["accuracy"] == (x.argmax(1) == label).mean()


def test_evaluate_adds_summed_losses_up() -> None:
    net = graphnet.compile({**NETWORKS["probabilities"], "dtype": "float64"})
    inputs, targets = batch(net, 15)
    p = net.predict(inputs)
    assert isinstance(p, dict)
    out, t = p["sigmoid1"], targets["y"]
    expected = -(t * np.log(out) + (1 - t) * np.log(1 - out)).sum()
    assert net.evaluate(inputs, targets)["loss"] == pytest.approx(float(expected), rel=1e-12)


def test_the_program_can_be_looked_at(net: graphnet.Network) -> None:
    assert str(net) == str(net.program)
    assert net.memory_bytes == net.program.memory_bytes
    assert net.program.memory.arena_bytes >= net.program.memory.lower_bound


def test_a_network_is_called_as_in_torch(net: graphnet.Network) -> None:
    expected = net.forward({"x": X})
    np.testing.assert_array_equal(net(X), expected["linear2"])
    np.testing.assert_array_equal(net({"x": X})["linear2"], expected["linear2"])


def test_weights_in_part(net: graphnet.Network) -> None:
    before = net.state_dict()
    given = {"linear1.bias": before["linear1.bias"] + 1, "head.weight": np.zeros(3)}
    with pytest.raises(GraphNetError) as caught:
        net.load_state_dict(given)
    assert caught.value.code == "GN461"
    assert "strict=False" in caught.value.help
    left = net.load_state_dict(given, strict=False)
    assert left.missing_keys == [name for name in before if name != "linear1.bias"]
    assert left.unexpected_keys == ["head.weight"]
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, given.get(name, before[name]))
    with pytest.raises(GraphNetError) as caught:
        net.load_state_dict({"linear1.bias": np.zeros(9)}, strict=False)
    assert caught.value.code == "GN461"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("eval", "forward and predict compute without dropout"),
        ("train", r"net.fit\(inputs, targets\) trains"),
        ("named_parameters", "net.parameters is a mapping"),
        ("cuda", "everything runs on the processor"),
        ("nonsense", "a Network has no 'nonsense'$"),
    ],
)
def test_what_only_modules_of_torch_have(net: graphnet.Network, name: str, told: str) -> None:
    assert not hasattr(net, name)
    with pytest.raises(AttributeError, match=told):
        getattr(net, name)


def test_parameters_are_no_call(net: graphnet.Network) -> None:
    with pytest.raises(TypeError, match="leave the parentheses out") as caught:
        net.parameters()
    assert isinstance(caught.value, GraphNetError)


@pytest.mark.parametrize("source", [5, object(), [1]])
def test_no_spec_at_all(source: Any) -> None:
    with pytest.raises(UsageError, match="expected a path, YAML text or a mapping") as caught:
        graphnet.compile(source)
    assert caught.value.code == "GN741"


REFUSED: list[tuple[Any, Any, type[GraphNetError], str, str]] = [
    ({}, {"y": Y}, UsageError, "GN717", "no input 'x' was given"),
    ({"x": X, "z": X}, {"y": Y}, UsageError, "GN717", "the network has no input 'z'"),
    (
        {"xx": X},
        {"y": Y},
        UsageError,
        "GN717",
        "no input 'x' was given, and the network has no input 'xx'",
    ),
    ({"x": X}, {}, UsageError, "GN717", "no target 'y' was given"),
    ({"x": X, "y": Y}, {}, UsageError, "GN717", "no input 'y'"),
    (X, {"y": Y}, UsageError, "GN717", "arrays are given by name"),
    ({"x": X}, None, UsageError, "GN717", "arrays are given by name"),
    ({"x": X[:1]}, {"y": Y}, DataError, "GN320", "'x' has 1 rows, 'y' has 2"),
    ({"x": X[:, :2]}, {"y": Y}, DataError, "GN319", "'x' is declared [3]"),
    ({"x": X[0]}, {"y": Y}, DataError, "GN320", "rows"),
    ({"x": np.zeros((0, 3))}, {"y": np.zeros((0, 2))}, DataError, "GN303", "has no rows"),
    ({"x": X * np.nan}, {"y": Y}, DataError, "GN321", "nan in row 1"),
    ({"x": X}, {"y": Y + np.inf}, DataError, "GN321", "inf in row 1"),
    ({"x": X * 1e300}, {"y": Y}, DataError, "GN324", "too large for float32"),
    ({"x": [["a", "b", "c"]] * 2}, {"y": Y}, DataError, "GN313", "x"),
    ({"x": np.zeros((7, 3))}, {"y": np.zeros((7, 2))}, UsageError, "GN711", "a batch of 7"),
]


@pytest.mark.parametrize(("inputs", "targets", "kind", "code", "words"), REFUSED)
def test_what_does_not_fit_is_refused(
    net: graphnet.Network,
    inputs: Any,
    targets: Any,
    kind: type[GraphNetError],
    code: str,
    words: str,
) -> None:
    before = net.state_dict()
    for narrow in (False, True):
        given = [narrowed(group) if narrow else group for group in (inputs, targets)]
        for call in (net.train_step, net.loss_and_gradients):
            with pytest.raises(kind) as caught, np.errstate(over="ignore"):
                call(*given)
            wanted = "GN321" if narrow and code == "GN324" else code
            assert caught.value.code == wanted
            assert words in caught.value.message or narrow
    for name, array in before.items():
        np.testing.assert_array_equal(net.parameters[name], array)


def narrowed(group: Any) -> Any:
    """Return arrays in float32, which need no conversion and so take the quick way in."""
    if not isinstance(group, dict):
        return group
    with np.errstate(over="ignore"):
        return {
            name: value.astype(np.float32) if isinstance(value, np.ndarray) else value
            for name, value in group.items()
        }


@pytest.mark.parametrize(
    ("word", "code"), [([[9, 0]], "GN323"), ([[-1, 0]], "GN323"), ([[0.5, 1]], "GN322")]
)
def test_whole_numbers_stay_within_their_table(word: list[list[float]], code: str) -> None:
    words = graphnet.compile(NETWORKS["words"])
    for value in (word, np.array(word)):
        for x in (np.zeros((1, 3)), np.zeros((1, 3), np.float32)):
            with pytest.raises(DataError) as caught:
                words.forward({"word": value, "x": x})
            assert caught.value.code == code


def test_numbers_without_a_row_are_refused() -> None:
    net = graphnet.compile(NETWORKS["classes"])
    for label in (np.array(2), np.int64(2), 2, np.array(2.0, np.float32)):
        with pytest.raises(DataError) as caught:
            net.train_step({"x": np.zeros((1, 3), np.float32)}, {"y": label})
        assert caught.value.code == "GN303"


def test_batches_of_different_length_are_refused_on_the_quick_way_too() -> None:
    net = graphnet.compile(NETWORKS["classes"])
    with pytest.raises(DataError) as caught:
        net.train_step({"x": np.zeros((3, 3), np.float32)}, {"y": np.zeros(2, np.int64)})
    assert caught.value.code == "GN320"


@pytest.mark.parametrize(
    "value",
    [
        X.astype(np.float32),
        X.astype(np.float16),
        X.astype(np.int32),
        np.asfortranarray(X),
        X[::-1][::-1],
    ],
)
def test_arrays_of_any_kind_of_number_and_layout(net: graphnet.Network, value: np.ndarray) -> None:
    whole = np.round(X) if value.dtype == np.int32 else X
    expected = net.forward({"x": whole.astype(value.dtype).astype(np.float64)})["linear2"]
    np.testing.assert_array_equal(net.forward({"x": value})["linear2"], expected)


def test_a_network_without_loss_only_predicts() -> None:
    net = graphnet.compile(NETWORKS["no_loss"])
    assert net.forward({"x": X})["softmax1"].shape == (2, 4)
    for call in (
        lambda: net.forward({"x": X}, training=True),
        lambda: net.loss_and_gradients({"x": X}, {}),
    ):
        with pytest.raises(UsageError) as caught:
            call()
        assert caught.value.code == "GN710"
    with pytest.raises(UsageError) as caught:
        net.train_step({"x": X}, {})
    assert caught.value.code == "GN716"
    with pytest.raises(UsageError) as caught:
        net.evaluate({"x": X}, {})
    assert caught.value.code == "GN713"


def test_a_frozen_network_has_nothing_to_train() -> None:
    plain = network(
        {"a": linear(2, trainable=False)}, targets={"y": {"shape": [2]}}, loss="MSELoss"
    )
    net = graphnet.compile(plain)
    with pytest.raises(UsageError) as caught:
        net.train_step({"x": X}, {"y": Y})
    assert caught.value.code == "GN716"
    assert net.loss_and_gradients({"x": X}, {"y": Y})[1] == {}


@contextmanager
def strict() -> Iterator[None]:
    """What a careful user may have set: every oddity of floating point numbers raises."""
    with np.errstate(all="raise"):
        yield


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("size", [1.0, 1e4, 1e30])
def test_the_users_floating_point_settings_change_nothing(name: str, size: float) -> None:
    """Overflow and invalid values in between are part of several stable formulas."""
    results = []
    for setting in (np.errstate(), strict()):
        net = graphnet.compile(NETWORKS[name])
        inputs, targets = batch(net, 6)
        inputs = {k: v * np.float32(size) if v.dtype.kind == "f" else v for k, v in inputs.items()}
        with setting:
            found: list[Any] = [net.train_step(inputs, targets) for _ in range(2)]
            found += [net.loss_and_gradients(inputs, targets), net.forward(inputs)]
            found += [net.forward(inputs, training=True), net.predict(inputs)]
            found.append(net.evaluate(inputs, targets)["loss"])
        results.append((found, net.state_dict()))
    np.testing.assert_equal(results[0], results[1])


def test_inputs_as_large_as_float32_goes_pass_without_a_warning(net: graphnet.Network) -> None:
    huge = np.full((2, 3), np.finfo(np.float32).max, np.float32)
    with strict():
        out = net.forward({"x": huge})["linear2"]
    assert np.isfinite(out).all()


def test_what_python_shows_of_a_network_and_of_a_run() -> None:
    net = graphnet.compile(NETWORKS["tanh"])
    count = sum(array.size for array in net.parameters.values())
    layers = len(net.program.spec["layers"])
    assert repr(net) == (
        f"<graphnet.Network {net.program.name}: {layers} layers, {count} parameters, "
        f"batches of up to {net.program.batch_size}>"
    )
    plain = {"name": "mlp", "status": "finished", "epochs": 3,
             "loss": {"last_batch": 1.0, "train": 0.25, "validation": 0.5, "test": None}}  # fmt: skip
    assert repr(Summary(plain, Path("runs/mlp/0001"))) == (
        "<Summary of mlp: finished after epoch 3, train loss 0.25, validation loss 0.5; runs/mlp/0001>"
    )


def test_a_wrong_name_of_a_parameter_is_answered_with_the_right_one() -> None:
    net = graphnet.compile(NETWORKS["tanh"])
    with pytest.raises(KeyError) as caught:
        net.parameters["linear1.wieght"]
    assert isinstance(caught.value, UsageError)
    assert (caught.value.code, caught.value.help) == ("GN717", "did you mean 'linear1.weight'?")
    assert str(caught.value).startswith("error[GN717]: ")
    assert "linear1.wieght" not in net.parameters
    assert net.parameters.get("linear1.wieght") is None


def test_a_parameter_is_filled_and_not_replaced() -> None:
    net = graphnet.compile(NETWORKS["tanh"])
    before = net.state_dict()
    with pytest.raises(TypeError, match="GN719") as caught:
        net.parameters["linear1.weight"] = before["linear1.weight"] + 1
    assert isinstance(caught.value, UsageError)
    assert caught.value.help == "fill it: parameters['linear1.weight'][...] = value"
    np.testing.assert_array_equal(net.parameters["linear1.weight"], before["linear1.weight"])
