from __future__ import annotations

from graphnet.spec import Spec, load_spec, read_spec_text, to_yaml

HEAD = """\
graphnet: 1
inputs:
  x: {shape: [4]}
blocks:
"""


def wiring(spec: Spec) -> dict[str, tuple[str, ...]]:
    return {layer.name: layer.inputs for layer in spec.layers}


def read(text: str) -> Spec:
    spec = read_spec_text(HEAD + text)
    assert load_spec(dict(spec.plain)).plain == spec.plain
    assert load_spec(to_yaml(spec.plain)).plain == spec.plain
    return spec


RESIDUAL = """\
  residual:
    parameters: {width: , rate: 0.0}
    inputs: [x]
    layers:
      linear: {type: Linear, inputs: x, out_features: "${width}"}
      drop: {type: Dropout, p: "${rate}"}
      sum: {type: Add, inputs: [drop, x]}
    outputs: [sum]
"""


def test_a_block_without_repetition() -> None:
    spec = read(RESIDUAL + "layers:\n  stage1: {block: residual, width: 4}\n  last: Tanh\n")
    assert wiring(spec) == {
        "stage1.linear": ("x",),
        "stage1.drop": ("stage1.linear",),
        "stage1.sum": ("stage1.drop", "x"),
        "last": ("stage1.sum",),
    }
    assert spec.plain["layers"]["stage1.linear"]["out_features"] == 4
    assert spec.plain["expanded"] is True
    assert "blocks" not in spec.plain


def test_repetitions_are_chained() -> None:
    spec = read(
        RESIDUAL
        + "layers:\n  first: Tanh\n  stage1: {block: residual, width: 4, rate: 0.5, repeat: 2}\n"
        "  last: Tanh\noutputs: [stage1, last, stage1.0, stage1.0.drop]\n"
    )
    assert wiring(spec) == {
        "first": ("x",),
        "stage1.0.linear": ("first",),
        "stage1.0.drop": ("stage1.0.linear",),
        "stage1.0.sum": ("stage1.0.drop", "first"),
        "stage1.1.linear": ("stage1.0.sum",),
        "stage1.1.drop": ("stage1.1.linear",),
        "stage1.1.sum": ("stage1.1.drop", "stage1.0.sum"),
        "last": ("stage1.1.sum",),
    }
    assert spec.outputs == ("stage1.1.sum", "last", "stage1.0.sum", "stage1.0.drop")
    assert spec.plain["layers"]["stage1.1.drop"]["p"] == 0.5


def test_one_repetition_is_numbered_too() -> None:
    spec = read(RESIDUAL + "layers:\n  stage1: {block: residual, width: 4, repeat: 1}\n")
    assert spec.layers[0].name == "stage1.0.linear"
    assert spec.outputs == ("stage1.0.sum",)


def test_inputs_of_a_use() -> None:
    spec = read(
        RESIDUAL
        + "layers:\n  a: Tanh\n  b: Tanh\n  stage1: {block: residual, width: 4, inputs: a}\n"
        "  c: {type: Add, inputs: [stage1, stage1.linear, stage1.linear.output]}\n"
    )
    assert wiring(spec)["stage1.linear"] == ("a",)
    assert wiring(spec)["c"] == ("stage1.sum", "stage1.linear", "stage1.linear")


def test_what_is_passed_on_takes_the_places_of_the_first_inputs() -> None:
    spec = read(
        "  gated:\n    inputs: [value, gate]\n    layers:\n"
        "      tanh: {type: Tanh, inputs: value}\n"
        "      product: {type: Mul, inputs: [tanh, gate]}\n"
        "layers:\n  g: Sigmoid\n  stage: {block: gated, inputs: [x, g], repeat: 2}\n"
    )
    assert wiring(spec)["stage.0.product"] == ("stage.0.tanh", "g")
    assert wiring(spec)["stage.1.tanh"] == ("stage.0.product",)
    assert wiring(spec)["stage.1.product"] == ("stage.1.tanh", "g")


def test_two_outputs_feed_two_inputs() -> None:
    spec = read(
        "  cross:\n    inputs: [a, b]\n    layers:\n"
        "      p: {type: Tanh, inputs: b}\n      q: {type: Tanh, inputs: a}\n    outputs: [p, q]\n"
        "layers:\n  y: Tanh\n  stage: {block: cross, inputs: [x, y], repeat: 2}\n"
    )
    assert wiring(spec) == {
        "y": ("x",),
        "stage.0.p": ("y",),
        "stage.0.q": ("x",),
        "stage.1.p": ("stage.0.q",),
        "stage.1.q": ("stage.0.p",),
    }
    assert spec.outputs == ("stage.1.p",)


