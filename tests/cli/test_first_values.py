"""First values from files: every command that compiles tells whether they fit, before it does anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commands import Command

SPEC = """\
graphnet: 1
inputs: {x: {shape: [3]}}
targets: {y: {shape: [2]}}
layers:
  a: {type: Linear, out_features: 2, init: {weight: {type: from_file, path: w.npy}, bias: zeros}}
loss: MSELoss
"""


@pytest.fixture
def spec(place: Path) -> Path:
    folder = place / "nets"
    folder.mkdir()
    (folder / "a.yaml").write_text(SPEC)
    return folder / "a.yaml"


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "--gradients"),
        ("compile",),
        ("train", "--no-plots"),
        ("inspect",),
        ("bench",),
    ],
)
def test_files_that_do_not_fit_are_told_first(
    cli: Command, spec: Path, words: tuple[str, ...]
) -> None:
    np.save(spec.parent / "w.npy", np.ones((3, 2)))
    command, *options = words
    result = cli(command, "nets/a.yaml", *options)
    told = result.err
    assert result.code == 1
    assert (
        "error[GN319]: a.weight takes numbers of shape [2, 3], 'w.npy' holds float64 of [3, 2]"
        in told
    )
    assert "--> nets/a.yaml:5:53" in told
    assert not (spec.parent.parent / "compiled").exists()
    assert not (spec.parent.parent / "runs").exists()


def test_paths_are_relative_to_the_spec(cli: Command, spec: Path) -> None:
    np.save(spec.parent / "w.npy", np.ones((2, 3)))
    for words in (("check", "--gradients"), ("compile",)):
        cli.good(words[0], "nets/a.yaml", *words[1:])
