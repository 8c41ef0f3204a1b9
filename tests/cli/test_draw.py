"""`graphnet draw`: every level in every format, and every way in which it cannot be drawn."""

from __future__ import annotations

import html
import json
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from commands import ROOT, Command, files_of

from graphnet.compiler import compile_network
from graphnet.graph import build_network
from graphnet.spec import load_spec
from graphnet.viz import picture_of, to_bytes

SPECS = sorted((ROOT / "specs").glob("*.yaml"))
LEVELS = ("layers", "ops", "program", "memory")
STARTS = {
    "svg": b"<",
    "png": b"\x89PNG",
    "pdf": b"%PDF",
    "dot": b"digraph",
    "mmd": b"---",
    "txt": b"",
}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take away dot, graphviz-pure and matplotlib."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setitem(sys.modules, "matplotlib", None)


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_every_level_of_every_spec_in_every_text_and_svg(spec: Path) -> None:
    network = build_network(load_spec(spec))
    program = compile_network(network)
    for level in LEVELS:
        picture, again = (picture_of(level, network, lambda: program) for _ in range(2))
        for suffix in ("svg", "dot", "mmd", "txt"):
            if suffix == "svg" and level == "layers" and shutil.which("dot") is None:
                continue
            content = to_bytes(picture, suffix)
            assert content.startswith(STARTS[suffix])
            assert network.spec.name in html.unescape(content.decode())
            assert to_bytes(again, suffix) == content, "the same spec gives the same bytes"
            if level == "layers" and suffix == "txt":
                text = content.decode()
                assert all(name.rpartition(".")[2] in text for name in network.order)


