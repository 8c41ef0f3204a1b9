"""A table of words from end to end: classes by their names, gaps filled, the same for other files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from commands import ROOT, Command

SPEC = """\
graphnet: 1
name: trees
inputs: {x: {shape: [4]}}
targets: {kind: {shape: [], dtype: int64, classes: 3}}
layers: {a: {type: Linear, out_features: 8}, t: Tanh, b: {type: Linear, out_features: 3}}
loss: CrossEntropyLoss
metrics: [accuracy, confusion, {type: recall, average: none}]
data:
  train: {path: a.csv, inputs: {x: [p, q]}, targets: {kind: kind}}
  validation: {fraction: 0.25, stratify: kind}
  transforms: [{type: impute, columns: p}, {type: one_hot, columns: q}, {type: standardize, columns: p}]
optimizer: {type: Adam, lr: 0.05}
training: {epochs: 20, batch_size: 16}
"""
HEAD = "p,q,kind\n"
ROWS = [
    f"{i % 7 + (i % 3) * 5},{'abc'[i % 5 % 3]},{('oak', 'ash', 'elm')[i % 3]}" for i in range(60)
]


@pytest.fixture
def place(cli: Command, tmp_path: Path) -> Path:
    del cli
    rows = [row.replace("3,", ",", 1) if row.startswith("3,") else row for row in ROWS]
    (tmp_path / "a.csv").write_text(HEAD + "\n".join(rows))
    (tmp_path / "trees.yaml").write_text(SPEC)
    return tmp_path


def test_words_from_check_to_predict(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    assert "ok" in cli.good("check", "trees.yaml").out
    trained = cli.good("train", "trees.yaml", "--no-plots", "--run-dir", "run")
    assert "train: 45 samples, kind: ash 15, elm 15, oak 15" in trained.err
    assert "validation: 15 samples, kind: ash 5, elm 5, oak 5" in trained.err
    assert "confusion, train: true classes down, decisions across" in trained.out
    judged = cli.good("evaluate", "run")
    assert "is oak" in judged.out
    assert "recall, validation" in judged.out
    (place / "new.csv").write_text("q,p\na,0\nb,\nc,16\n")
    rows = list(csv.DictReader(io.StringIO(cli.good("predict", "run", "--input", "new.csv").out)))
    names = ("ash", "elm", "oak")
    shares = np.array([[float(row[f"probability.{name}"]) for name in names] for row in rows])
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert [row["class"] for row in rows] == [names[place_] for place_ in shares.argmax(axis=1)]


def test_other_files_are_refused_by_line(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    cli.good("train", "trees.yaml", "--no-plots", "--run-dir", "run")
    (place / "new.csv").write_text("p,q,kind\n1,a,oak\n2,d,oak\n")
    for command in (
        ("predict", "run", "--input", "new.csv"),
        ("evaluate", "run", "--data", "new.csv"),
    ):
        found = cli(*command)
        assert found.code == 1
        assert "error[GN330]: 'd' in line 3 of column 'q' is no known category" in found.err
    (place / "new.csv").write_text("p,q,kind\n1,a,oka\n")
    found = cli("evaluate", "run", "--data", "new.csv")
    assert found.code == 1
    assert "'oka' in line 2 of column 'kind' is no known category" in found.err
    assert "did you mean 'oak'?" in found.err


@pytest.mark.parametrize(
    "name", ["moons", "spirals", "bars", "copy", "standardize", "balanced", "mixup"]
)
def test_data_lists_what_there_is(cli: Command, name: str) -> None:
    assert name in cli.good("list", "data").out
    assert name in cli.good("list", "data", name).out


def test_check_tells_that_a_generator_does_not_fit(cli: Command, place: Path) -> None:
    spec = place / "trees.yaml"
    spec.write_text(
        SPEC.replace("path: a.csv, inputs: {x: [p, q]}, targets: {kind: kind}", "generator: bars")
    )
    found = cli("check", str(spec))
    assert found.code == 1
    assert "error[GN318]: data.train: cannot tell which columns are the input 'x'" in found.err
    assert "it makes image [1, 8, 8], label" in found.err


@pytest.mark.parametrize("code", ["104", "gn104"])
def test_a_code_may_be_short(cli: Command, code: str) -> None:
    assert cli.good("explain", code).out == cli.good("explain", "GN104").out


def test_a_name_in_place_of_a_kind_is_told_where_it_is(cli: Command) -> None:
    result = cli("list", "Linear")
    assert result.code == 2
    assert "graphnet list layers Linear" in result.err
    assert "did you mean 'layers'?" in cli("list", "layer").err


def test_the_error_that_the_readme_shows_is_what_comes_out(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    readme = (ROOT / "README.md").read_text("utf-8")
    spec = readme.split("```yaml\n")[1].split("```")[0]
    (place / "specs").mkdir()
    (place / "specs/mlp.yaml").write_text(spec.replace("out_features: 5", "out_feature: 5"))
    shown = "error[GN104]" + readme.split("```\nerror[GN104]")[1].split("```")[0]
    assert shown in cli("check", "specs/mlp.yaml").err
