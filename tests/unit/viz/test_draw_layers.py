"""The level of layers: every declared part is in the drawing, once and rightly described."""

from __future__ import annotations

from graphnet.graph import build_network
from graphnet.spec import load_spec
from graphnet.viz import Drawing, Edge, Node, draw_layers

MLP = """
graphnet: 1
name: mlp
inputs:
  points: {shape: [2]}
targets:
  label: {shape: [1]}
layers:
  linear1: {type: Linear, out_features: 5}
  tanh1: Tanh
  linear2: {type: Linear, out_features: 1}
loss: BCEWithLogitsLoss
"""
MIXED = """
graphnet: 1
name: mixed
dtype: float64
inputs:
  ids: {shape: [3], dtype: int64}
  dense: {shape: [4]}
targets:
  kind: {shape: [], dtype: int64, classes: 7}
  value: {shape: [1]}
layers:
  table: {type: Embedding, inputs: ids, num_embeddings: 100, embedding_dim: 8}
  flat: {type: Flatten}
  norm: {type: BatchNorm1d, inputs: dense, momentum: 0.2}
  cat: {type: Cat, inputs: [norm, flat]}
  drop: Dropout
  linear1: {type: Linear, out_features: 28, bias: false, trainable: false}
  linear2: {type: Linear, out_features: 28, bias: false, share: linear1}
  sum: {type: Add, inputs: [linear2, drop]}
  classes: {type: Linear, out_features: 7}
  mean: {type: Linear, out_features: 1, inputs: sum}
outputs: [classes, mean]
loss:
  first: {type: CrossEntropyLoss, input: classes, target: kind}
  second: {type: MSELoss, input: mean, target: value, scale: 0.3, reduction: sum}
"""
BLOCKS = """
graphnet: 1
inputs:
  x: {shape: [6]}
blocks:
  residual:
    inputs: [x]
    layers:
      linear: {type: Linear, inputs: x, out_features: 6}
      sum: {type: Add, inputs: [linear, x]}
    outputs: [sum]
layers:
  stem: ReLU
  stage: {block: residual, repeat: 2}
  once: {block: residual}
  head: {type: Linear, out_features: 1}
"""


def drawn(text: str) -> Drawing:
    return draw_layers(build_network(load_spec(text)))


def by_id(drawing: Drawing) -> dict[str, Node]:
    return {node.id: node for node in drawing.nodes}


def test_every_part_of_a_plain_network_is_drawn() -> None:
    drawing = drawn(MLP)
    assert drawing.title == "mlp: 21 parameters, float32"
    assert [(node.id, node.kind, node.lines) for node in drawing.nodes] == [
        ("points", "input", ("points", "input", "[N, 2]")),
        ("linear1", "layer", ("linear1", "Linear(out_features=5)", "[N, 5], 15 parameters")),
        ("tanh1", "function", ("tanh1", "Tanh", "[N, 5]")),
        ("linear2", "layer", ("linear2", "Linear(out_features=1)", "[N, 1], 6 parameters")),
        ("label", "target", ("label", "target", "[N, 1]")),
        ("loss:loss", "loss", ("loss", "BCEWithLogitsLoss")),
        ("output:linear2", "output", ("linear2", "output", "[N, 1]")),
    ]
    assert drawing.edges == (
        Edge("points", "linear1", "[N, 2]"),
        Edge("linear1", "tanh1", "[N, 5]"),
        Edge("tanh1", "linear2", "[N, 5]"),
        Edge("linear2", "loss:loss", "[N, 1]"),
        Edge("label", "loss:loss", "[N, 1]"),
        Edge("linear2", "output:linear2", "[N, 1]"),
    )


def test_settings_that_are_not_the_defaults_are_shown() -> None:
    nodes = by_id(drawn(MIXED))
    assert nodes["norm"].lines[1] == "BatchNorm1d(momentum=0.2)"
    assert nodes["table"].lines[1] == "Embedding(num_embeddings=100, embedding_dim=8)"
    assert nodes["linear1"].lines[1] == "Linear(out_features=28, bias=false)"
    assert nodes["drop"].lines[1] == "Dropout(p=0.5)"
    assert nodes["sum"].lines[1] == "Add"
    assert nodes["loss:first"].lines == ("first", "CrossEntropyLoss")
    assert nodes["loss:second"].lines == ("second", "MSELoss(reduction=sum)", "scale 0.3")


def test_inputs_and_targets_say_what_is_not_usual() -> None:
    nodes = by_id(drawn(MIXED))
    assert nodes["ids"].lines == ("ids", "input, int64, below 100", "[N, 3]")
    assert nodes["dense"].lines == ("dense", "input", "[N, 4]")
    assert nodes["kind"].lines == ("kind", "target, int64, 7 classes", "[N]")


def test_frozen_and_shared_parameters_are_marked_and_counted_once() -> None:
    drawing = drawn(MIXED)
    nodes = by_id(drawing)
    assert nodes["linear1"].marks == ("frozen",)
    assert nodes["linear1"].lines[2] == "[N, 28], 784 parameters, frozen"
    assert nodes["linear2"].kind == "layer"
    assert nodes["linear2"].marks == ("shared",)
    assert nodes["linear2"].lines[2] == "[N, 28], parameters of linear1"
    # Embedding, BatchNorm1d without its running statistics, the frozen Linear and both heads.
    assert drawing.title == f"mixed: {800 + 8 + 784 + 203 + 29:,} parameters, 784 frozen, float64"


def test_operands_are_numbered_where_their_order_counts() -> None:
    edges = drawn(MIXED).edges
    assert [edge for edge in edges if edge.target == "cat"] == [
        Edge("norm", "cat", "#1 [N, 4]"),
        Edge("flat", "cat", "#2 [N, 24]"),
    ]
    assert [edge.label for edge in edges if edge.target == "sum"] == ["[N, 28]", "[N, 28]"]


def test_layers_of_blocks_stand_in_frames_under_their_own_name() -> None:
    nodes = by_id(drawn(BLOCKS))
    assert nodes["stage.1.linear"].cluster == ("stage", "1")
    assert nodes["stage.1.linear"].lines[0] == "linear"
    assert nodes["once.sum"].cluster == ("once",)
    assert nodes["head"].cluster == ()


def test_the_legend_holds_what_occurs_and_nothing_else() -> None:
    assert [line.text for line in drawn(BLOCKS).legend] == [
        "input",
        "layer with parameters",
        "layer without",
        "output",
    ]
    assert [line.text for line in drawn(MIXED).legend] == [
        "input",
        "target",
        "layer with parameters",
        "frozen",
        "shared",
        "layer without",
        "loss",
        "output",
    ]