@pytest.mark.parametrize("suffix", ["png", "pdf"])
@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_painted(cli: Command, place: Path, level: str, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    if level == "layers" and shutil.which("dot") is None:
        pytest.skip("dot is not installed")
    result = cli.good(
        "draw", "tiny.yaml", "--level", level, "-o", f"a.{suffix}", "--format", "json"
    )
    assert result.document == {"file": f"a.{suffix}", "level": level}
    assert (place / f"a.{suffix}").read_bytes().startswith(STARTS[suffix])


@pytest.mark.usefixtures("bare")
def test_without_any_program_texts_and_charts_work(cli: Command, place: Path) -> None:
    for level in LEVELS:
        for suffix in ("dot", "mmd", "txt", *(["svg"] if level != "layers" else [])):
            cli.good("draw", "tiny.yaml", "--level", level, "-o", f"{level}.{suffix}")
            assert (place / f"{level}.{suffix}").stat().st_size > 200


@pytest.mark.usefixtures("bare")
def test_without_any_program_layers_keep_their_dot(cli: Command, place: Path) -> None:
    result = cli("draw", "tiny.yaml", "-o", "a.svg")
    assert result.code == 4
    assert "error[GN521]: svg needs Graphviz, which is not installed" in result.err
    assert (place / "a.dot").read_bytes().startswith(b"digraph")
    assert not (place / "a.svg").exists()


@pytest.mark.usefixtures("bare")
def test_without_matplotlib_charts_keep_their_svg(cli: Command, place: Path) -> None:
    result = cli("draw", "tiny.yaml", "--level", "memory", "-o", "a.png")
    assert result.code == 4
    assert 'help: pip install "graphnet[plot]"' in result.err
    assert (place / "a.svg").read_bytes().startswith(b"<svg")


def spec_of(layers: dict[str, Any]) -> str:
    return json.dumps({"graphnet": 1, "inputs": {"x": {"shape": [2]}}, "layers": layers})


def test_ten_thousand_layers_are_folded(cli: Command, place: Path) -> None:
    layers = {f"linear{number}": {"type": "Linear", "out_features": 2} for number in range(10_000)}
    (place / "deep.yaml").write_text(spec_of(layers))
    result = cli.good("draw", "deep.yaml", "-o", "deep.txt")
    assert "10,002 boxes were folded to 3" in result.err
    text = (place / "deep.txt").read_text("utf-8")
    assert "linear0 to linear9999 (\N{MULTIPLICATION SIGN}10,000)" in text


def test_too_large_pictures_are_refused(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = {f"linear{number}": {"type": "Linear", "out_features": 2} for number in range(2001)}
    (place / "deep.yaml").write_text(spec_of(layers))
    whole = cli("draw", "deep.yaml", "-o", "deep.svg", "--no-fold")
    assert (whole.code, "GN735" in whole.err) == (2, True)
    monkeypatch.setattr("graphnet.viz.levels._MOST_LAYERS", 2)
    for level in LEVELS[1:]:
        refused = cli("draw", "tiny.yaml", "-o", "deep.svg", "--level", level)
        assert (refused.code, "GN737" in refused.err) == (2, True)
    assert not (place / "deep.svg").exists()


@pytest.mark.parametrize("overlay", ["time", "bytes", "flops"])
def test_overlays_colour_layers(cli: Command, place: Path, overlay: str) -> None:
    options = ("-o", "a.dot", "--overlay", overlay, "--format", "json")
    result = cli.good("draw", "tiny.yaml", *options)
    assert result.document == {"file": "a.dot", "level": "layers", "overlay": overlay}
    text = (place / "a.dot").read_text()
    assert 'fillcolor="#481c86"' in text, "the most is the darkest"
    assert "optimizer: " in text


def test_gradients_are_drawn_of_a_run(cli: Command, place: Path) -> None:
    cli.good("train", "tiny.yaml", "--run-dir", "run")
    cli.good("draw", "run", "-o", "a.txt", "--overlay", "gradients")
    text = (place / "a.txt").read_text()
    assert "of the loss of the first 8 training samples" in text
    rows = [line for line in text.splitlines() if "gradient " in line and "Linear" in line]
    assert len(rows) == 2
    names = place.glob("run/checkpoints/*.safetensors")
    checkpoint = max(path for path in names if path.stem != "best")
    cli.good("draw", checkpoint, "-o", "b.txt", "--overlay", "gradients")
    assert (place / "b.txt").read_text() == text
    refused = cli("draw", "tiny.yaml", "-o", "c.txt", "--overlay", "gradients")
    assert (refused.code, "GN736" in refused.err) == (2, True)


@pytest.mark.parametrize("option", [["--fold"], ["--no-fold"], ["--overlay", "flops"]])
def test_options_of_the_layers_are_refused_elsewhere(
    cli: Command, place: Path, option: list[str]
) -> None:
    before = files_of(place)
    result = cli("draw", "tiny.yaml", "--level", "ops", "-o", "a.txt", *option)
    assert (result.code, "GN736" in result.err) == (2, True)
    assert files_of(place) == before


def test_draw_with_settings(cli: Command, place: Path) -> None:
    more = ("--set", "layers.linear1.out_features=30")
    for level in LEVELS:
        cli.good("draw", "tiny.yaml", "--level", level, "-o", "a.txt", *more)
        cli.good("draw", "tiny.yaml", "--level", level, "-o", "b.txt")
        one, other = ((place / name).read_text() for name in ("a.txt", "b.txt"))
        assert (one == other) == (level == "program"), "its lanes are the same"


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.dot", b"digraph"), ("a.mmd", b""), ("a.txt", b"tiny"), ("deep name.dot", b"digraph")],
)
def test_draw_texts(cli: Command, place: Path, name: str, start: bytes) -> None:
    result = cli.good("draw", "tiny.yaml", "-o", name)
    content = (place / name).read_bytes()
    assert content.startswith(start)
    assert b"linear1" in content
    assert result.out == f"wrote {name}\n"
    assert result.err.endswith("next: graphnet inspect tiny.yaml\n")


def test_draw_programs_like_specs(cli: Command, place: Path) -> None:
    cli.good("compile", "tiny.yaml")
    cli.good("draw", "tiny.yaml", "-o", "spec.dot")
    result = cli.good("draw", "compiled/tiny.json", "-o", "program.dot", "--format", "json")
    assert result.document == {"file": "program.dot", "level": "layers"}
    assert (place / "spec.dot").read_bytes() == (place / "program.dot").read_bytes()


def test_draw_twice_gives_the_same_picture(cli: Command, place: Path) -> None:
    cli.good("draw", "tiny.yaml", "-o", "one.svg")
    cli.good("draw", "tiny.yaml", "-o", "two.svg")
    assert b"<svg" in (place / "one.svg").read_bytes()
    assert (place / "one.svg").read_bytes() == (place / "two.svg").read_bytes()


def test_draw_takes_its_name_from_the_spec(cli: Command, place: Path) -> None:
    cli.good("draw", "tiny.yaml")
    assert (place / "tiny.svg").is_file()


@pytest.mark.parametrize("name", ["a.gif", "a", "a.yaml"])
def test_draw_into_an_unknown_format(cli: Command, place: Path, name: str) -> None:
    before = files_of(place)
    result = cli("draw", "tiny.yaml", "-o", name)
    assert result.code == 2
    assert "error[GN734]" in result.err
    assert "formats: svg, png, pdf, dot, mmd, txt" in result.err
    assert files_of(place) == before


def test_draw_a_wrong_level(cli: Command) -> None:
    result = cli("draw", "tiny.yaml", "--level", "layer")
    assert result.code == 2
    assert "did you mean 'layers'?" in result.err


def test_the_folder_of_a_picture_is_made(cli: Command, place: Path) -> None:
    cli.good("draw", "tiny.yaml", "-o", "new/deep/x.dot")
    assert (place / "new/deep/x.dot").read_text().startswith("digraph")
