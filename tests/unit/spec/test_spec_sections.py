from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from graphnet.errors import GraphNetError, InternalError
from graphnet.losses import LOSSES
from graphnet.optimizers import OPTIMIZERS
from graphnet.recipe import Data, Source, Split, Training
from graphnet.schedulers import SCHEDULERS
from graphnet.spec import Spec, load_spec, read_spec_text, to_yaml

HEAD = """\
graphnet: 1
inputs: {x: {shape: [4]}}
targets: {t: {shape: [1]}}
layers: {a: {type: Linear, out_features: 1}, b: Tanh}
"""


def read(text: str) -> Spec:
    spec = read_spec_text(HEAD + text)
    assert load_spec(dict(spec.plain)).plain == spec.plain
    assert load_spec(to_yaml(spec.plain)).plain == spec.plain
    return spec


def test_order_of_the_resolved_spec() -> None:
    assert list(read("").plain) == [
        "graphnet", "name", "description", "dtype", "seed", "inputs", "targets", "layers", "outputs",
        "loss", "metrics", "optimizer", "scheduler", "data", "training",
    ]  # fmt: skip


def test_what_is_left_out() -> None:
    plain = read("").plain
    assert plain["description"] == ""
    assert (plain["dtype"], plain["seed"]) == ("float32", 0)
    assert (plain["loss"], plain["metrics"], plain["optimizer"]) == (None, [], None)
    assert (plain["scheduler"], plain["data"]) == (None, None)
    assert plain["training"] == Training().plain()


def test_sections_without_a_value_count_as_left_out() -> None:
    sections = "name description dtype seed outputs loss metrics optimizer scheduler data training"
    text = "".join(f"{section}:\n" for section in sections.split())
    assert read(text).plain == read("").plain


def test_a_loss_brings_an_optimizer() -> None:
    spec = read("loss: MSELoss\n")
    assert spec.optimizer == OPTIMIZERS["AdamW"]()
    assert spec.plain["optimizer"]["type"] == "AdamW"
    assert spec.plain["optimizer"]["lr"] == 0.001
    only_rate = read("loss: MSELoss\noptimizer: {lr: 0.5}\n")
    assert only_rate.optimizer == OPTIMIZERS["AdamW"](lr=0.5)


def test_one_loss() -> None:
    spec = read("loss: {type: MSELoss, input: a, scale: 2, reduction: sum}\n")
    (loss,) = spec.losses
    assert (loss.name, loss.inputs, loss.targets, loss.scale) == ("loss", ("a",), ("t",), 2.0)
    assert loss.loss == LOSSES["MSELoss"](reduction="sum")
    assert spec.plain["loss"] == {
        "type": "MSELoss",
        "input": "a",
        "target": "t",
        "scale": 2.0,
        "reduction": "sum",
    }
    assert loss.positions["scale"].column == 40
    assert loss.where is not None
    assert loss.where.column == 14


def test_several_losses() -> None:
    spec = read("loss: {main: MSELoss, other: {type: L1Loss, input: a, scale: 0.5}}\n")
    assert [(loss.name, *loss.inputs, loss.scale) for loss in spec.losses] == [
        ("main", "b", 1.0),
        ("other", "a", 0.5),
    ]
    assert list(spec.plain["loss"]) == ["main", "other"]
    assert spec.losses[1].positions["input"].column == 52


def test_one_named_loss_keeps_its_name() -> None:
    assert list(read("loss: {main: MSELoss}\n").plain["loss"]) == ["main"]


def test_metrics() -> None:
    spec = read("loss: BCELoss\nmetrics: [mse, {type: precision, average: macro}]\n")
    assert [metric.name() for metric in spec.metrics] == ["mse", "precision"]
    common = {"output": None, "target": None, "weighted": False, "called": None}
    assert spec.plain["metrics"] == [
        {"type": "mse", **common},
        {"type": "precision", **common, "average": "macro"},
    ]
    assert read("loss: MSELoss\nmetrics: mse\n").plain["metrics"] == [{"type": "mse", **common}]


TWO = """\
graphnet: 1
inputs: {x: {shape: [4]}}
targets: {kind: {shape: [], dtype: int64, classes: 3}, size: {shape: [1]}}
layers:
  kinds: {type: Linear, inputs: x, out_features: 3}
  sizes: {type: Linear, inputs: x, out_features: 1}
outputs: [kinds, sizes]
loss:
  a: {type: CrossEntropyLoss, input: kinds, target: kind}
  b: {type: MSELoss, input: sizes, target: size}
"""


def test_metrics_of_several_outputs() -> None:
    text = "metrics: [accuracy, {type: mae, output: sizes}, {type: top_k, k: 2, called: top2}]\n"
    assert [metric.key for metric in read_spec_text(TWO + text).metrics] == [
        "accuracy",
        "sizes.mae",
        "top2",
    ]


