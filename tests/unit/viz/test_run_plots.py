"""Plots of runs: their numbers against scikit-learn and formulas; how they look was looked at by eye."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.errors import ResourceError, UsageError
from graphnet.viz import (
    are_images,
    class_regions,
    curve_plots,
    layer_norms,
    metric_curves,
    mistakes_plot,
    plot_style,
    predicted_against_true,
    ranking_curves,
    ranking_plot,
    rate_curve,
    regions_plot,
    regression_plot,
    weight_norms,
    worst_mistakes,
)
from graphnet.viz.plot_style import spread
from graphnet.viz.ranking_plot import ranked

pytest.importorskip("matplotlib", reason="plots need matplotlib")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect the axes of every plot while it is drawn."""
    seen: list[Any] = []
    plot, panels = plot_style.plot, plot_style.panels

    @contextmanager
    def watched(*arguments: Any) -> Iterator[Any]:
        with plot(*arguments) as axes:
            yield axes
            seen.append(axes)

    @contextmanager
    def watched_panels(*arguments: Any) -> Iterator[Any]:
        with panels(*arguments) as every:
            yield every
            seen.extend(every)

    for module in (curve_plots, ranking_plot, regression_plot, regions_plot, mistakes_plot):
        for name, function in (("plot", watched), ("panels", watched_panels)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, function)
    return seen


def words(axes: Any) -> set[str]:
    return {text.get_text() for text in axes.texts}


def random_ranking(seed: int) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    wanted = random.random(200) < 0.3
    # Few different scores, so that many are equal.
    return np.round(0.4 * wanted + random.random(200), 1), wanted


