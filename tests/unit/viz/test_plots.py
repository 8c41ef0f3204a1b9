"""Plots: what they say is right; how they look was looked at by eye."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.errors import ResourceError, UsageError
from graphnet.viz import (
    confusion_matrix,
    confusion_plot,
    decision_regions,
    loss_curve,
    plot_style,
    plots,
)

matplotlib = pytest.importorskip("matplotlib", reason="plots need matplotlib")
HISTORY = [
    {"epoch": epoch, "loss": {"train": 1 / epoch, "validation": 0.3 + (epoch - 4) ** 2 / 50}}
    for epoch in range(1, 9)
]
PLACES = np.array([[-1.0, 0.0], [1.0, 0.0], [2.0, 1.0], [-2.0, 1.0]], np.float32)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect the axes of every plot while it is drawn."""
    seen: list[Any] = []
    original = plot_style.plot

    @contextmanager
    def watched(*arguments: Any) -> Iterator[Any]:
        with original(*arguments) as axes:
            yield axes
        seen.append(axes)

    for module in (plots, confusion_plot):
        monkeypatch.setattr(module, "plot", watched)
    return seen


def words(axes: Any) -> set[str]:
    return {text.get_text() for text in axes.texts}


def right_side(places: Any) -> Any:
    return 1 / (1 + np.exp(-4 * places[:, 0]))


def png_size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def test_loss_curve_shows_both_parts_and_the_best_epoch(tmp_path: Path, drawn: list[Any]) -> None:
    loss_curve(HISTORY, tmp_path / "loss.png")
    assert png_size(tmp_path / "loss.png") == (1080, 660)
    (axes,) = drawn
    train, validation, best, line = axes.lines
    assert train.get_xydata().tolist() == [[epoch, 1 / epoch] for epoch in range(1, 9)]
    assert validation.get_ydata()[3] == pytest.approx(0.3)
    assert best.get_xydata().tolist() == [[4, 0.3]]
    assert line.get_xdata() == [4, 4]
    assert words(axes) == {
        "best validation loss 0.3 at epoch 4",
        "train\n0.125",
        "validation\n0.62",
    }
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) == ("epoch", "loss", "linear")


def test_loss_curve_is_logarithmic_over_a_wide_range(tmp_path: Path, drawn: list[Any]) -> None:
    history = [{"epoch": epoch, "loss": {"train": 10.0**-epoch}} for epoch in range(3)]
    loss_curve(history, tmp_path / "loss.png")
    assert drawn[0].get_yscale() == "log"
    assert drawn[0].get_ylabel() == "loss, logarithmic"
    assert "best train loss 0.01 at epoch 2" in words(drawn[0])


def test_loss_curve_of_one_epoch_and_of_gaps(tmp_path: Path, drawn: list[Any]) -> None:
    loss_curve([{"epoch": 1, "loss": {"train": 0.5, "validation": None}}], tmp_path / "one.png")
    assert drawn[0].get_xlim() == (0, 2)
    broken = [*HISTORY, {"epoch": 9, "loss": {"train": float("nan"), "validation": 9.0}}]
    loss_curve(broken, tmp_path / "gap.png")
    assert drawn[1].lines[0].get_xdata()[-1] == 8
    assert drawn[1].lines[1].get_xdata()[-1] == 9


def test_labels_of_close_lines_stand_apart(tmp_path: Path, drawn: list[Any]) -> None:
    history = [
        {"epoch": epoch, "loss": {"train": 1 / epoch, "validation": 1.001 / epoch}}
        for epoch in (1, 2, 3)
    ]
    loss_curve(history, tmp_path / "loss.png")
    shifts = {
        text.get_text()[:5]: text.xyann[1] for text in drawn[0].texts if "\n" in text.get_text()
    }
    assert shifts["valid"] - shifts["train"] > 25


