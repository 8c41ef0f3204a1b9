"""The data sets in data/ are what data/make.py makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("data")
    command = [sys.executable, str(ROOT / "data/make.py"), str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, env=None)
    return folder


def test_everything_is_made_again(made: Path) -> None:
    shipped = {path.name for path in (ROOT / "data").glob("*-*.*")}
    assert {path.name for path in made.iterdir()} == shipped
    for path in sorted(made.iterdir()):
        other = ROOT / "data" / path.name
        if path.suffix == ".csv":
            assert path.read_bytes() == other.read_bytes(), path.name
            continue
        with np.load(path) as new, np.load(other) as old:
            assert sorted(new) == sorted(old)
            assert all(np.array_equal(new[name], old[name]) for name in new), path.name


def test_every_file_is_told_of() -> None:
    text = (ROOT / "data/README.md").read_text("utf-8")
    for path in (ROOT / "data").iterdir():
        if path.suffix in (".csv", ".npz"):
            assert f"`{path.name}`" in text


def test_test_sets_hold_what_was_not_learned() -> None:
    """No digit of the test pairs and no number of the spoken test text was trained on."""
    with (
        np.load(ROOT / "data/digits-train.npz") as digits,
        np.load(ROOT / "data/pairs-test.npz") as pairs,
    ):
        known = {image.tobytes() for image in digits["image"]}
        assert not {image.tobytes() for image in pairs["left"]} & known
