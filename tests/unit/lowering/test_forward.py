"""Forward lists: exact ops and names, which layers are needed, flat parameter vectors."""

from __future__ import annotations

import pytest
from examples import NETWORKS, linear, network
from lists import lines, lowered, ops

from graphnet.ir import FROZEN, LOSS, PARAMETERS, View, verify
from graphnet.ops import OPS


@pytest.mark.parametrize("name", list(NETWORKS))
def test_every_list_verifies_as_lowered(name: str) -> None:
    for routine in ("train", "evaluate", "predict") if "loss" in NETWORKS[name] else ("predict",):
        verify(lowered(NETWORKS[name], routine), OPS)


def test_a_small_network() -> None:
    assert lines(lowered(NETWORKS["tanh"]).forward) == [
        "linear1/matmul = matmul(x, linear1.weight)",
        "linear1 = add(linear1/matmul, linear1.bias)",
        "tanh1 = tanh(linear1)",
        "linear2/matmul = matmul(tanh1, linear2.weight)",
        "linear2 = add(linear2/matmul, linear2.bias)",
        "loss:loss/sub = sub(linear2, y)",
        "loss:loss/square = square(loss:loss/sub)",
        ":loss = mean(loss:loss/square)",
    ]


def test_class_losses_and_log_probabilities() -> None:
    assert lines(lowered(NETWORKS["log_softmax"]).forward)[2:] == [
        "out = log_softmax(linear1)",
        "loss:loss/base_positions = base_positions()",
        "loss:loss/pick = pick(out, y, loss:loss/base_positions)",
        "loss:loss/scale = scale(loss:loss/pick)",
        ":loss = mean(loss:loss/scale)",
    ]


def test_several_losses_are_scaled_and_added() -> None:
    assert lines(lowered(NETWORKS["two_losses"]).forward)[-7:] == [
        "loss:kind/softmax_cross_entropy = softmax_cross_entropy(kind, y, loss:kind/base_positions)",
        "loss:kind/mean = mean(loss:kind/softmax_cross_entropy)",
        "loss:size/sub = sub(size, height)",
        "loss:size/square = square(loss:size/sub)",
        "loss:size/mean = mean(loss:size/square)",
        "loss:size/scale = scale(loss:size/mean)",
        ":loss = add(loss:kind/mean, loss:size/scale)",
    ]


def test_routines_differ_where_layers_do() -> None:
    plain = NETWORKS["batch_norm"]
    assert "normalize" in ops(lowered(plain).forward)
    for routine in ("evaluate", "predict"):
        made = ops(lowered(plain, routine).forward)
        assert "normalize" not in made
        assert {"sqrt", "div"} <= set(made)
    assert "dropout_mask" in ops(lowered(NETWORKS["dropout"]).forward)
    assert "dropout_mask" not in ops(lowered(NETWORKS["dropout"], "evaluate").forward)


def test_predict_has_neither_targets_nor_losses() -> None:
    listing = lowered(NETWORKS["tanh"], "predict")
    assert "y" not in listing.buffers
    assert LOSS not in listing.buffers
    assert (listing.outputs, listing.keep) == (("linear2",), ())
    assert lowered(NETWORKS["tanh"], "evaluate").keep == (LOSS,)


def test_layers_that_only_a_loss_needs_are_not_predicted() -> None:
    plain = network(
        {"a": linear(2), "b": linear(2, inputs="x")},
        outputs=["a"],
        targets={"y": {"shape": [2]}},
        loss={"only": {"type": "MSELoss", "input": "b"}},
    )
    assert not any(name.startswith("b:") for name in lowered(plain, "predict").buffers)
    assert "b/matmul" in lowered(plain, "evaluate").buffers


def test_parameters_are_aligned_parts_of_flat_vectors() -> None:
    buffers = lowered(NETWORKS["shared"]).buffers
    assert buffers[PARAMETERS].type.shape == (16 + 16 + 16 + 16,)
    assert buffers[FROZEN].type.shape == (32,)
    assert {
        name: buffer.view for name, buffer in buffers.items() if "." in name and buffer.view
    } == {
        "linear1.weight": View(PARAMETERS, "span", (0,)),
        "linear1.bias": View(PARAMETERS, "span", (16,)),
        "linear3.weight": View(PARAMETERS, "span", (32,)),
        "linear3.bias": View(PARAMETERS, "span", (48,)),
        "frozen.weight": View(FROZEN, "span", (0,)),
        "frozen.bias": View(FROZEN, "span", (16,)),
        "d:linear1.weight": View(":gradients", "span", (0,)),
        "d:linear1.bias": View(":gradients", "span", (16,)),
        "d:linear3.weight": View(":gradients", "span", (32,)),
        "d:linear3.bias": View(":gradients", "span", (48,)),
    }


def test_layers_that_share_read_their_owners_parameters() -> None:
    made = lines(lowered(NETWORKS["shared"]).forward)
    assert "linear2/matmul = matmul(tanh1, linear1.weight)" in made
    assert "linear2 = add(linear2/matmul, linear1.bias)" in made


def test_shared_statistics_move_twice() -> None:
    plain = network(
        {"a": "BatchNorm1d", "b": {"type": "BatchNorm1d", "share": "a"}},
        targets={"y": {"shape": [3]}},
        loss="MSELoss",
    )
    made = lines(lowered(plain).forward)
    assert sum(text.startswith("+a.num_batches_tracked = ") for text in made) == 2


def test_a_layer_that_emits_nothing_passes_its_input_on() -> None:
    plain = network({"same": "Identity", "drop": {"type": "Dropout", "p": 0.0}, "t": "Tanh"})
    assert lines(lowered(plain, "predict").forward) == ["t = tanh(x)"]
    alone = lowered(network({"same": "Identity"}), "predict")
    assert (alone.forward, alone.outputs) == ((), ("x",))