@pytest.mark.parametrize(
    ("metrics", "code", "words"),
    [
        ("[{type: mse, output: size}]", "GN116", "did you mean 'sizes'?"),
        ("[{type: mse, output: sizes, target: sizes}]", "GN116", "targets: kind, size"),
        ("[{type: accuracy, output: sizes}]", "GN125", "MSELoss implies none"),
        ("[{type: f1, average: binary}]", "GN125", "only be that of class 1"),
        ("[f1, {type: f1, average: micro}]", "GN109", "give it another name by `called`"),
        ("[{type: f1, called: loss}]", "GN109", "the loss is called so"),
    ],
)
def test_metrics_that_look_at_what_is_not_there(metrics: str, code: str, words: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        read_spec_text(f"{TWO}metrics: {metrics}\n")
    assert caught.value.code == code
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("target", "loss", "rest", "words"),
    [
        ("[1]", "BCELoss", "metrics: [top_k]", "top_k is not defined for yes and no"),
        ("[3]", "BCELoss", "metrics: [mcc]", "not defined for several labels"),
        ("[3]", "BCELoss", "training: {threshold: 0.4}", "there are several"),
        ("[1]", "MSELoss", "training: {threshold: {choose: f1}}", "MSELoss gives none"),
    ],
)
def test_what_a_loss_does_not_decide(target: str, loss: str, rest: str, words: str) -> None:
    text = HEAD.replace("{t: {shape: [1]}}", f"{{t: {{shape: {target}}}}}")
    text = text.replace("out_features: 1", f"out_features: {target[1]}")
    with pytest.raises(GraphNetError) as caught:
        read_spec_text(f"{text}loss: {loss}\n{rest}\n")
    assert caught.value.code == "GN125"
    assert words in str(caught.value)


@pytest.mark.parametrize("watched", ["confusion", "recall"])
def test_early_stopping_watches_single_numbers(watched: str) -> None:
    text = "metrics: [confusion, {type: recall, average: none}]\n"
    stop = f"training: {{early_stopping: {{metric: {watched}}}}}\n"
    with pytest.raises(GraphNetError, match=f"unknown metric '{watched}'"):
        read_spec_text(TWO + text + stop)


def test_scheduler() -> None:
    spec = read("loss: MSELoss\nscheduler: {type: MultiStepLR, milestones: [3, 7]}\n")
    assert spec.scheduler == SCHEDULERS["MultiStepLR"](milestones=(3, 7))
    assert spec.plain["scheduler"]["milestones"] == [3, 7]


def test_data() -> None:
    spec = read(
        "data:\n"
        "  train: {generator: regression, features: 4, samples: 50, inputs: {x: x}}\n"
        "  validation: {fraction: 0.25, stratify: t}\n"
        "  test: {path: a.npz}\n"
    )
    assert spec.data is not None
    assert spec.data.train == Source(
        generator="regression", features=4, samples=50, inputs={"x": "x"}
    )
    assert spec.data.validation == Split(fraction=0.25, stratify="t")
    assert spec.data.test == Source(path="a.npz")
    assert spec.plain["data"]["train"]["inputs"] == {"x": "x"}