@pytest.mark.parametrize("seed", range(4))
def test_ranking_is_scikit_learns(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    scores, wanted = random_ranking(seed)
    curve = ranked(scores, wanted)
    false, true, _ = metrics.roc_curve(wanted, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve["false"], false, rtol=0, atol=1e-15)
    np.testing.assert_allclose(curve["true"], true, rtol=0, atol=1e-15)
    assert curve["roc_area"] == pytest.approx(metrics.roc_auc_score(wanted, scores), abs=1e-14)
    expected = metrics.average_precision_score(wanted, scores)
    assert curve["average_precision"] == pytest.approx(expected, abs=1e-14)
    precision, recall, _ = metrics.precision_recall_curve(wanted, scores)
    np.testing.assert_allclose(curve["precision"], precision[::-1], rtol=0, atol=1e-15)
    np.testing.assert_allclose(curve["true"], recall[::-1], rtol=0, atol=1e-15)


def test_ranking_curves_tell_their_areas(drawn: list[Any], tmp_path: Path) -> None:
    scores, wanted = random_ranking(0)
    names = {"class 0": wanted, "class 1": ~wanted, "never": np.zeros(200, bool)}
    ranking_curves(
        {"class 0": scores, "class 1": -scores, "never": scores},
        names,
        tmp_path / "r.png",
        what="test",
    )
    area = ranked(scores, wanted)["roc_area"]
    assert {f"class 0  area {area:.4f}", f"class 1  area {area:.4f}"} <= words(drawn[0])
    assert not any("never" in text for text in words(drawn[0]))
    with pytest.raises(UsageError, match="no class has samples"):
        ranking_curves({"a": scores}, {"a": np.ones(200, bool)}, tmp_path / "no.png", what="test")
    assert not (tmp_path / "no.png").exists()


def test_metrics_are_drawn_with_the_best_epoch(drawn: list[Any], tmp_path: Path) -> None:
    points = [(epoch, 1.0 / epoch) for epoch in range(1, 6)]
    curves = {"loss": {"train": points, "validation": [*points[:4], (5, float("nan"))]},
              "accuracy": {"validation": [(epoch, 1 - value) for epoch, value in points]}}  # fmt: skip
    metric_curves(curves, tmp_path / "m.png", best=3, by="validation loss")
    loss, accuracy = drawn
    assert [axes.get_title(loc="left") for axes in drawn] == ["loss", "accuracy"]
    assert {"train 0.2", "validation 0.25", "epoch 3, best by validation loss: 0.3333"} <= words(
        loss
    )
    assert "epoch 3, best by validation loss: 0.6667" in words(accuracy)
    assert loss.get_xlim() == (1, 5)
    with pytest.raises(UsageError, match="no epoch has a metric"):
        metric_curves({"loss": {"train": []}}, tmp_path / "no.png")


def test_a_metric_that_never_changes_has_whole_ends(drawn: list[Any], tmp_path: Path) -> None:
    curves = {"accuracy": {"train": [(1, 1.0), (2, 1.0)]}, "mse": {"train": [(1, 8.0), (2, 8.0)]}}
    metric_curves(curves, tmp_path / "m.png")
    assert [axes.get_ylim() for axes in drawn] == [(0.0, 1.0), (0.0, 16.0)]


def test_of_many_classes_the_hardest_are_ranked_and_it_is_told(
    drawn: list[Any], tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    labels = np.arange(380) % 38
    strength = np.linspace(0.2, 4.0, 38)[::-1]  # class 37 is the hardest
    wanted = {f"class {number}": labels == number for number in range(38)}
    scores = {
        f"class {number}": strength[number] * is_it + random.random(380)
        for number, is_it in enumerate(wanted.values())
    }
    ranking_curves(scores, wanted, tmp_path / "r.png", what="test set")
    areas = {name: ranked(scores[name], wanted[name])["roc_area"] for name in scores}
    hardest = sorted(areas, key=lambda name: areas[name])[:10]
    told = {text.rpartition("  area")[0] for text in words(drawn[0])}
    assert told == set(hardest)
    title = drawn[0].figure.get_suptitle()
    assert title == "Ranking, test set: 10 of 38 classes, those of the smallest ROC area"
    # Beside the curves, not on them.
    assert all(text.get_position()[0] > 1.0 for axes in drawn for text in axes.texts)


def test_rates_are_drawn_as_steps(drawn: list[Any], tmp_path: Path) -> None:
    rate_curve([0.1] * 8 + [0.05] * 8, 4, tmp_path / "r.png")
    (axes,) = drawn
    (line,) = axes.lines
    assert line.get_ydata().tolist() == [0.1] * 8 + [0.05] * 8
    assert axes.get_xlabel() == "update (4 an epoch)"
    assert "from 0.1 to 0.05, 16 updates" in words(axes)
    rate_curve([0.1] * 9001, 4, tmp_path / "r.png")
    assert len(drawn[1].lines[0].get_ydata()) <= 4000
    assert "0.1 throughout, 9,001 updates" in words(drawn[1])


@pytest.mark.parametrize("count", [1, 3, 8, 9, 120])
def test_norms_are_lines_for_few_layers_and_a_field_for_many(
    drawn: list[Any], tmp_path: Path, count: int
) -> None:
    norms = {f"layer{n}": [10.0**-n, 0.0, 2.0 * 10.0**-n] for n in range(count)}
    layer_norms([1, 2, 3], norms, tmp_path / "n.png")
    (axes,) = drawn
    if count <= 8:
        assert [line.get_ydata()[0] for line in axes.lines] == [
            values[0] for values in norms.values()
        ]
        assert set(norms) <= words(axes)
    else:
        assert axes.collections[0].get_array().shape == (count, 3)


def test_weights_before_and_after(drawn: list[Any], tmp_path: Path) -> None:
    weight_norms({"a": 1.0, "b": 2.0}, {"a": 1.5, "b": 0.5}, tmp_path / "w.png")
    weight_norms({}, {"a": 1.5}, tmp_path / "w.png")
    ends = [line.get_xdata()[0] for line in drawn[0].lines if line.get_marker() == "o"]
    assert ends == [1.0, 1.5, 2.0, 0.5]
    assert "ring: before training, disc: after" in words(drawn[0])
    assert "after training" in words(drawn[1])


def test_predictions_tell_how_good_they_are(drawn: list[Any], tmp_path: Path) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(0)
    true = random.standard_normal(100)
    predicted = true + 0.3 * random.standard_normal(100)
    predicted_against_true(true, predicted, tmp_path / "p.png", what="test set")
    left, right = drawn
    rms = metrics.mean_squared_error(true, predicted) ** 0.5
    told = f"R2 {metrics.r2_score(true, predicted):.4f}, root mean square {rms:.4g}"
    assert left.get_title(loc="left") == told
    assert len(left.collections[0].get_offsets()) == 100
    assert sum(bar.get_height() for bar in right.patches) == 100


def test_regions_of_several_classes(drawn: list[Any], tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    points = random.standard_normal((90, 2))
    centres = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 2.0]])

    def shares(places: Any) -> Any:
        powers = np.exp(places @ centres.T)
        return powers / powers.sum(axis=1, keepdims=True)

    labels = shares(points).argmax(axis=1)
    labels[:7] = (labels[:7] + 1) % 3
    class_regions(shares, points, labels, tmp_path / "c.png", names=("u", "v"))
    (axes,) = drawn
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["class 0", "class 1", "class 2", "misclassified: 7 of 90"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("u", "v")
    field = axes.images[0].get_array()
    left, right, low, high = axes.images[0].get_extent()
    for place, number in (((right, 0.5 * (low + high)), 0), ((left, 0.5 * (low + high)), 1)):
        row, column = 120, 239 if place[0] == right else 0
        colour = plot_style.CLASS_COLOURS[number]
        strongest = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        assert np.argmin(field[row, column]) == np.argmin(strongest)
    with pytest.raises(UsageError, match="more than there are colours for"):
        class_regions(
            lambda places: np.ones((len(places), 11)) / 11, points, labels, tmp_path / "no.png"
        )


def test_the_worst_mistakes_come_first(drawn: list[Any], tmp_path: Path) -> None:
    images = np.arange(5 * 36, dtype=np.float32).reshape(5, 1, 6, 6)
    shares = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.99, 0.01], [0.3, 0.7]])
    labels = np.array([1, 1, 1, 1, 0])
    found = worst_mistakes(
        images, shares, labels, ["no", "yes"], tmp_path / "w.png", what="test set"
    )
    assert found == 4
    told = [[text.get_text() for text in axes.texts] for axes in drawn if axes.texts]
    assert told == [
        ["no  99%", "is yes  1.0%"],
        ["no  90%", "is yes  10.0%"],
        ["yes  70%", "is no  30.0%"],
        ["no  60%", "is yes  40.0%"],
    ]
    right = np.array([0, 0, 1, 0, 1])
    path = tmp_path / "none.png"
    assert worst_mistakes(images, shares, right, ["no", "yes"], path, what="x") == 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((9, 8, 8), True), ((9, 1, 8, 8), True), ((9, 3, 28, 20), True), ((9, 2, 8, 8), False),
     ((9, 3), False), ((9, 8, 3), False), ((9, 1, 3, 3, 3), False)],
)  # fmt: skip
def test_what_images_are(shape: tuple[int, ...], expected: bool) -> None:
    assert are_images(shape) == expected


@pytest.mark.parametrize(
    "heights", [[0.0, 0.0, 0.0], [5.0], [], [0, 3, 4, 100, 101], [1, 9, 9.5, 10]]
)
def test_labels_are_kept_apart_and_in_order(heights: list[float]) -> None:
    places = spread(heights, 10.0)
    assert all(other - one >= 10.0 - 1e-9 for one, other in pairwise(places))
    assert sum(places) == pytest.approx(sum(heights))


def test_equal_runs_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        rate_curve([0.1, 0.2], 1, tmp_path / f"{name}.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_without_matplotlib_the_cure_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in (
        lambda: rate_curve([0.1], 1, tmp_path / "a.png"),
        lambda: metric_curves({"loss": {"train": [(1, 2.0)]}}, tmp_path / "a.png"),
    ):
        with pytest.raises(ResourceError) as caught:
            draw()
        assert (caught.value.code, caught.value.help) == ("GN520", 'pip install "graphnet[plot]"')
