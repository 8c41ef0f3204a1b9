"""Make the data sets of this folder: `python data/make.py [FOLDER]`; the README tells of their origin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.data.generators import GENERATORS, write_csv

Array = NDArray[Any]
HERE = Path(__file__).parent

ALPHABET = " .0123456789abcdefghijklmnopqrstuvwxyz"
SPAN = 40
"""Characters in a window of the spoken numbers."""
YEARS = 24
"""Years that the forecaster of sunspots looks back on."""
TEST_YEARS = 60

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def curves(folder: Path) -> None:
    """Write points above and below a curve."""
    write_csv(GENERATORS["curve"](400, 0.03, 1), folder / "curve-train.csv")
    write_csv(GENERATORS["curve"](200, 0.0, 2), folder / "curve-test.csv")


def digits() -> tuple[Array, Array]:
    """Return scikit-learn's copy of the handwritten digits, shuffled: images (1797, 8, 8), labels."""
    from sklearn.datasets import load_digits  # noqa: PLC0415 - only those who make the data need it

    bunch = load_digits()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    return bunch.images[order].astype(np.uint8), bunch.target[order].astype(np.uint8)


def digit_files(folder: Path, images: Array, labels: Array) -> None:
    """Write 1397 digits to learn from and 400 to be judged by."""
    for name, part in (("train", slice(0, 1397)), ("test", slice(1397, None))):
        np.savez_compressed(
            folder / f"digits-{name}.npz", image=images[part, None], label=labels[part]
        )


def pair_files(folder: Path, images: Array, labels: Array) -> None:
    """Write pairs of digits, half of them of one kind, those of the test set of other people's digits."""
    for seed, (name, part, count) in enumerate(
        (("train", np.arange(1397), 3000), ("test", np.arange(1397, 1797), 600))
    ):
        chance = np.random.default_rng([7, seed])
        left = chance.choice(part, count)
        same = chance.random(count) < 0.5
        right = np.array(
            [
                _partner(chance, part, labels, int(i), bool(s))
                for i, s in zip(left, same, strict=True)
            ]
        )
        np.savez_compressed(
            folder / f"pairs-{name}.npz",
            left=images[left, None],
            right=images[right, None],
            same=same.astype(np.uint8)[:, None],
            sum=(labels[left].astype(np.int16) + labels[right]).astype(np.uint8)[:, None],
        )


def _partner(chance: np.random.Generator, part: Array, labels: Array, of: int, same: bool) -> int:
    fits = part[(labels[part] == labels[of]) == same]
    return int(chance.choice(fits[fits != of]))


def sunspot_files(folder: Path) -> None:
    """Write windows of yearly sunspot numbers, in hundreds: 24 years, and the one after them."""
    table = np.loadtxt(HERE / "sunspots.csv", delimiter=",", skiprows=1)
    series = (table[:, 1] / 100.0).astype(np.float32)
    starts = np.arange(len(series) - YEARS)
    past = series[starts[:, None] + np.arange(YEARS)][:, :, None]
    following = series[starts + YEARS][:, None]
    for name, part in (("train", slice(0, -TEST_YEARS)), ("test", slice(-TEST_YEARS, None))):
        np.savez_compressed(folder / f"sunspots-{name}.npz", past=past[part], next=following[part])


