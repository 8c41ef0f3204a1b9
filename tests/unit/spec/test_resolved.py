"""Reading a resolved spec again changes nothing, whatever the network."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.spec import from_plain, load_spec, plain_of, read_text, to_yaml, validate

ROWS: tuple[dict[str, Any], ...] = (
    {"type": "Tanh"},
    {"type": "Linear", "out_features": 3},
    {"type": "Linear", "out_features": 3, "bias": False, "trainable": False},
    {"type": "Linear", "out_features": 2, "init": {"weight": {"type": "normal", "std": 0.5}}},
    {"type": "Dropout", "p": 0.25},
    {"type": "LayerNorm", "normalized_shape": [3], "eps": 1e-3},
    {"type": "Flatten", "start_dim": 1},
)
JOINS = ("Add", "Mul", "Cat")


@st.composite
def layers(draw: st.DrawFn, inputs: list[str], depth: int) -> dict[str, Any]:
    """Draw layers that read any of those above, with blocks among them."""
    names = list(inputs)
    found: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 5))):
        name = f"n{number}"
        above = st.sampled_from(names)
        kind = draw(
            st.sampled_from(["short", "row", "join", "block"] if depth else ["row", "join"])
        )
        if kind == "short" and (found or len(inputs) == 1):
            found[name] = draw(st.sampled_from(["Tanh", "ReLU", "Identity"]))
        elif kind == "join":
            joined = draw(st.lists(above, min_size=2, max_size=3))
            found[name] = {"type": draw(st.sampled_from(JOINS)), "inputs": joined}
        elif kind == "block":
            repeat = draw(st.sampled_from([None, 1, 2, 3]))
            found[name] = {"block": f"b{depth - 1}", "inputs": draw(above), "repeat": repeat}
        else:
            found[name] = {**draw(st.sampled_from(ROWS)), "inputs": draw(above)}
        names.append(name)
    return found


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a valid spec."""
    spec: dict[str, Any] = {
        "graphnet": 1,
        "seed": draw(st.integers(0, 10**18 - 1)),
        "description": draw(st.text(st.characters(codec="utf-8", exclude_characters="\0$"))),
        "inputs": {"x": {"shape": [3]}, "y": {"shape": [3]}},
        "targets": {"t": {"shape": draw(st.lists(st.integers(1, 9), max_size=3))}},
        "blocks": {
            f"b{depth}": {"inputs": ["i"], "layers": draw(layers(["i"], depth))}
            for depth in range(2)
        },
        "layers": draw(layers(["x", "y"], 2)),
    }
    last = list(spec["layers"])[-1]
    if draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(["l1", "l2", "l3"]), min_size=1, unique=True))
        spec["loss"] = {
            name: {"type": "MSELoss", "input": last, "scale": draw(st.floats(-2, 2))}
            for name in names
        }
        spec["optimizer"] = {"type": "SGD", "lr": draw(st.floats(1e-300, 1e300))}
        spec["metrics"] = draw(st.sampled_from([[], ["mse"], ["r2", {"type": "mae"}]]))
    return spec


@given(specs())
@settings(max_examples=150, deadline=None)
def test_reading_a_resolved_spec_again_changes_nothing(mapping: dict[str, Any]) -> None:
    spec = load_spec(mapping)
    again = validate(from_plain(spec.plain))
    assert again.plain == spec.plain
    assert list(again.plain["layers"]) == list(spec.plain["layers"])
    assert [layer.layer for layer in again.layers] == [layer.layer for layer in spec.layers]
    text = to_yaml(spec.plain)
    assert plain_of(read_text(text, "f")) == spec.plain
    assert to_yaml(load_spec(text).plain) == text


@given(specs())
@settings(max_examples=100, deadline=None)
def test_text_and_mapping_mean_the_same(mapping: dict[str, Any]) -> None:
    assert load_spec(to_yaml(mapping)).plain == load_spec(mapping).plain


@given(specs())
@settings(max_examples=100, deadline=None)
def test_every_reference_names_something(mapping: dict[str, Any]) -> None:
    spec = load_spec(mapping)
    names = {layer.name for layer in spec.layers} | {tensor.name for tensor in spec.inputs}
    assert len(names) == len(spec.layers) + len(spec.inputs)
    read = {reference for layer in spec.layers for reference in layer.inputs}
    assert read | set(spec.outputs) <= names
