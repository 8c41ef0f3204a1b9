"""`graphnet new`: every template trains as it is; nothing is written over."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Command

from graphnet.cli.new_command import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_trains_as_it_is(cli: Command, place: Path, template: str) -> None:
    said = cli.good("new", "first", "--template", template)
    assert said.out == "wrote first.yaml\n"
    assert "next: graphnet train first.yaml" in said.err
    assert "name: first\n" in (place / "first.yaml").read_text()
    trained = cli.good("train", "first.yaml", "--epochs", 2, "--no-plots", "--format", "json")
    assert trained.document["epochs"] == 2
    assert trained.document["metrics"].keys() == {"train", "validation", "test"}


def test_the_folder_has_the_templates_that_are_offered() -> None:
    folder = Path(__file__).parents[2] / "graphnet/templates"
    assert {path.stem for path in folder.glob("*.yaml")} == set(TEMPLATES)


def test_a_file_that_is_there_is_left(cli: Command, place: Path) -> None:
    before = (place / "tiny.yaml").read_text()
    result = cli("new", "tiny")
    assert result.code == 4
    assert "error[GN516]" in result.err
    assert (place / "tiny.yaml").read_text() == before
    cli.good("new", "tiny.yaml", "--force")
    assert (place / "tiny.yaml").read_text() != before


def test_an_unknown_template_is_answered_with_the_nearest(cli: Command) -> None:
    result = cli("new", "x", "--template", "image")
    assert result.code == 2
    assert "did you mean 'images'?" in result.err