def test_without_inputs_a_block_reads_the_layer_above() -> None:
    spec = read(
        "  plain:\n    layers: {a: Tanh, b: {type: Add, inputs: [a, input]}}\n"
        "layers:\n  first: Tanh\n  use: {block: plain}\n"
    )
    assert wiring(spec)["use.a"] == ("first",)
    assert wiring(spec)["use.b"] == ("use.a", "first")


def test_blocks_inside_blocks() -> None:
    spec = read(
        "  inner:\n    parameters: {n: }\n"
        '    layers: {linear: {type: Linear, out_features: "${n}"}}\n'
        "  outer:\n    parameters: {m: 2}\n    inputs: [i]\n    layers:\n"
        '      first: {block: inner, n: "${m}", inputs: i}\n'
        "      second: {block: inner, n: 3, repeat: 2}\n"
        "      back: {type: Add, inputs: [second, second.0.linear, first.linear]}\n"
        "    outputs: [second]\n"
        "layers:\n  use: {block: outer, repeat: 2}\n  last: {type: Tanh, inputs: use.0.second.1}\n"
    )
    found = wiring(spec)
    assert found["use.0.first.linear"] == ("x",)
    assert found["use.0.second.0.linear"] == ("use.0.first.linear",)
    assert found["use.0.second.1.linear"] == ("use.0.second.0.linear",)
    assert found["use.0.back"] == (
        "use.0.second.1.linear",
        "use.0.second.0.linear",
        "use.0.first.linear",
    )
    assert found["use.1.first.linear"] == ("use.0.second.1.linear",)
    assert found["last"] == ("use.0.second.1.linear",)
    assert spec.plain["layers"]["use.1.first.linear"]["out_features"] == 2


def test_parameters_hide_variables_and_defaults_may_use_them() -> None:
    spec = read(
        '  b:\n    parameters: {n: "${width}", m: 1}\n    layers:\n'
        '      p: {type: Linear, out_features: "${n}"}\n'
        '      q: {type: Linear, out_features: "${width}"}\n'
        '      r: {type: Linear, out_features: "${m}"}\n'
        "variables: {width: 7, m: 9}\nlayers:\n  a: {block: b}\n  c: {block: b, n: 5, m: }\n"
    )
    sizes = {name: layer["out_features"] for name, layer in spec.plain["layers"].items()}
    assert sizes == {"a.p": 7, "a.q": 7, "a.r": 1, "c.p": 5, "c.q": 7, "c.r": 1}


def test_sharing_inside_a_block() -> None:
    spec = read(
        "  tied:\n    layers:\n      a: {type: Linear, out_features: 4}\n"
        "      b: {type: Linear, out_features: 4, share: a}\n"
        "layers:\n  use: {block: tied, repeat: 2}\n"
        "  c: {type: Linear, out_features: 4, share: use.1.a}\n"
    )
    shares = {layer.name: layer.share for layer in spec.layers}
    assert shares["use.0.b"] == "use.0.a"
    assert shares["use.1.b"] == "use.1.a"
    assert shares["c"] == "use.1.a"


def test_references_forward_are_left_to_the_graph() -> None:
    spec = read(
        "  b: {layers: {p: {type: Tanh, inputs: q}, q: Tanh}}\n"
        "layers:\n  a: {type: Tanh, inputs: use}\n  use: {block: b, inputs: a}\n"
    )
    assert wiring(spec) == {"a": ("use.q",), "use.p": ("use.q",), "use.q": ("use.p",)}


def test_places_inside_blocks() -> None:
    spec = read(RESIDUAL + "layers:\n  stage1: {block: residual, width: 4, repeat: 2}\n")
    first, again = spec.layers[0], spec.layers[3]
    assert (first.name, again.name) == ("stage1.0.linear", "stage1.1.linear")
    assert first.positions["out_features"].line == 9
    assert again.positions["out_features"] == first.positions["out_features"]


def test_a_hundred_thousand_layers() -> None:
    spec = read_spec_text(
        HEAD + "  b: {layers: {a: Tanh}}\nlayers: {use: {block: b, repeat: 100000}}\n"
    )
    assert len(spec.layers) == 100_000
    assert spec.layers[-1].inputs == ("use.99998.a",)


def test_unused_blocks_are_allowed() -> None:
    spec = read(RESIDUAL + "layers: {a: Tanh}\n")
    assert wiring(spec) == {"a": ("x",)}
    assert "expanded" not in spec.plain
