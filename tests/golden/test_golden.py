"""Golden texts: the listing and the drawing of every spec in specs/. `make golden` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graphnet.compiler import compile_spec
from graphnet.graph import build_network
from graphnet.program import program_bytes, read_program
from graphnet.spec import load_spec
from graphnet.viz import dot_text, draw_layers

HERE = Path(__file__).parent
SPECS = sorted((HERE.parents[1] / "specs").glob("*.yaml"))

Golden = Callable[[str, str], None]
each_spec = pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)


@each_spec
def test_listing(path: Path, golden: Golden) -> None:
    golden(str(compile_spec(path)), "txt")


@each_spec
def test_drawing(path: Path, golden: Golden) -> None:
    golden(dot_text(draw_layers(build_network(load_spec(path)))), "dot")


@each_spec
def test_the_file_of_a_program_lists_the_same(path: Path) -> None:
    program = compile_spec(path)
    assert str(read_program(program_bytes(program), path.name)) == str(program)


def test_every_golden_text_belongs_to_a_spec() -> None:
    names = {path.stem for path in SPECS}
    assert names, "there are specs"
    texts = [path for path in HERE.rglob("*") if path.suffix in (".txt", ".dot")]
    assert {path.stem for path in texts} == names
    assert len(texts) == 2 * len(names)
