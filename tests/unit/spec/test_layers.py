from __future__ import annotations

import pytest

from graphnet.errors import GraphNetError, SpecErrors
from graphnet.initializers import INITIALIZERS
from graphnet.layers import LAYERS
from graphnet.layers.activation import Tanh
from graphnet.layers.linear import Linear
from graphnet.spec import Spec, read_spec_text

HEAD = "graphnet: 1\ninputs:\n  x: {shape: [4]}\n"


def read(layers: str) -> Spec:
    return read_spec_text(HEAD + "layers:\n" + layers)


def test_defaults() -> None:
    spec = read("  a: {type: Linear, out_features: 3}\n  b: Tanh\n")
    a, b = spec.layers
    assert a.layer == Linear(out_features=3)
    assert (a.name, a.inputs, dict(a.init), a.trainable, a.share) == ("a", ("x",), {}, True, None)
    assert (b.layer, b.inputs) == (Tanh(), ("a",))
    assert spec.outputs == ("b",)


def test_places() -> None:
    a = read("  a: {type: Add, inputs: [x, x], broadcast: true}\n").layers[0]
    shown = {
        name: where.source[where.column - 1 : where.end_column - 1]
        for name, where in a.positions.items()
    }
    assert shown == {
        "name": "a",
        "type": "Add",
        "inputs": "[x, x]",
        "inputs.0": "x",
        "inputs.1": "x",
        "broadcast": "true",
    }
    assert a.where == a.positions["type"]
    assert a.where.line == 5


def test_place_of_a_short_form() -> None:
    a = read("  a: Tanh\n").layers[0]
    assert a.where is not None
    assert (a.where.line, a.where.column, a.where.end_column) == (5, 6, 10)


def test_places_of_initializers() -> None:
    a = read("  a: {type: Linear, out_features: 1, init: {weight: zeros, bias: {type: ones}}}\n")
    positions = a.layers[0].positions
    assert positions["init.weight"].column == 53
    assert positions["init.bias"].column == 66
    assert a.layers[0].init == {
        "weight": INITIALIZERS["zeros"](),
        "bias": INITIALIZERS["ones"](),
    }


def test_init_is_written_out_in_the_order_of_names() -> None:
    spec = read(
        "  a: {type: Linear, out_features: 1, init: {weight: zeros, bias: {type: constant, val: 2}}}\n"
    )
    assert list(spec.plain["layers"]["a"]["init"].items()) == [
        ("bias", {"type": "constant", "val": 2.0}),
        ("weight", {"type": "zeros"}),
    ]


def test_references_to_later_layers_and_inputs_as_text() -> None:
    spec = read("  a: {type: Add, inputs: [x, b]}\n  b: {type: Tanh, inputs: a}\n")
    assert [layer.inputs for layer in spec.layers] == [("x", "b"), ("a",)]


class Halves(Tanh):
    """Stands for a layer with several results."""

    @property
    def results(self) -> tuple[str, ...]:
        return ("left", "right")


def test_results_are_read_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LAYERS._rows, "Halves", Halves)
    spec = read(
        "  split: Halves\n"
        "  above: Tanh\n"
        "  sum: {type: Add, inputs: [split, split.left, split.right]}\n"
    )
    assert spec.layers[1].inputs == ("split",)
    assert spec.layers[2].inputs == ("split", "split", "split.right")
    with pytest.raises(GraphNetError, match="has no result 'middle'") as caught:
        read("  split: Halves\n  a: {type: Tanh, inputs: split.middle}\n")
    assert caught.value.notes == ("results: left, right",)
    with pytest.raises(GraphNetError) as caught:
        read("  split: Halves\n  a: {type: Halves, share: split.right}\n")
    assert (caught.value.code, caught.value.label) == ("GN123", "not a layer")


def test_results_of_a_wrong_layer_are_not_judged() -> None:
    with pytest.raises(GraphNetError) as caught:
        read("  a: Tnah\n  b: {type: Tanh, inputs: a.whatever}\n  c: {type: Tanh, inputs: a}\n")
    assert not isinstance(caught.value, SpecErrors)
    assert caught.value.code == "GN107"


def test_share() -> None:
    spec = read(
        "  a: {type: Linear, out_features: 4}\n  b: {type: Linear, out_features: 4, share: a}\n"
    )
    assert [layer.share for layer in spec.layers] == [None, "a"]


@pytest.mark.parametrize(
    ("share", "label"),
    [
        ("b", "it shares another's parameters itself"),
        ("d", "not an earlier layer"),
        ("x", "nothing has this name"),
        ("zzz", "nothing has this name"),
    ],
)
def test_wrong_shares(share: str, label: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        read(
            "  a: {type: Linear, out_features: 4}\n"
            "  b: {type: Linear, out_features: 4, share: a}\n"
            "  e: Tanh\n"
            f"  c: {{type: Linear, out_features: 4, share: {share}}}\n"
            "  d: {type: Linear, out_features: 4}\n"
        )
    assert (caught.value.label, caught.value.line) == (label, 8)


def test_freezing() -> None:
    spec = read("  a: {type: Linear, out_features: 4, trainable: false}\n")
    assert spec.layers[0].trainable is False
    assert spec.plain["layers"]["a"]["trainable"] is False


def test_outputs() -> None:
    layers = "  a: Tanh\n  b: Tanh\n"
    assert read(layers + "outputs: a\n").outputs == ("a",)
    assert read(layers + "outputs: [b, a]\n").outputs == ("b", "a")
    assert read(layers + "outputs:\n").outputs == ("b",)


def test_dots_in_names_need_an_expanded_spec() -> None:
    layers = "  s.0.a: Tanh\n  b: {type: Add, inputs: [s.0.a, x]}\n"
    with pytest.raises(GraphNetError, match="cannot name a layer"):
        read(layers)
    spec = read(layers + "expanded: true\n")
    assert spec.layers[1].inputs == ("s.0.a", "x")
    assert spec.plain["expanded"] is True


@pytest.mark.parametrize("name", ["s..a", "s.", ".s", "0.a", "s.a/b", "s.-a", "s.1234567"])
def test_expanded_names_follow_the_rule_in_each_part(name: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        read(f"  {name}: Tanh\nexpanded: true\n")
    assert caught.value.code == "GN108"


def test_expanded_names_are_not_taken_for_results() -> None:
    with pytest.raises(GraphNetError, match="reads like a result of layer 's'") as caught:
        read("  s: Tanh\n  s.output: Tanh\nexpanded: true\n")
    assert caught.value.code == "GN109"


def test_several_inputs() -> None:
    spec = read_spec_text(
        HEAD + "  y: {shape: [], dtype: int64}\nlayers:\n"
        "  e: {type: Embedding, num_embeddings: 3, embedding_dim: 4, inputs: y}\n"
        "  a: {type: Add, inputs: [e, x]}\n"
    )
    assert [layer.inputs for layer in spec.layers] == [("y",), ("e", "x")]
    assert [str(tensor.type) for tensor in spec.inputs] == ["float32[N, 4]", "int64[N]"]
