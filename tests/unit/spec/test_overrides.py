from __future__ import annotations

from typing import Any

import pytest

from graphnet.errors import GraphNetError, SpecErrors
from graphnet.spec import apply_overrides, load_spec, plain_of, read_text

TEXT = """\
graphnet: 1
inputs: {x: {shape: [4]}}
targets: {t: {shape: [1]}}
variables: {width: 8}
blocks:
  dense: {parameters: {n: 3}, layers: {l: {type: Linear, out_features: "${n}"}}}
layers:
  linear1: {type: Linear, out_features: "${width}"}
  tanh1: Tanh
  many: {block: dense}
  last: {type: Linear, out_features: 1}
loss: MSELoss
training: {epochs: 3}
"""


def changed(**overrides: Any) -> Any:
    return load_spec(
        TEXT, {key.replace("__", "."): value for key, value in overrides.items()}
    ).plain


def test_text_is_read_as_yaml() -> None:
    assert changed(optimizer__lr="3e-4")["optimizer"]["lr"] == 3e-4
    assert changed(training__shuffle="false")["training"]["shuffle"] is False
    assert changed(inputs__x__shape="[2, 3]")["inputs"]["x"]["shape"] == [2, 3]
    assert (
        changed(layers__last="{type: Linear, out_features: 2}")["layers"]["last"]["out_features"]
        == 2
    )
    assert changed(name="'a-1'")["name"] == "a-1"
    assert changed(description=" 0x1F ")["description"] == "0x1F"
    assert changed(optimizer__lr=" 1 ")["optimizer"]["lr"] == 1.0
    assert changed(training__threads="")["training"]["threads"] is None


def test_python_values_are_taken_as_they_are() -> None:
    assert changed(optimizer__lr=0.25)["optimizer"]["lr"] == 0.25
    assert [entry["type"] for entry in changed(metrics=("mse",))["metrics"]] == ["mse"]
    assert changed(optimizer={"type": "SGD"})["optimizer"]["type"] == "SGD"
    assert changed(training__threads=None)["training"]["threads"] is None


@pytest.mark.parametrize(
    "text",
    ["a: b", "- a", "model #5", "it's", "a, b", "50%", "%x", "x: [1", "#1", "a\nb: c", ">=1", "@x"],
)
def test_text_that_is_no_single_value_stays_text(text: str) -> None:
    assert changed(description=text)["description"] == text


def test_missing_sections_are_made() -> None:
    assert changed(training__stop__loss_change="1e-5")["training"]["stop"] == {"loss_change": 1e-5}
    assert changed(optimizer__lr="0.5")["optimizer"]["type"] == "AdamW"
    assert changed(data__train__path="a.csv")["data"]["train"]["path"] == "a.csv"
    empty = load_spec(TEXT.replace("{epochs: 3}", ""), {"training.epochs": "4"})
    assert empty.training.epochs == 4
    assert changed(layers__last__init__weight="zeros")["layers"]["last"]["init"] == {
        "weight": {"type": "zeros"}
    }


def test_short_forms_are_written_out() -> None:
    assert changed(layers__tanh1__trainable="false")["layers"]["tanh1"]["type"] == "Tanh"
    assert changed(loss__scale="2")["loss"]["scale"] == 2.0
    found = changed(optimizer="SGD", optimizer__momentum="0.5")["optimizer"]
    assert (found["type"], found["momentum"]) == ("SGD", 0.5)


def test_variables_and_blocks() -> None:
    assert changed(variables__width="5")["layers"]["linear1"]["out_features"] == 5
    assert (
        changed(layers__linear1__out_features="'${width}'")["layers"]["linear1"]["out_features"]
        == 8
    )
    assert changed(blocks__dense__parameters__n="7")["layers"]["many.l"]["out_features"] == 7
    assert changed(blocks__dense__layers__l__bias="false")["layers"]["many.l"]["bias"] is False
    assert changed(layers__many__n="9")["layers"]["many.l"]["out_features"] == 9


def test_resolved_specs_take_overrides_too() -> None:
    plain = load_spec(TEXT).plain
    found = load_spec(dict(plain), {"layers.many.l.out_features": "6", "optimizer.lr": "1"}).plain
    assert found["layers"]["many.l"]["out_features"] == 6
    assert found["optimizer"]["lr"] == 1.0