def test_what_becomes_of_data() -> None:
    spec = read(
        "data:\n"
        "  train: {path: {x: a.npy, t: b.npy}, mapped: true, targets: {t: t}}\n"
        "  test: {folds: 5, fold: 2, group: who}\n"
        "  transforms: [{type: standardize, inputs: x}, {type: one_hot, columns: [a, b*]}]\n"
        "  sampler: {type: weighted, weights: w}\n"
        "  augment: [{type: noise, std: 0.1}]\n"
        "  prefetch: 2\n"
    )
    assert spec.data is not None
    assert spec.data.train.path == {"x": "a.npy", "t": "b.npy"}
    assert spec.data.test == Split(folds=5, fold=2, group="who")
    assert [step.name() for step in spec.data.transforms] == ["standardize", "one_hot"]
    assert spec.data.transforms[1].columns == ("a", "b*")
    assert spec.plain["data"]["sampler"] == {"type": "weighted", "weights": "w"}
    assert Data.from_plain(spec.plain["data"]) == spec.data


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        ("train: {generator: moons}", "GN318", "it makes x, y, label"),
        (
            "train: {generator: moons, inputs: {x: [x, z]}, targets: {t: label}}",
            "GN317",
            "columns: x, y, label",
        ),
        (
            "train: {generator: moons, inputs: {x: [x, y]}, targets: {t: label}}",
            "GN319",
            "takes 4 numbers a sample",
        ),
        ("train: {generator: bars, classes: 3}", "GN125", "generator bars has no 'classes'"),
        ("train: {path: a, transforms: []}", "GN104", "not a key of data.train"),
        ("train: {path: a}, transforms: [{type: scale, inputs: y}]", "GN116", "unknown input 'y'"),
        ("train: {path: a}, transforms: [standardise]", "GN107", "did you mean 'standardize'?"),
        ("train: {path: a}, transforms: [{type: clip, low: 2, high: 1}]", "GN125", "above 'high'"),
        ("train: {path: a}, transforms: {type: scale}", "GN106", "expected a list"),
        ("train: {path: a}, sampler: {type: balanced, target: u}", "GN116", "unknown target 'u'"),
        ("train: {path: a}, augment: [{type: flip, input: y}]", "GN116", "unknown input 'y'"),
        ("train: {path: a, weights: w}", "GN121", "needs a target 'sample_weight'"),
        ("train: {path: a}, class_weight: balanced", "GN121", "add sample_weight: {shape: []}"),
        ("train: {path: a}, validation: {folds: 2, fold: 2}", "GN125", "the last of 2 is 1"),
    ],
)
def test_data_that_cannot_be_right(data: str, code: str, words: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        read_spec_text(f"{HEAD}data: {{{data}}}\n")
    assert caught.value.code == code
    assert words in str(caught.value)


def test_validation_may_be_a_source() -> None:
    spec = read("data: {train: {path: a.csv}, validation: {path: b.csv, seed: 3}}\n")
    assert spec.data is not None
    assert spec.data.validation == Source(path="b.csv", seed=3)


def test_training() -> None:
    spec = read("loss: MSELoss\ntraining: {epochs: 3, stop: {loss_change: 1e-5}, threads: 2}\n")
    assert spec.training.epochs == 3
    assert spec.training.stop is not None
    assert spec.training.stop.loss_change == 1e-5
    assert spec.plain["training"]["stop"] == {"loss_change": 1e-5}


def test_early_stopping_watches_what_the_spec_measures() -> None:
    spec = read(
        "loss: MSELoss\nmetrics: [mse]\ntraining: {early_stopping: {metric: mse, patience: 2}}\n"
    )
    assert spec.training.early_stopping is not None
    assert spec.training.early_stopping.metric == "mse"


def test_targets_of_classes() -> None:
    spec = read_spec_text(
        HEAD.replace("{shape: [1]}", "{shape: [], dtype: int64, classes: 10}") + "dtype: float64\n"
    )
    assert (str(spec.targets[0].type), spec.targets[0].classes) == ("int64[N]", 10)
    assert str(spec.inputs[0].type) == "float64[N, 4]"
    assert spec.plain["targets"]["t"] == {"shape": [], "dtype": "int64", "classes": 10}


def test_places_of_sections() -> None:
    spec = read("loss: MSELoss\noptimizer: {lr: 0.5}\ndata: {train: {path: a.csv}}\n")
    assert spec.positions["optimizer.lr"].line == 6
    assert spec.positions["data.train.path"].column == 22
    assert spec.positions["inputs.x.shape.0"].column == 22


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("specs/mlp.yaml", "mlp"),
        ("mlp.v2.yaml", "mlp_v2"),
        ("01 net.yaml", "net_01_net"),
        ("aux.yml", "net_aux"),
        ("...yaml", "network"),
        ("é.yaml", "network"),
        ("x" * 80 + ".yaml", "x" * 64),
    ],
)
def test_names_from_files(file: str, name: str) -> None:
    assert read_spec_text(HEAD, file).name == name


def test_name_of_what_has_no_file(tmp_path: Path) -> None:
    assert load_spec(HEAD).name == "network"
    mapping: dict[str, Any] = dict(read("").plain)
    del mapping["name"]
    assert load_spec(mapping).name == "network"
    path = tmp_path / "my net.yaml"
    path.write_text(HEAD, encoding="utf-8")
    assert load_spec(str(path)).name == "my_net"


def test_errors_of_a_mapping_name_the_path() -> None:
    plain = dict(read("").plain)
    plain["layers"] = {**plain["layers"], "a": {"type": "Linear", "out_features": 0}}
    with pytest.raises(GraphNetError) as caught:
        load_spec(plain)
    assert caught.value.file == "<mapping>: layers.a.out_features"
    assert caught.value.line is None


@pytest.mark.parametrize(("value", "found"), [(float("nan"), "nan"), (-float("inf"), "-inf")])
def test_numbers_of_a_mapping_must_be_finite(value: float, found: str) -> None:
    plain = dict(read("loss: MSELoss\n").plain)
    plain["optimizer"] = {"type": "SGD", "dampening": value}
    with pytest.raises(GraphNetError) as caught:
        load_spec(plain)
    assert caught.value.help == "numbers must be finite"
    assert caught.value.label == f"expected a number, found the number {found}"


def test_a_refusal_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["graphnet.spec.validate"]
    monkeypatch.setattr(module._Validation, "spec", lambda *_: None)
    with pytest.raises(InternalError, match="without a reason"):
        read("")
