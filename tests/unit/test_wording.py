"""The nearest path: what is offered where a path leads nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphnet.wording import nearest_path

YAML = (".yaml", ".yml")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("specs/mlp.yaml", "specs/digits.yaml", "specs/mlp.txt", "data/curve-train.csv"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("spec/mlp.yaml", "specs/mlp.yaml"),
        ("spec/mpl.yaml", "specs/mlp.yaml"),
        ("specs/mlp", "specs/mlp.yaml"),
        ("specs/mlp.yml", "specs/mlp.yaml"),
        ("specs/MLP.yaml", "specs/mlp.yaml"),
        ("mlp.yaml", "specs/mlp.yaml"),
        ("data/../spec/mlp.yaml", "data/../specs/mlp.yaml"),
    ],
)
def test_a_spec_is_offered(wrong: str, right: str) -> None:
    assert nearest_path(wrong, YAML) == f"did you mean {right!r}?"


@pytest.mark.parametrize(
    "wrong",
    ["", "specs", "nothing/at/all", "specs/other.yaml", "specs/mlp.yaml/x", "a\0b", "x" * 9999],
)
def test_nothing_is_offered(wrong: str) -> None:
    assert nearest_path(wrong, YAML) == ""


def test_what_is_offered_is_relative_to_the_folder(place: Path) -> None:
    told = nearest_path("../dat/curve-trian.csv", folder=Path("specs"))
    assert told == "did you mean '../data/curve-train.csv'?"
    told = nearest_path(place / "specs/mpl.yaml", YAML)
    assert told == f"did you mean {str(place / 'specs/mlp.yaml')!r}?"
