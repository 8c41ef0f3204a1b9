"""What stands beside an optimizer's own settings: groups, clipping, accumulation, averages, skipped decay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from examples import Array, batch_of, compiled, linear, network, started, step
from optimizing import BATCH, gradients, mlp, start, trained, weights

import graphnet
from graphnet.backend import NumpyExecutable
from graphnet.errors import GraphError, SpecError, SpecErrors
from graphnet.program import program_bytes, read_program
from graphnet.training import Stepper

Weights = dict[str, Array]
NAMES = ("linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias")


def first_gradients(executable: NumpyExecutable) -> Weights:
    data = batch_of(executable.program, BATCH, 0)
    return gradients(weights(executable), data["x"], data["y"])


def one_update(executable: NumpyExecutable) -> Weights:
    return next(trained(executable, 1))


def test_groups_have_settings_of_their_own() -> None:
    groups = [
        {"match": "*.bias", "lr": 0.5, "weight_decay": 0.0},
        {"match": "linear2.*", "lr": 0.25},
    ]
    executable = start({"type": "SGD", "lr": 0.1, "weight_decay": 0.2, "groups": groups})
    p, g = weights(executable), first_gradients(executable)
    after = one_update(executable)
    expected = {
        "linear1.weight": p["linear1.weight"]
        - 0.1 * (g["linear1.weight"] + 0.2 * p["linear1.weight"]),
        "linear2.weight": p["linear2.weight"]
        - 0.25 * (g["linear2.weight"] + 0.2 * p["linear2.weight"]),
        "linear1.bias": p["linear1.bias"] - 0.5 * g["linear1.bias"],
        # The first pattern that matches counts.
        "linear2.bias": p["linear2.bias"] - 0.5 * g["linear2.bias"],
    }
    for name in NAMES:
        np.testing.assert_allclose(after[name], expected[name], rtol=1e-13)


def test_a_group_can_have_another_optimizer() -> None:
    plain = {"type": "Muon", "lr": 0.02, "groups": [{"match": "*.bias", "type": "SGD", "lr": 0.5}]}
    executable = start(plain)
    p, g = weights(executable), first_gradients(executable)
    after = one_update(executable)
    for name in ("linear1.bias", "linear2.bias"):
        np.testing.assert_allclose(after[name], p[name] - 0.5 * g[name], rtol=1e-13)
    assert {row.group for row in executable.program.parameters} == {0, 1}


@pytest.mark.parametrize("name", ["Adam", "RMSprop", "SGD", "Lookahead", "Adafactor", "LAMB"])
def test_groups_that_repeat_the_settings_change_nothing(name: str) -> None:
    own = (
        {"type": name, "optimizer": {"type": "Adam", "lr": 0.02}}
        if name == "Lookahead"
        else {"type": name}
    )
    settings = {"lr": 0.02} if name != "Lookahead" else {}
    same = {"lr": 0.02, "maximize": False}
    plain, apart = start({**own, **settings}), start({
        **own, **settings, "groups": [{"match": "linear2.*", **same}]})  # fmt: skip
    for one, other in zip(trained(plain, 6), trained(apart, 6), strict=True):
        for key in NAMES:
            np.testing.assert_array_equal(one[key], other[key])


@pytest.mark.parametrize("name", ["Adam", "SGD", "RAdam"])
def test_groups_with_equal_results_lie_in_spans_of_their_own(name: str) -> None:
    """A rate that differs by nothing that shows keeps the groups apart, and the numbers the same."""
    near = {"match": "linear2.*", "lr": float(np.nextafter(0.02, 1))}
    plain = start({"type": name, "lr": 0.02})
    apart = start({"type": name, "lr": 0.02, "groups": [near]})
    assert {row.group for row in apart.program.parameters} == {0, 1}
    assert {":lr", ":lr.1"} <= set(apart.scalars)
    for one, other in zip(trained(plain, 6), trained(apart, 6), strict=True):
        for key in NAMES:
            np.testing.assert_allclose(one[key], other[key], rtol=1e-13)


def test_programs_with_groups_survive_their_file() -> None:
    program = compiled(mlp({"type": "Adam", "accumulate": 2, "ema": 0.9, "clip_grad_norm": 1.0,
                            "groups": [{"match": "*.bias", "lr": 0.1}]}))  # fmt: skip
    assert read_program(program_bytes(program), "x") == program
    assert list(program.routines) == [
        "train",
        "evaluate",
        "predict",
        "gather",
        "average",
        "exchange",
    ]


def test_long_vectors_run_in_blocks_group_by_group() -> None:
    layers = {"a": linear(400), "b": linear(300), "c": linear(2)}
    plain: dict[str, Any] = network(
        layers, inputs={"x": {"shape": [300]}}, targets={"y": {"shape": [2]}}, loss="MSELoss",
        dtype="float64",
        optimizer={"type": "AdamW", "clip_grad_norm": 0.1, "groups": [{"match": "b.*", "lr": 0.1}]},
    )  # fmt: skip
    fast = compiled(plain)
    assert {item.block for item in fast.update} > {0}
    slow = compiled(plain, passes=())
    one, other = started(fast), started(slow)
    for number in range(3):
        data = batch_of(fast, BATCH, number)
        assert step(one, data) == pytest.approx(step(other, data), rel=1e-12)
    for name, array in one.parameters.items():
        np.testing.assert_allclose(array, other.parameters[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("groups", "code", "said"),
    [
        ([{"match": "linear3.*"}], "GN208", "no parameter matches 'linear3.*'"),
        ([{"match": "*.bias", "momentun": 0.5}], "GN104", "did you mean 'momentum'?"),
        ([{"match": "*.bias", "lr": -1.0}], "GN106", "expected a number > 0"),
        ([{"match": "*.bias", "type": "Adm"}], "GN107", "did you mean 'Adam'?"),
        ([{"match": "*.bias", "type": "Lookahead"}], "GN107", "no such optimizer"),
        ([{"match": "*.bias", "nesterov": True}], "GN125", "nesterov needs a momentum"),
        ([{"lr": 1.0}], "GN106", "with 'match'"),
        ({"match": "*.bias"}, "GN106", "expected a list of mappings"),
    ],
)
def test_wrong_groups(groups: Any, code: str, said: str) -> None:
    with pytest.raises((SpecError, SpecErrors, GraphError)) as caught:
        compiled(mlp({"type": "SGD", "groups": groups}))
    assert caught.value.code == code
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ema": 0.9, "swa": {"start": 1}}, "GN125"),
        ({"ema": 1.0}, "GN106"),
        ({"accumulate": 0}, "GN106"),
        ({"clip_grad_norm": 0}, "GN106"),
        ({"decay_skip": ["weights"]}, "GN106"),
        ({"clip_grad": 1.0}, "GN104"),
        ({"type": "SAM", "accumulate": 2}, "GN125"),
    ],
)
def test_wrong_keys(more: dict[str, Any], code: str) -> None:
    with pytest.raises((SpecError, SpecErrors)) as caught:
        compiled(mlp({"type": "AdamW", **more}))
    assert caught.value.code == code


@pytest.mark.parametrize("most", [1e-3, 0.05, 1e6])
def test_clipping_by_norm(most: float) -> None:
    executable = start({"type": "SGD", "lr": 1.0, "clip_grad_norm": most})
    p, g = weights(executable), first_gradients(executable)
    after = one_update(executable)
    norm = np.sqrt(sum((part**2).sum() for part in g.values()))
    for name in NAMES:
        wanted = p[name] - g[name] * min(1.0, most / (norm + 1e-6))
        np.testing.assert_allclose(after[name], wanted, rtol=1e-12)


def test_clipping_by_value() -> None:
    executable = start({"type": "SGD", "lr": 1.0, "clip_grad_value": 0.02})
    p, g = weights(executable), first_gradients(executable)
    assert max(np.abs(part).max() for part in g.values()) > 0.02
    after = one_update(executable)
    for name in NAMES:
        wanted = p[name] - np.clip(g[name], -0.02, 0.02)
        np.testing.assert_allclose(after[name], wanted, rtol=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize("most", [0.02, 0.3, 100.0])
def test_torchs_clipping(most: float) -> None:
    torch = pytest.importorskip("torch")
    for key, clip in (
        ("norm", torch.nn.utils.clip_grad_norm_),
        ("value", torch.nn.utils.clip_grad_value_),
    ):
        executable = start({"type": "SGD", "lr": 1.0, f"clip_grad_{key}": most})
        g = first_gradients(executable)
        p = {name: torch.nn.Parameter(torch.tensor(w)) for name, w in weights(executable).items()}
        for name, parameter in p.items():
            parameter.grad = torch.tensor(g[name])
        clip(list(p.values()), most)
        torch.optim.SGD(list(p.values()), lr=1.0).step()
        after = one_update(executable)
        for name in NAMES:
            np.testing.assert_allclose(after[name], p[name].detach().numpy(), rtol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("sizes", [(50,), (7,) * 7 + (1,), (20, 20, 10)])
def test_gathered_gradients_do_not_depend_on_batches(
    sizes: tuple[int, ...], reduction: str
) -> None:
    plain = mlp({"type": "SGD", "lr": 0.5, "accumulate": max(2, len(sizes))})
    plain["loss"] = {"type": "MSELoss", "reduction": reduction}
    plain["training"] = {"batch_size": 50}
    executable = started(compiled(plain))
    data = batch_of(executable.program, 50, 3)
    p, g = weights(executable), gradients(weights(executable), data["x"], data["y"])
    factor = 1.0 if reduction == "mean" else data["y"].size
    stepper, begin = Stepper(executable), 0
    for index, size in enumerate(sizes):
        routine = executable.routine("train", size)
        for name, array in {**routine.inputs, **routine.targets}.items():
            array[...] = data[name][begin : begin + size]
        routine.forward()
        routine.backward()
        begin += size
        assert stepper.finish(routine, size, last=begin == 50) == (index == len(sizes) - 1)
    for name in NAMES:
        wanted = p[name] - 0.5 * factor * g[name]
        np.testing.assert_allclose(executable.parameters[name], wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("size", [7, 25, 50])
def test_runs_that_gather_whole_epochs_are_equal_in_all_batch_sizes(size: int) -> None:
    """50 samples, one update in each epoch: whatever the batches, the weights are the same."""
    chance = np.random.default_rng(1)
    x, y = chance.standard_normal((50, 3)), chance.random((50, 2))
    plain = mlp({"type": "Adam", "lr": 0.05, "accumulate": 8})
    net = graphnet.compile(plain, batch_size=50)
    records = net.fit(x, y, epochs=3, batch_size=size)
    assert [record["updates"] for record in records] == [1, 2, 3]
    whole = graphnet.compile(mlp({"type": "Adam", "lr": 0.05}), batch_size=50)
    whole.fit(x, y, epochs=3, batch_size=50)
    for name in NAMES:
        np.testing.assert_allclose(net.parameters[name], whole.parameters[name], rtol=1e-9)


def test_an_epochs_last_update_takes_what_is_left() -> None:
    chance = np.random.default_rng(1)
    net = graphnet.compile(mlp({"type": "SGD", "accumulate": 3}), batch_size=10)
    x, y = chance.standard_normal((45, 3)), chance.random((45, 2))
    records = net.fit(x, y, epochs=2, batch_size=10)  # 5 batches: updates after 3 and after 5
    assert [record["updates"] for record in records] == [2, 4]


def test_averaged_weights() -> None:
    """Moving averages: the first weights are taken over, then `decay * average + (1 - decay) * p`."""
    executable = start({"type": "SGD", "lr": 0.5, "ema": 0.75})
    stepper, average = Stepper(executable), None
    for number in range(5):
        step(executable, batch_of(executable.program, BATCH, number))
        stepper.average_after_update(number + 1)
        p = weights(executable)
        average = p if average is None else {n: 0.75 * average[n] + 0.25 * p[n] for n in p}
    live = weights(executable)
    with stepper.averaged():
        for name in NAMES:
            np.testing.assert_allclose(executable.parameters[name], average[name], rtol=1e-13)
    for name in NAMES:
        np.testing.assert_array_equal(executable.parameters[name], live[name])


def test_equal_averages() -> None:
    executable = start({"type": "SGD", "lr": 0.5, "swa": {"start": 2}})
    stepper, seen = Stepper(executable), []
    for epoch in range(1, 7):
        step(executable, batch_of(executable.program, BATCH, epoch))
        stepper.average_after_update(epoch)
        stepper.average_after_epoch(epoch)
        if epoch > 2:
            seen.append(weights(executable))
        with stepper.averaged():
            for name in NAMES:
                wanted = (
                    np.mean([p[name] for p in seen], axis=0)
                    if seen
                    else executable.parameters[name]
                )
                np.testing.assert_allclose(executable.parameters[name], wanted, rtol=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize("decay", [None, 0.9])
def test_torchs_averaged_model(decay: float | None) -> None:
    torch = pytest.importorskip("torch")
    from torch.optim import swa_utils

    tuning = {"ema": decay} if decay else {"swa": {"start": 0, "interval": "step"}}
    executable = start({"type": "SGD", "lr": 0.5, **tuning})
    model = torch.nn.ParameterDict(
        {
            name.replace(".", "_"): torch.nn.Parameter(torch.tensor(w))
            for name, w in weights(executable).items()
        }
    )
    function = swa_utils.get_ema_multi_avg_fn(decay) if decay else None
    averaged = swa_utils.AveragedModel(model, multi_avg_fn=function)
    stepper = Stepper(executable)
    for number in range(5):
        step(executable, batch_of(executable.program, BATCH, number))
        stepper.average_after_update(number + 1)
        for name, array in executable.parameters.items():
            model[name.replace(".", "_")].data.copy_(torch.tensor(array))
        averaged.update_parameters(model)
    with stepper.averaged():
        for name, array in executable.parameters.items():
            theirs = averaged.module[name.replace(".", "_")].detach().numpy()
            np.testing.assert_allclose(array, theirs, rtol=1e-12)


def test_decay_is_skipped_for_biases_and_norms() -> None:
    layers = {"linear1": linear(4), "norm1": "BatchNorm1d", "tanh1": "Tanh", "linear2": linear(2)}
    plain = mlp(
        {"type": "AdamW", "lr": 1e-300, "weight_decay": 0.5, "decay_skip": ["bias", "norm"]}
    )
    program = compiled({**plain, "layers": layers})
    groups = {row.name: row.group for row in program.parameters if row.trained}
    assert groups == {
        "linear1.weight": 0, "linear2.weight": 0,
        "linear1.bias": 1, "norm1.weight": 1, "norm1.bias": 1, "linear2.bias": 1,
    }  # fmt: skip
    only_bias = compiled({**mlp({"type": "AdamW", "decay_skip": ["bias"]}), "layers": layers})
    assert next(row.group for row in only_bias.parameters if row.name == "norm1.weight") == 0


def test_a_group_that_says_its_decay_has_it() -> None:
    groups = [{"match": "linear1.bias", "weight_decay": 0.5}]
    plain = {
        "type": "SGD",
        "lr": 0.1,
        "weight_decay": 0.3,
        "decay_skip": ["bias"],
        "groups": groups,
    }
    executable = start(plain)
    p, g = weights(executable), first_gradients(executable)
    after = one_update(executable)
    decays = dict(zip(NAMES, (0.3, 0.5, 0.3, 0.0), strict=True))
    for name, decay in decays.items():
        np.testing.assert_allclose(
            after[name], p[name] - 0.1 * (g[name] + decay * p[name]), rtol=1e-12
        )


def test_what_the_loss_does_not_depend_on_is_left_alone() -> None:
    """PyTorch leaves alone what has no gradient; weight decay would make it smaller."""
    plain = network(
        {"body": linear(3), "seen": linear(2), "aside": linear(4, inputs="body")},
        targets={"y": {"shape": [2]}}, outputs=["seen", "aside"],
        loss={"type": "MSELoss", "input": "seen"}, dtype="float64",
        optimizer={"type": "AdamW", "lr": 0.1, "weight_decay": 0.5},
    )  # fmt: skip
    executable = started(compiled(plain))
    before = weights(executable)
    step(executable, batch_of(executable.program, BATCH, 0))
    moved = {name for name, array in executable.parameters.items() if (array != before[name]).any()}
    assert moved == {"body.weight", "body.bias", "seen.weight", "seen.bias"}
    groups = {row.name: row.group for row in executable.program.parameters}
    assert groups["aside.weight"] == groups["aside.bias"] == -1


def test_everything_is_in_the_memory_bill() -> None:
    least = compiled(mlp("SGD")).memory_by_category()["optimizer state"]
    whole = compiled(mlp({"type": "SGD", "accumulate": 2, "ema": 0.9}))
    bill = whole.memory_by_category()
    vector = whole.lasting[":parameters"].bytes_at(1)
    assert bill["optimizer state"] - least == 2 * (vector + 64)
    assert whole.memory_bytes == sum(bill.values())


def test_fit_leaves_the_averages_and_goes_on_from_them() -> None:
    chance = np.random.default_rng(1)
    x, y = chance.standard_normal((50, 3)), chance.random((50, 2))
    net = graphnet.compile(mlp({"type": "SGD", "lr": 0.5, "ema": 0.5}), batch_size=50)
    first = weights(net._executable)
    net.fit(x, y, epochs=2, batch_size=50)
    p, average = dict(first), None
    for _ in range(2):
        p = {n: p[n] - 0.5 * g for n, g in gradients(p, x, y).items()}
        average = p if average is None else {n: 0.5 * average[n] + 0.5 * p[n] for n in p}
    for name in NAMES:
        np.testing.assert_allclose(net.parameters[name], average[name], rtol=1e-12)
    net.fit(x, y, epochs=1, batch_size=50)
    p = {n: average[n] - 0.5 * g for n, g in gradients(average, x, y).items()}
    for name in NAMES:
        wanted = 0.5 * average[name] + 0.5 * p[name]
        np.testing.assert_allclose(net.parameters[name], wanted, rtol=1e-12)


def test_gradients_of_weighted_samples_gather_by_their_weights() -> None:
    """A weighted mean is divided by the sum of the weights, and so are gradients of several batches."""
    layers = {"linear1": linear(4), "tanh1": "Tanh", "linear2": linear(2)}

    def made(accumulate: int) -> graphnet.Network:
        plain = network(
            layers, targets={"y": {"shape": [2]}, "w": {"shape": []}}, dtype="float64",
            loss={"type": "MSELoss", "target": "y", "sample_weight": "w"},
            optimizer={"type": "SGD", "lr": 0.5, "accumulate": accumulate},
        )  # fmt: skip
        return graphnet.compile(plain, batch_size=30)

    chance = np.random.default_rng(3)
    x, y, w = chance.standard_normal((30, 3)), chance.random((30, 2)), chance.random(30)
    w[:10] = 0.0
    parts, whole = made(5), made(1)
    parts.fit({"x": x}, {"y": y, "w": w}, epochs=2, batch_size=7)
    whole.fit({"x": x}, {"y": y, "w": w}, epochs=2, batch_size=30)
    for name in NAMES:
        np.testing.assert_allclose(parts.parameters[name], whole.parameters[name], rtol=1e-11)
    before = weights(parts._executable)
    parts.fit({"x": x}, {"y": y, "w": 0.0 * w}, epochs=1, batch_size=7)
    for name in NAMES:
        np.testing.assert_array_equal(parts.parameters[name], before[name])


def test_losses_that_are_partly_sums_do_not_gather() -> None:
    plain = mlp({"type": "SGD", "accumulate": 2})
    plain["loss"] = {"a": "MSELoss", "b": {"type": "L1Loss", "reduction": "sum"}}
    with pytest.raises(SpecError, match="all means, or all sums"):
        compiled(plain)