def spoken(number: int) -> str:
    """Return a number from 0 to 999 in words.

    Example:
        >>> spoken(0), spoken(42), spoken(317)
        ('zero', 'forty two', 'three hundred seventeen')
    """
    if number < len(ONES):
        return ONES[number]
    if number < 100:
        rest = f" {ONES[number % 10]}" if number % 10 else ""
        return TENS[number // 10 - 2] + rest
    rest = f" {spoken(number % 100)}" if number % 100 else ""
    return f"{ONES[number // 100]} hundred{rest}"


def spoken_files(folder: Path) -> None:
    """Write windows of text such as `forty two is 42.`; the numbers of the test set are other ones."""
    order = np.random.default_rng(3).permutation(1000)
    for seed, (name, numbers, count) in enumerate(
        (("train", order[:850], 2400), ("test", order[850:], 400))
    ):
        chance = np.random.default_rng([11, seed])
        text = " ".join(f"{spoken(int(n))} is {n}." for n in chance.choice(numbers, 6 * count))
        codes = np.array([ALPHABET.index(char) for char in text], np.uint8)
        starts = chance.integers(0, len(codes) - SPAN - 1, count)
        windows = codes[starts[:, None] + np.arange(SPAN + 1)]
        np.savez_compressed(
            folder / f"spoken-{name}.npz", text=windows[:, :-1], next=windows[:, 1:]
        )


def sorting_files(folder: Path) -> None:
    """Write ten digits in random order, and the same in ascending order."""
    for seed, (name, count) in enumerate((("train", 4000), ("test", 600))):
        tokens = np.random.default_rng([13, seed]).integers(0, 10, (count, 10), np.uint8)
        np.savez_compressed(
            folder / f"sorting-{name}.npz", tokens=tokens, sorted=np.sort(tokens, axis=1)
        )


def bike_files(folder: Path) -> None:
    """Write how many bicycles are lent in an hour (few, some, many), by time and weather; made up."""
    chance = np.random.default_rng(5)
    count = 2400
    weekday, hour = chance.integers(0, 7, count), chance.integers(0, 24, count)
    weather = chance.choice(4, count, p=(0.5, 0.3, 0.15, 0.05))
    temperature = 12 + 9 * np.sin((hour - 9) / 24 * 2 * np.pi) + chance.normal(0, 6, count)
    wind = chance.gamma(2.0, 6.0, count)
    work = weekday < 5
    rush = np.where(
        work,
        np.exp(-((hour - 8) ** 2) / 3) + np.exp(-((hour - 17.5) ** 2) / 5),
        np.exp(-((hour - 14) ** 2) / 18),
    )
    demand = 2.2 * rush + 0.05 * temperature - 0.02 * wind - np.array([0, 0.3, 1.0, 2.0])[weather]
    demand += chance.normal(0, 0.15, count)
    level = np.digitize(demand, np.quantile(demand, [1 / 3, 2 / 3]))
    columns: dict[str, Array] = {
        "weekday": weekday,
        "hour": hour,
        "weather": weather,
        "temperature": temperature.round(1),
        "wind": wind.round(1),
        "demand": level,
    }
    _write_split(folder, "bikes", columns, 2000)


def home_files(folder: Path) -> None:
    """Write prices of homes by size, age, kind and district; made up."""
    chance = np.random.default_rng(6)
    count = 2400
    area, age = chance.gamma(6.0, 18.0, count) + 20, chance.gamma(2.0, 18.0, count)
    kind, district = chance.integers(0, 4, count), chance.integers(0, 12, count)
    district_level = np.linspace(-0.4, 0.5, 12)
    taste = chance.normal(0, 0.25, (12, 4))
    price = 0.8 * np.log(area) + district_level[district] + taste[district, kind]
    price += 0.15 * np.cos(age / 20) - 0.003 * age + chance.normal(0, 0.08, count)
    columns: dict[str, Array] = {
        "area": (area / 100).round(3),
        "age": (age / 100).round(3),
        "kind": kind,
        "district": district,
        "cross": district * 4 + kind,
        "price": np.exp(price - 3.0).round(3),
    }
    _write_split(folder, "homes", columns, 2000)


def _write_split(folder: Path, name: str, columns: dict[str, Array], first: int) -> None:
    for part, rows in (("train", slice(0, first)), ("test", slice(first, None))):
        write_csv(
            {key: value[rows] for key, value in columns.items()}, folder / f"{name}-{part}.csv"
        )


def main() -> None:
    """Make everything."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    curves(folder)
    images, labels = digits()
    digit_files(folder, images, labels)
    pair_files(folder, images, labels)
    sunspot_files(folder)
    spoken_files(folder)
    sorting_files(folder)
    bike_files(folder)
    home_files(folder)


if __name__ == "__main__":
    main()
