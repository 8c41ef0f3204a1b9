"""`graphnet trace`: one step in text and JSON, of specs, programs and runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Command


def test_a_step_in_words(cli: Command) -> None:
    out = cli.good("trace", "tiny.yaml").out
    assert out.startswith(
        "tiny.yaml: the first sample of the training set; first weights, seed 7\n"
    )
    for heading in ("setup", "forward", "backward", "update"):
        assert f"\n{heading}\n" in out
    assert "y = tanh(x)" in out
    assert "out = g * (1 - y^2)" in out
    assert "-> out  d:linear1.weight" in out


def test_one_list_of_a_step(cli: Command) -> None:
    document = cli.good(
        "trace", "tiny.yaml", "--batch", "3", "--list", "backward", "--format", "json"
    ).document
    assert document["batch"] == 3
    assert {step["list"] for step in document["instructions"]} == {"backward"}
    first = document["instructions"][0]
    assert first["op"] == "bce_with_logits_gradient"
    assert [read["role"] for read in first["reads"]] == ["g", "x", "t"]
    assert [len(read["values"]) for read in first["reads"]] == [3, 3, 3]


def test_programs_and_runs(cli: Command, place: Path) -> None:
    cli.good("compile", "tiny.yaml")
    spec = cli.good("trace", "tiny.yaml").out.splitlines()
    program = cli.good("trace", "compiled/tiny.json").out.splitlines()
    assert spec[1:] == program[1:]
    cli.good("train", "tiny.yaml", "--run-dir", "run", "--no-plots")
    trained = cli.good("trace", "run").out.splitlines()
    assert "weights of step-0000000020.safetensors" in trained[0]
    assert trained[1:] != spec[1:]


@pytest.mark.parametrize(("batch", "code"), [(9, 2), (0, 2)])
def test_a_batch_that_does_not_fit(cli: Command, batch: int, code: int) -> None:
    assert cli("trace", "tiny.yaml", "--batch", batch).code == code
