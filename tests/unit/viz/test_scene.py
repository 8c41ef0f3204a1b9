"""Scenes: the same shapes in SVG, in DOT and as pixels; every text stands for itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from graphnet.errors import ResourceError, UsageError
from graphnet.viz import Chart, Picture, render, to_bytes
from graphnet.viz import render as render_module
from graphnet.viz.letters import fitted, text_width
from graphnet.viz.raster import raster_bytes
from graphnet.viz.scene import Box, Scene, Spot, Trace, Words
from graphnet.viz.scene_dot import scene_dot
from graphnet.viz.svg import svg_text

SVG = "{http://www.w3.org/2000/svg}"
ODD = (
    'say "hi"',
    "a<b>&amp;c",
    "back\\slash \\N",
    "d::x/y",
    "層と 层",
    "new\nline",
    "$math$",
    "<b/>",
)
SCENE = Scene(
    'odd "scene" <&>',
    300.0,
    200.0,
    (
        Box(10, 10, 80, 30, "#ffffff", "#000000", 4.0, 2.0, "4 3", 'about "<&>"'),
        Box(10, 60, 80, 30, "#123456"),
        Spot(150, 50, 5, "", "#00ff00"),
        Spot(150, 80, 5, "#ff0000", "#00ff00", diamond=True),
        Trace(((10.0, 100.0), (290.0, 100.0)), "#111111"),
        Trace(((10.0, 110.0), (60.0, 160.0)), "#111111", 1.5, "2 2", arrow=True),
        Trace(((10.0, 120.0), (60.0, 120.0), (60.0, 180.0), (90.0, 180.0)), "#222222", curved=True),
        *(Words(100.0, 20.0 + 20.0 * n, text, 9.0, "#333333") for n, text in enumerate(ODD)),
        Words(250.0, 150.0, "turned", 9.0, "#333333", "middle", bold=True, turn=-45.0),
    ),
)


def parsed(text: str | bytes) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - our own text


class OddChart(Chart):
    """The scene above as a chart."""

    def scene(self) -> Scene:
        return SCENE

    def mermaid(self) -> str:
        return "flowchart TB\n"

    def text(self) -> str:
        return "odd\n"


def test_svg_is_well_formed_and_shows_every_text_literally() -> None:
    root = parsed(svg_text(SCENE))
    assert (root.get("width"), root.get("height")) == ("300", "200")
    assert root[0].text == SCENE.title
    assert [text.text for text in root.iter(f"{SVG}text")] == [*ODD, "turned"]
    (about,) = [rect[0].text for rect in root.iter(f"{SVG}rect") if len(rect)]
    assert about == 'about "<&>"'


def test_svg_has_every_shape_at_its_place() -> None:
    root = parsed(svg_text(SCENE))
    _, first, second = root.iter(f"{SVG}rect")
    assert {key: first.get(key) for key in ("x", "y", "width", "height", "rx")} == {
        "x": "10", "y": "10", "width": "80", "height": "30", "rx": "4",
    }  # fmt: skip
    assert (second.get("fill"), second.get("stroke")) == ("#123456", None)
    assert len(list(root.iter(f"{SVG}circle"))) == 1
    assert len(list(root.iter(f"{SVG}polygon"))) == 2, "a diamond and an arrow head"
    assert [path.get("d") for path in root.iter(f"{SVG}path")] == [
        "M10 100L290 100",
        "M10 110L60 160",
        "M10 120C60 120 60 180 90 180",
    ]


def test_svg_can_load_and_run_nothing() -> None:
    tags = {element.tag.removeprefix(SVG) for element in parsed(svg_text(SCENE)).iter()}
    assert tags <= {"svg", "title", "rect", "circle", "polygon", "path", "text"}
    assert "href" not in svg_text(SCENE)


def test_dot_draws_the_same_places() -> None:
    if shutil.which("dot") is None:
        pytest.skip("dot is not installed")
    plain = subprocess.run(
        ["dot", "-Tplain"], input=scene_dot(SCENE).encode(), capture_output=True, check=True
    )
    lines = plain.stdout.decode().splitlines()
    nodes = [line.split() for line in lines if line.startswith("node n0 ")]
    ((_, _, x, y, w, h, *_),) = nodes
    # Graphviz counts inches from the lower left of what is drawn; differences are what is fixed.
    others = next(line.split() for line in lines if line.startswith("node n1 "))
    assert (float(w), float(h)) == pytest.approx((80 / 96, 30 / 96), abs=0.01)  # whole points
    assert float(x) == pytest.approx(float(others[2]), abs=1e-3)
    assert float(y) - float(others[3]) == pytest.approx(50 / 96, abs=1e-3)


def test_dot_shows_every_text_literally() -> None:
    if shutil.which("dot") is None:
        pytest.skip("dot is not installed")
    drawn = subprocess.run(
        ["dot", "-Tsvg"], input=scene_dot(SCENE).encode(), capture_output=True, check=True
    )
    texts = {text.text for text in parsed(drawn.stdout).iter(f"{SVG}text")}
    assert {*ODD[:5], *ODD[6:], "new", "line"} <= texts
    assert set("turned") <= texts, "turned text is letter by letter"


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_painted_pictures_are_the_same_every_time(suffix: str) -> None:
    pytest.importorskip("matplotlib")
    content = raster_bytes(SCENE, suffix)
    assert content == raster_bytes(SCENE, suffix)
    if suffix == "png":
        size = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
        assert size == (600, 400)
    else:
        assert content.startswith(b"%PDF")


@pytest.mark.parametrize("suffix", ["svg", "dot", "mmd", "txt"])
def test_charts_need_no_program(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert render(OddChart(), tmp_path / f"odd.{suffix}") == []
    assert (tmp_path / f"odd.{suffix}").read_bytes() == to_bytes(OddChart(), suffix)


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_without_matplotlib_the_svg_is_kept(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ResourceError) as caught:
        render(OddChart(), tmp_path / f"odd.{suffix}")
    assert (caught.value.code, caught.value.exit_code) == ("GN520", 4)
    assert caught.value.help == 'pip install "graphnet[plot]"'
    assert caught.value.notes == (f"its svg is in {str(tmp_path / 'odd.svg')!r}",)
    assert (tmp_path / "odd.svg").read_text("utf-8") == svg_text(SCENE)
    assert not (tmp_path / f"odd.{suffix}").exists()


def test_too_many_shapes_are_refused_before_they_are_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[render_module.__module__], "_MOST_PAINTED", 3)
    chart: Picture = OddChart()
    with pytest.raises(UsageError, match="shapes are too many for a png") as caught:
        render(chart, tmp_path / "odd.png")
    assert caught.value.code == "GN735"
    assert list(tmp_path.iterdir()) == []


def test_texts_are_shortened_to_their_room() -> None:
    for room in (200.0, 90.0, 50.0, 30.0, 5.0):
        text = fitted("stage1.0.conv1.weight", 10.0, room)
        assert text_width(text, 10.0) <= room
        assert text == "" or (text[0], text[-1]) == ("s", "t")


def test_more_text_than_mermaid_reads_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OddChart, "mermaid", lambda self: "x" * 50_001)
    (message,) = render(OddChart(), tmp_path / "a.mmd")
    assert "these are 50,001: raise its setting maxTextSize" in message
