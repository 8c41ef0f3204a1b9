"""Which settings trials have: every combination, draws within bounds, always the same ones."""

from __future__ import annotations

import math

import pytest

from graphnet.errors import UsageError
from graphnet.sweeps import Space, read_grid, read_random


def test_every_combination_of_a_grid_is_a_trial() -> None:
    space = Space({"a": ("1", "2"), "b": ("x", "y", "z")}, {})
    points = space.trials()
    assert points == [{"a": a, "b": b} for a in "12" for b in "xyz"]
    assert space.trials(4) == points[:4]
    assert space.trials(100) == points


def test_a_trial_does_not_depend_on_how_many_there_are() -> None:
    space = Space({"a": ("1", "2")}, dict([read_random("r=log:1e-5:1e-1")]), seed=3)
    few, many = space.trials(3), space.trials(40)
    assert many[:3] == few
    assert [point["a"] for point in many] == ["1", "2"] * 20
    assert len({point["r"] for point in many}) == 40
    assert Space({}, space.random, seed=3).trials()[1]["r"] == few[1]["r"]
    assert Space({}, space.random, seed=4).trials()[1]["r"] != few[1]["r"]
    assert len(space.trials()) == 2
    assert len(Space({}, space.random).trials()) == 10


def drawn(text: str, count: int = 4000) -> list[str]:
    key, kind = read_random(text)
    return [kind.draw(0, key, trial) for trial in range(count)]


def test_numbers_are_uniform_or_their_logarithms_are() -> None:
    plain = [float(text) for text in drawn("x=uniform:2:6")]
    assert 2 <= min(plain) < 2.1
    assert 5.9 < max(plain) <= 6
    assert sum(plain) / len(plain) == pytest.approx(4, abs=0.1)
    powers = [math.log10(float(text)) for text in drawn("x=log:1e-4:1e-2")]
    assert min(powers) >= -4
    assert max(powers) <= -2
    assert sum(powers) / len(powers) == pytest.approx(-3, abs=0.05)


def test_whole_numbers_include_both_ends() -> None:
    assert {int(text) for text in drawn("x=int:3:6", 200)} == {3, 4, 5, 6}
    counts = [drawn("x=logint:1:4").count(str(number)) / 4000 for number in (1, 2, 3, 4)]
    edges = [math.log(edge) for edge in (0.5, 1.5, 2.5, 3.5, 4.5)]
    for share, low, high in zip(counts, edges, edges[1:], strict=False):
        assert share == pytest.approx((high - low) / (edges[-1] - edges[0]), abs=0.03)


def test_choices() -> None:
    assert set(drawn("x=choice:ReLU,Tanh,[1, 2]", 50)) == {"ReLU", "Tanh", "[1, 2]"}


def test_commas_inside_brackets_do_not_separate() -> None:
    assert read_grid("a.b=[1,2],{c: 3, d: [4,5]},x") == ("a.b", ("[1,2]", "{c: 3, d: [4,5]}", "x"))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("lr", "write it like optimizer.lr=log:1e-4:1e-1"),
        ("lr=", "write it like"),
        ("lr=lag:1:2", "did you mean 'log'"),
        ("lr=log:0:1", "a logarithm needs a range above 0"),
        ("lr=log:1", "write log:LOW:HIGH"),
        ("lr=log:a:b", "write log:LOW:HIGH"),
        ("lr=uniform:2:1", "2 to 1 is no range"),
        ("lr=uniform:0:inf", "is no range"),
        ("lr=int:0.5:3", "give whole numbers"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, phrase: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_random(text)
    assert caught.value.code == "GN761"
    assert phrase in caught.value.help


def test_nothing_to_vary() -> None:
    with pytest.raises(UsageError) as caught:
        Space({}, {}).trials()
    assert caught.value.code == "GN760"
