"""Which parameters the loss depends on: through layers, sharing, and past what is held fixed."""

from __future__ import annotations

from examples import linear, network

from graphnet.graph import build_network
from graphnet.graph.flow import flowing, reached_parameters
from graphnet.ir import TensorType
from graphnet.ops import OPS, Emitter
from graphnet.spec import load_spec


def test_nothing_flows_past_what_is_held() -> None:
    e = Emitter(OPS)
    kind = TensorType((3,), "float32")
    x, y = (e.declare(name, kind, "input") for name in "xy")
    out = e.emit("add", e.emit("mul", x, e.emit("detach", y)), e.emit("detach", x))
    assert {"x", "y"} & flowing(e.instructions, [out.name], e.buffers) == {"x"}
    assert flowing([], ["x"], e.buffers) == {"x"}


def test_parameters_that_the_loss_reaches() -> None:
    plain = network(
        {
            "body": linear(3),
            "lent": linear(3),
            "twin": linear(3, share="lent", inputs="body"),
            "seen": linear(2),
            "aside": linear(4, inputs="body"),
        },
        targets={"y": {"shape": [2]}},
        outputs=["seen", "aside"],
        loss={"type": "MSELoss", "input": "seen"},
    )
    made = build_network(load_spec(plain))
    owners = {layer for layer, _ in reached_parameters(made.graph)}
    assert owners == {"body", "lent", "seen"}
    (group,) = made.groups
    assert {name.partition(".")[0] for name in group.names} == owners


def test_nothing_flows_through_whole_numbers() -> None:
    """What only positions come from is not updated, not even by a decay."""
    plain = network(
        {
            "where": linear(4),
            "most": {"type": "ArgMax"},
            "place": {"type": "OneHot", "num_classes": 4},
            "seen": linear(2),
        },
        targets={"y": {"shape": [2]}},
        loss="MSELoss",
    )
    made = build_network(load_spec(plain))
    assert {layer for layer, _ in reached_parameters(made.graph)} == {"seen"}
    (group,) = made.groups
    assert group.names == {"seen.weight", "seen.bias"}
