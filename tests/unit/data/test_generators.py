"""Generated samples: reproducible, balanced, and of the geometry they promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphnet import recipe
from graphnet.data import GENERATORS, read_source
from graphnet.data.__main__ import main
from graphnet.errors import DataError
from graphnet.recipe import Source

DATA = Path(__file__).resolve().parents[3] / "data"


def test_table_has_every_name_a_spec_accepts() -> None:
    assert list(GENERATORS) == list(recipe.GENERATORS)


@pytest.mark.parametrize("name", GENERATORS)
def test_columns_are_what_the_recipe_says(name: str) -> None:
    known = recipe.GENERATORS[name]
    changed = {option: default + 1 for option, default in known.options.items()}
    for options in ({}, changed):
        made = GENERATORS[name](5, 0.0, 0, **options)
        assert {column: made[column].shape[1:] for column in made} == known.columns(options)
        assert {len(values) for values in made.values()} == {5}
    source = Source(generator=name, samples=4, **changed)
    assert read_source(source, Path()).names == tuple(known.columns(changed))


@pytest.mark.parametrize("name", GENERATORS)
def test_pure_function_of_its_arguments(name: str) -> None:
    make = GENERATORS[name]
    first, again, other = make(60, 0.1, 3), make(60, 0.1, 3), make(60, 0.1, 4)
    for column in first:
        assert np.array_equal(first[column], again[column])
    given = next(iter(first))
    assert not np.array_equal(first[given], other[given])
    whole = {"label", "input", "target"}
    for column, values in first.items():
        assert values.dtype.name == ("int64" if column in whole else "float64")


@pytest.mark.parametrize(
    "name", [n for n, g in recipe.GENERATORS.items() if "label" in g.columns({})]
)
@pytest.mark.parametrize("samples", [1, 2, 7, 300])
def test_classes_are_balanced(name: str, samples: int) -> None:
    counts = np.bincount(GENERATORS[name](samples, 0.0, 5)["label"])
    assert counts.sum() == samples
    classes = 3 if name == "blobs" else 2
    assert len(counts) <= classes
    assert counts.max() == -(-samples // classes)


def test_sources_reach_the_generators() -> None:
    source = Source(generator="moons", samples=30, noise=0.2, seed=9)
    table = read_source(source, Path())
    assert np.array_equal(table.array("x"), GENERATORS["moons"](30, 0.2, 9)["x"])


def test_curve_keeps_its_distance() -> None:
    points = GENERATORS["curve"](2000, 0.0, 1)
    x, y, label = points["x"], points["y"], points["label"]
    distance = y - (x * np.sin(x) + x)
    assert np.array_equal(distance > 0, label == 1)
    # Rounding to two decimals moves a point by up to 0.005 along each axis; the slope is at most 6.
    assert 0.8 - 0.04 < np.abs(distance).min() < 0.9
    assert 4.9 < np.abs(distance).max() < 5.04
    assert -3 <= x.min() < -2.95
    assert 3.95 < x.max() <= 4
    assert np.array_equal(np.round(x, 2), x)
    assert np.array_equal(np.round(y, 2), y)


def test_curve_noise_is_a_share_of_outliers() -> None:
    clean, noisy = GENERATORS["curve"](400, 0.0, 1), GENERATORS["curve"](400, 0.03, 1)
    assert np.array_equal(clean["x"], noisy["x"])
    assert np.count_nonzero(clean["label"] != noisy["label"]) == 12
    with pytest.raises(DataError, match="a share of outliers") as caught:
        GENERATORS["curve"](10, 1.5, 0)
    assert caught.value.code == "GN328"


def test_geometry_without_noise() -> None:
    circles = GENERATORS["circles"](100, 0.0, 0)
    radius = np.hypot(circles["x"], circles["y"])
    np.testing.assert_allclose(radius, np.where(circles["label"] == 1, 0.5, 1.0), rtol=1e-12)
    xor = GENERATORS["xor"](100, 0.0, 0)
    assert np.array_equal((xor["x"] < 0) != (xor["y"] < 0), xor["label"] == 1)
    assert max(np.abs(xor["x"]).max(), np.abs(xor["y"]).max()) <= 1
    moons = GENERATORS["moons"](100, 0.0, 0)
    upper = moons["label"] == 0
    middle = np.where(upper, 0.0, 1.0), np.where(upper, 0.0, 0.5)
    np.testing.assert_allclose(np.hypot(moons["x"] - middle[0], moons["y"] - middle[1]), 1.0)
    assert (moons["y"][upper] >= 0).all()
    assert (moons["y"][~upper] <= 0.5).all()


def test_spirals_wind_apart() -> None:
    points = GENERATORS["spirals"](300, 0.0, 1, classes=3)
    radius = np.hypot(points["x"], points["y"])
    turned = np.arctan2(points["y"], points["x"]) - 3 * np.pi * radius
    arm = np.round(turned / (2 * np.pi / 3)).astype(int) % 3
    assert np.array_equal(arm, points["label"])
    assert 0.1 <= radius.min() <= radius.max() < 1


def test_lines_without_noise() -> None:
    wave = GENERATORS["sine"](100, 0.0, 1)
    np.testing.assert_allclose(wave["y"], np.sin(wave["x"]))
    assert -2 * np.pi <= wave["x"].min() < -5 < 5 < wave["x"].max() < 2 * np.pi
    data = GENERATORS["regression"](50, 0.0, 1, features=4)
    columns = np.column_stack([data["x"], np.ones(50)])
    fit, *_ = np.linalg.lstsq(columns, data["y"], rcond=None)
    np.testing.assert_allclose(columns @ fit, data["y"], rtol=1e-10)
    assert np.abs(fit).min() > 0


def test_sequences() -> None:
    same = GENERATORS["copy"](200, 0.0, 1, length=5, symbols=3)
    assert np.array_equal(same["input"], same["target"])
    assert sorted(set(same["input"].ravel())) == [0, 1, 2]
    turned = GENERATORS["reverse"](200, 0.0, 1, length=5, symbols=3)
    assert np.array_equal(turned["input"][:, ::-1], turned["target"])
    noisy = GENERATORS["copy"](2000, 0.25, 1, length=5, symbols=3)
    assert np.mean(noisy["input"] != noisy["target"]) == pytest.approx(0.25, abs=0.02)
    assert sorted(set(noisy["target"].ravel())) == [0, 1, 2]


def test_bars_lie_or_stand() -> None:
    made = GENERATORS["bars"](100, 0.0, 1, size=5)
    image, label = made["image"][:, 0], made["label"]
    lies, stands = (image.sum(axis=2) == 5).any(axis=1), (image.sum(axis=1) == 5).any(axis=1)
    assert np.array_equal(lies, label == 0)
    assert np.array_equal(stands, label == 1)
    assert (image.sum(axis=(1, 2)) == 5).all()


def test_only_single_columns_are_written_as_csv(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["bars", "-o", str(tmp_path / "bars.csv")])


def test_noise_scatters() -> None:
    blobs = GENERATORS["blobs"](30_000, 0.25, 0)
    for label, angle in enumerate(np.pi / 2 + np.arange(3) * 2 * np.pi / 3):
        x = blobs["x"][blobs["label"] == label]
        assert x.mean() == pytest.approx(2 * np.cos(angle), abs=0.03)
        assert x.std() == pytest.approx(0.75, abs=0.02)
    moved = GENERATORS["circles"](5000, 0.1, 0)["x"] - GENERATORS["circles"](5000, 0.0, 0)["x"]
    assert moved.std() == pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("curve-train.csv", ["--samples", "400", "--seed", "1", "--noise", "0.03"]),
        ("curve-test.csv", ["--samples", "200", "--seed", "2"]),
    ],
)
def test_shipped_files_are_what_the_command_writes(
    tmp_path: Path, name: str, arguments: list[str]
) -> None:
    main(["curve", *arguments, "-o", str(tmp_path / name)])
    assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()


def test_written_files_are_read_back_exactly(tmp_path: Path) -> None:
    main(["moons", "--samples", "50", "--noise", "0.1", "-o", str(tmp_path / "moons.csv")])
    table = read_source(Source(path="moons.csv"), tmp_path)
    for name, values in GENERATORS["moons"](50, 0.1, 0).items():
        assert np.array_equal(table.array(name), values)