def test_decision_regions_ring_what_is_wrong(tmp_path: Path, drawn: list[Any]) -> None:
    labels = np.array([[0.0], [1.0], [0.0], [0.0]])
    path = tmp_path / "regions.png"
    decision_regions(right_side, PLACES, labels, path, names=("width", "height"), title="Where")
    assert png_size(path) == (960, 840)
    (axes,) = drawn
    zero, one, ring = (
        part for part in axes.collections if len(part.get_offsets()) and part.get_label()[0] != "_"
    )
    assert zero.get_offsets().tolist() == [[-1, 0], [2, 1], [-2, 1]]
    assert one.get_offsets().tolist() == [[1, 0]]
    assert ring.get_offsets().tolist() == [[2, 1]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "class 0",
        "class 1",
        "misclassified: 1 of 4",
    ]
    assert (axes.get_title("left"), axes.get_xlabel(), axes.get_ylabel()) == (
        "Where",
        "width",
        "height",
    )
    field = axes.images[0].get_array()
    assert field[0, 0] < 0.01
    assert field[-1, -1] > 0.99
    boundary = np.concatenate(
        [
            path.vertices
            for part in axes.collections
            for path in part.get_paths()
            if part.get_label().startswith("_") and len(path.vertices)
        ]
    )
    np.testing.assert_allclose(boundary[:, 0], 0.0, atol=0.02)


def test_decision_regions_without_a_boundary(tmp_path: Path, drawn: list[Any]) -> None:
    decision_regions(
        lambda places: np.full((len(places), 1), 0.9), PLACES[:1], np.ones(1), tmp_path / "r.png"
    )
    assert drawn[0].get_legend().get_texts()[-1].get_text() == "misclassified: 0 of 1"
    assert len(drawn[0].collections) == 3


def test_confusion_matrix_writes_counts_and_shares(tmp_path: Path, drawn: list[Any]) -> None:
    confusion_matrix(
        [[1995, 5], [0, 0]], ["no", "yes"], tmp_path / "confusion.png", what="test set"
    )
    (axes,) = drawn
    assert words(axes) == {
        "test set: 1995 of 2000 right, 99.8%",
        "1,995",
        ">99%",
        "5",
        "<1%",
        "0",
        "0%",
    }
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["no", "yes"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("decided", "actual")
    # Row 0 is at the top.
    assert axes.get_ylim() == (1.5, -0.5)
    assert axes.collections[0].get_array().ravel().tolist() == [0.9975, 0.0025, 0.0, 0.0]


def test_confusion_matrix_of_many_classes_is_not_written_full(
    tmp_path: Path, drawn: list[Any]
) -> None:
    confusion_matrix(
        np.eye(60, dtype=int).tolist(),
        [str(k) for k in range(60)],
        tmp_path / "c.png",
        what="validation set",
    )
    assert words(drawn[0]) == {"validation set: 60 of 60 right, 100.0%"}
    assert len(drawn[0].get_yticklabels()) == 20


def test_nothing_to_plot(tmp_path: Path) -> None:
    calls: list[Callable[[Path], None]] = [
        lambda path: loss_curve([], path),
        lambda path: loss_curve([{"epoch": 1, "loss": {"train": float("inf")}}], path),
        lambda path: decision_regions(right_side, PLACES[:0], np.zeros(0), path),
        lambda path: confusion_matrix([[1, 2]], ["a", "b"], path, what="test set"),
        lambda path: confusion_matrix([], [], path, what="test set"),
    ]
    for call in calls:
        with pytest.raises(UsageError) as caught:
            call(tmp_path / "plot.png")
        assert caught.value.code == "GN733"
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ResourceError, match="plots need matplotlib") as caught:
        loss_curve(HISTORY, tmp_path / "loss.png")
    assert (caught.value.code, caught.value.help) == ("GN520", 'pip install "graphnet[plot]"')


def test_same_bytes_twice_and_settings_untouched(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    for name in ("a.png", "b.png"):
        loss_curve(HISTORY, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert dict(matplotlib.rcParams) == before


def test_unwritable_place(tmp_path: Path) -> None:
    with pytest.raises(ResourceError) as caught:
        loss_curve(HISTORY, tmp_path / "missing" / "loss.png")
    assert caught.value.code == "GN505"
