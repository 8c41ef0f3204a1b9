"""Programs: what they offer to those who look."""

from __future__ import annotations

import pytest
from examples import NETWORKS, compiled, linear, network

from graphnet.errors import ResourceError
from graphnet.program import flops, total_flops


def test_lists_are_those_of_the_main_routine() -> None:
    program = compiled(NETWORKS["tanh"])
    assert list(program.routines) == ["train", "evaluate", "predict"]
    assert program.main is program.routines["train"]
    assert program.forward == program.main.listing.forward
    assert program.backward == program.main.listing.backward
    assert program.update == program.main.listing.update
    assert program.memory is program.main.plan
    assert [len(part) > 0 for part in (program.forward, program.backward, program.update)] == [
        True
    ] * 3


def test_without_a_loss_there_is_one_routine() -> None:
    program = compiled(NETWORKS["no_loss"])
    assert list(program.routines) == ["predict"]
    assert (program.backward, program.update, program.judgement) == ((), (), None)


def test_parameters_are_counted_without_statistics() -> None:
    layers = {"a": linear(5), "norm": "BatchNorm1d", "b": linear(2, trainable=False)}
    program = compiled(network(layers))
    assert program.parameter_count == 5 * 3 + 5 + 5 + 5 + 2 * 5 + 2
    assert sum(row.trained for row in program.parameters) == 6


def test_the_parameter_table_lies_trainable_first_each_vector_from_zero() -> None:
    layers = {
        "b": linear(5),
        "a": linear(5, trainable=False),
        "c2": linear(2),
        "c10": linear(2),
        "norm": "BatchNorm1d",
    }
    rows = compiled(network(layers)).parameters
    assert [(row.name, row.offset) for row in rows] == [
        ("b.weight", 0),
        ("b.bias", 16),
        ("c2.weight", 32),
        ("c2.bias", 48),
        ("c10.weight", 64),
        ("c10.bias", 80),
        ("norm.weight", 96),
        ("norm.bias", 112),
        ("a.weight", 0),
        ("a.bias", 32),
        ("norm.running_mean", -1),
        ("norm.running_var", -1),
        ("norm.num_batches_tracked", -1),
    ]
    assert [row.trainable for row in rows] == [True] * 8 + [False] * 5


def test_operations_are_counted() -> None:
    plain = network({"a": linear(5), "t": "Tanh"}, inputs={"x": {"shape": [3]}})
    listing = compiled(plain).routines["predict"].listing
    by_op = {item.op: flops(item, listing, 10) for item in listing.forward}
    assert by_op == {"matmul": 2 * 10 * 3 * 5, "add": 50, "tanh": 50}
    assert total_flops(listing.forward, listing, 10) == 400
    words = compiled(NETWORKS["words"]).routines["predict"].listing
    moved = {item.op: flops(item, words, 4) for item in words.forward}
    assert moved["gather_rows"] == moved["concat"] == 0


def test_every_step_of_a_recurrence_is_counted() -> None:
    plain = network(
        {"a": {"type": "LSTM", "hidden_size": 2}},
        inputs={"x": {"shape": [7, 3]}},
        targets={"y": {"shape": [7, 2]}},
        loss="MSELoss",
    )
    listing = compiled(plain).routines["train"].listing
    by_op = {item.op: flops(item, listing, 10) for item in listing.instructions}
    # Four gates of two features, of two features each, for seven steps of ten samples.
    assert by_op["lstm_sequence"] == by_op["lstm_sequence_gradient"] == 2 * (8 * 2) * (7 * 10)


def test_operations_of_a_convolution_are_those_of_its_products() -> None:
    # 2 images, 6 results of 5 x 4 windows, each the sum of 3 x 3 taps of 4 / 2 channels.
    plain = {
        "inputs": {"x": {"shape": [4, 5, 4]}},
        "targets": {"t": {"shape": [6, 5, 4]}},
        "layers": {
            "same": {"type": "Conv2d", "out_channels": 4, "kernel_size": 1},
            "conv": {
                "type": "Conv2d",
                "out_channels": 6,
                "kernel_size": 3,
                "padding": 1,
                "groups": 2,
            },
        },
        "loss": "MSELoss",
        "optimizer": "SGD",
    }
    listing = compiled(plain).routines["train"].listing
    counted = [
        flops(item, listing, 2)
        for item in listing.forward + listing.backward
        if item.layer == "conv" and item.op.startswith("conv")
    ]
    assert counted == [2 * (2 * 6 * 5 * 4) * (3 * 3 * 2)] * 3


def test_too_much_memory_is_refused_before_anything_is_allocated() -> None:
    plain = network({"a": linear(200_000)}, inputs={"x": {"shape": [200_000]}})
    with pytest.raises(ResourceError) as caught:
        compiled(plain, max_memory=8 * 2**30)
    error = caught.value
    assert (error.code, error.exit_code) == ("GN531", 4)
    assert "needs 149 GiB, the limit is 8 GiB" in error.message
    assert error.notes == ("most of it is parameters: 149 GiB", "nothing was allocated")
    assert compiled(plain).memory_bytes > 149 * 2**30, "a Program itself is only a description"
    exact = compiled(NETWORKS["tanh"]).memory_bytes
    compiled(NETWORKS["tanh"], max_memory=exact)
    with pytest.raises(ResourceError):
        compiled(NETWORKS["tanh"], max_memory=exact - 1)
