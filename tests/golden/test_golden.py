"""Golden texts: the listing and the drawing of every spec in specs/. `make golden` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graphnet.compiler import compile_spec
from graphnet.graph import build_network
from graphnet.program import program_bytes, read_program
from graphnet.spec import load_spec
from graphnet.viz import LEVELS, dot_text, draw_layers, picture_of, to_bytes

HERE = Path(__file__).parent
MLP = HERE.parents[1] / "specs" / "mlp.yaml"
SPECS = sorted((HERE.parents[1] / "specs").glob("*.yaml"))

Golden = Callable[[str, str], None]
each_spec = pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)


@each_spec
def test_listing(path: Path, golden: Golden) -> None:
    golden(str(compile_spec(path)), "txt")


@each_spec
def test_drawing(path: Path, golden: Golden) -> None:
    golden(dot_text(draw_layers(build_network(load_spec(path)))), "dot")


@pytest.mark.parametrize("suffix", ["txt", "mmd"])
@pytest.mark.parametrize("level", LEVELS)
def test_levels(level: str, suffix: str, golden: Golden) -> None:
    """The texts of every level of one network; the others are held by properties."""
    network = build_network(load_spec(MLP))
    picture = picture_of(level, network, lambda: compile_spec(MLP))
    golden(to_bytes(picture, suffix).decode(), suffix)


@each_spec
def test_the_file_of_a_program_lists_the_same(path: Path) -> None:
    program = compile_spec(path)
    assert str(read_program(program_bytes(program), path.name)) == str(program)


def test_every_golden_text_belongs_to_a_spec() -> None:
    names = {path.stem for path in SPECS}
    assert names, "there are specs"
    texts = [*HERE.glob("listing/*"), *HERE.glob("drawing/*")]
    assert {path.stem for path in texts} == names
    assert len(texts) == 2 * len(names)
    levels = {path.name for path in HERE.glob("levels/*")}
    assert levels == {f"{level}-{suffix}.{suffix}" for level in LEVELS for suffix in ("mmd", "txt")}