def test_the_tree_given_is_left_alone() -> None:
    root = read_text(TEXT, "f")
    before = plain_of(root)
    apply_overrides(root, {"training.epochs": "9", "layers.tanh1.trainable": "false"})
    assert plain_of(root) == before


@pytest.mark.parametrize(
    ("path", "value", "code", "marked", "phrase"),
    [
        ("optimizer.lr", "abc", "GN106", "abc", "expected a number >"),
        ("optimizer.lrr", "1", "GN104", "lrr", "not a key of AdamW"),
        ("optimzer.lr", "1", "GN104", "optimzer", "did you mean 'optimizer'?"),
        ("optimizer.type", "Adm", "GN107", "Adm", "did you mean 'Adam'?"),
        ("training.epochs", "0", "GN106", "0", "a whole number >= 1"),
        ("layers.linear9.bias", "true", "GN124", "linear9", "did you mean 'linear1'?"),
        ("layers.new", "Tanh", "GN124", "new", "the spec has no layer 'new'"),
        ("inputs.y.shape", "[1]", "GN124", "y", "the spec has no input 'y'"),
        ("targets.label.shape", "[1]", "GN124", "label", "the spec has no target 'label'"),
        ("variables.widht", "3", "GN124", "widht", "did you mean 'width'?"),
        ("blocks.dens.layers.l.bias", "true", "GN124", "dens", "did you mean 'dense'?"),
        ("blocks.dense.layers.k.bias", "true", "GN124", "k", "the spec has no layer 'k'"),
        ("blocks.dense.parameters.m", "1", "GN124", "m", "the spec has no parameter 'm'"),
        ("layers.tanh1.inputs.0", "x", "GN106", "inputs", "expected a name"),
        ("inputs.x.shape.0", "3", "GN124", "0", "replace it as a whole: inputs.x.shape=[...]"),
        ("graphnet.x", "3", "GN124", "x", "'graphnet' is the number 1, not a mapping"),
        ("optimizer.lr", "[1", "GN101", "[", "is never closed"),
        ("optimizer.lr", "*a", "GN110", "*a", "aliases are not allowed"),
        ("optimizer.lr", "!t 1", "GN110", "!t 1", "tags are not allowed"),
        ("optimizer.lr", "12345678901234567890", "GN112", "12345678901234567890", "20 digits"),
        ("optimizer.lr", "a\x1bb", "GN113", "", "control character"),
        ("layers.last", "{type: Tanh, type: ReLU}", "GN103", "type", "already given"),
        ("a..b", "1", "GN124", "a..b", "expected keys with dots between them"),
        ("", "1", "GN124", "", "expected keys with dots between them"),
        (".a", "1", "GN124", ".a", "expected keys with dots between them"),
        ("a." * 300 + "b", "1", "GN124", "a." * 300 + "b", "is not a place in a spec"),
    ],
)
def test_wrong_overrides(path: str, value: str, code: str, marked: str, phrase: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        load_spec(TEXT, {path: value})
    error = caught.value
    assert error.code == code
    assert phrase in str(error)
    assert error.where is not None
    assert error.where.file == f"--set {path}={value}"
    assert error.line is None
    start, end = error.where.column, error.where.end_column
    assert error.where.file[start - 1 : end - 1] == marked or not marked


def test_the_caret_stands_below_the_value() -> None:
    with pytest.raises(GraphNetError) as caught:
        load_spec(TEXT, {"training.batch_size": "'5'"})
    assert str(caught.value).splitlines()[1:3] == [
        "  --> --set training.batch_size='5'",
        "                                ^^^ expected a whole number >= 1 and <= 1e+08, found the "
        "text '5'",
    ]


def test_wrong_python_values_name_the_override() -> None:
    with pytest.raises(GraphNetError) as caught:
        load_spec(TEXT, {"optimizer.lr": [1]})
    assert caught.value.file == "override of optimizer.lr"
    with pytest.raises(GraphNetError) as caught:
        load_spec(TEXT, {"optimizer": {"type": "SGD", "momentum": 2}})
    assert caught.value.file == "override of optimizer: momentum"


def test_all_problems_of_overrides_and_spec_are_reported() -> None:
    with pytest.raises(SpecErrors) as caught:
        load_spec(TEXT.replace("tanh1: Tanh", "tanh1: Tnah"), {"a.b": "1", "optimizer.lr": "[1"})
    assert sorted(problem.code for problem in caught.value.problems) == ["GN101", "GN104", "GN107"]
