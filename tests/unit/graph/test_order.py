"""The order of computation: topological, natural, and independent of the order in the file."""

from __future__ import annotations

import random

import pytest
from examples import NETWORKS, linear, network

from graphnet.graph import build_network, natural_key
from graphnet.spec import load_spec


def test_numbers_count_as_numbers() -> None:
    names = ["conv10", "b", "conv2", "stage1.10.a", "stage1.9.z", "conv", "7", "conv2b"]
    assert sorted(names, key=natural_key) == [
        "7", "b", "conv", "conv2", "conv2b", "conv10", "stage1.9.z", "stage1.10.a",
    ]  # fmt: skip


def test_every_layer_comes_after_what_it_reads() -> None:
    for plain in NETWORKS.values():
        made = build_network(load_spec(plain))
        place = {name: index for index, name in enumerate(made.order)}
        for name in made.order:
            for source in made.layer(name).inputs:
                assert place.get(source, -1) < place[name]


def test_of_several_the_first_by_name_comes_next() -> None:
    layers = {
        "z": linear(3, inputs="x"),
        "b10": linear(3, inputs="x"),
        "b9": linear(3, inputs="x"),
        "a": linear(3, inputs="z"),
        "sum": {"type": "Add", "inputs": ["a", "b9", "b10"]},
    }
    assert build_network(load_spec(network(layers))).order == ("b9", "b10", "z", "a", "sum")


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_file_means_nothing(seed: int) -> None:
    layers = {
        f"l{i}": linear(3, inputs="x" if i < 3 else f"l{i // 2}", trainable=i % 4 != 0)
        for i in range(30)
    }
    layers["sum"] = {"type": "Add", "inputs": [f"l{i}" for i in range(30)]}
    expected = build_network(load_spec(network(layers, outputs=["sum"]))).order
    items = list(layers.items())
    random.Random(seed).shuffle(items)
    assert build_network(load_spec(network(dict(items), outputs=["sum"]))).order == expected
