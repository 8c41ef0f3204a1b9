"""Augmentation and prefetch: pure functions of (seed, epoch, sample), only while training."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.data import Batches, Declaration, Samples, load_samples
from graphnet.data.feeding import Feeding
from graphnet.data.sample_table import Array
from graphnet.errors import DataError
from graphnet.recipe import AUGMENTATIONS, Source

COUNT = 40


def samples(*augment: dict[str, Any], prefetch: int = 0, kind: str = "f8") -> Samples:
    rng = np.random.default_rng(0)
    image = rng.uniform(1, 2, size=(COUNT, 2, 6, 5)).astype(kind)
    label = np.eye(4)[np.arange(COUNT) % 4].astype(kind)
    steps = []
    for entry in augment:
        given = dict(entry)
        steps.append(AUGMENTATIONS[given.pop("type")].from_plain(given))
    feeding = Feeding(None, tuple(steps), prefetch)
    return Samples({"image": image}, {"label": label}, COUNT, feeding=feeding)


def epoch_of(
    given: Samples, epoch: int, batch: int = 7, *, training: bool = True, shuffle: bool = True
) -> dict[str, Array]:
    """Return an epoch's samples in the order of the data, whatever order they were loaded in."""
    batches = Batches(given, batch, shuffle, seed=3, training=training)
    order = batches.order(epoch)
    arrays = {**given.inputs, **given.targets}
    into = {name: np.empty((batch, *v.shape[1:]), v.dtype) for name, v in arrays.items()}
    found = {name: np.empty(v.shape, v.dtype) for name, v in arrays.items()}
    for index in range(len(batches)):
        size = batches.load(order, index, into)
        for name, values in found.items():
            values[order[index * batch : index * batch + size]] = into[name][:size]
    return found


EXAMPLES: dict[str, dict[str, Any]] = {
    "flip": {"type": "flip"},
    "crop": {"type": "crop", "padding": 2},
    "noise": {"type": "noise", "std": 0.1},
    "mixup": {"type": "mixup", "alpha": 0.5},
    "cutmix": {"type": "cutmix"},
}


def test_every_augmentation_has_an_example() -> None:
    assert set(EXAMPLES) == set(AUGMENTATIONS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_pure_functions_of_seed_epoch_and_sample(name: str) -> None:
    given = samples(EXAMPLES[name])
    first = epoch_of(given, 2)
    for again in (epoch_of(given, 2, batch=11), epoch_of(given, 2, shuffle=False)):
        for key, values in first.items():
            assert np.array_equal(values, again[key])
    assert not np.array_equal(first["image"], epoch_of(given, 3)["image"])
    plain = epoch_of(given, 2, training=False)
    assert np.array_equal(plain["image"], given.inputs["image"])
    assert not np.array_equal(first["image"], plain["image"])


def test_flips_are_mirror_images() -> None:
    for vertical in (False, True):
        given = samples({"type": "flip", "p": 0.5, "vertical": vertical})
        image = given.inputs["image"]
        mirror = image[..., ::-1, :] if vertical else image[..., ::-1]
        found = epoch_of(given, 0)["image"]
        same, turned = ((found == other).all(axis=(1, 2, 3)) for other in (image, mirror))
        assert (same ^ turned).all()
        assert 8 < turned.sum() < 32
    assert np.array_equal(
        epoch_of(samples({"type": "flip", "p": 1.0}), 0)["image"], image[..., ::-1]
    )


def test_crops_move_and_fill_with_zero() -> None:
    given = samples({"type": "crop", "padding": 2})
    image, found = given.inputs["image"], epoch_of(given, 0)["image"]
    padded = np.pad(image, ((0, 0), (0, 0), (2, 2), (2, 2)))
    for sample in range(COUNT):
        moved = [
            (down, along)
            for down in range(5)
            for along in range(5)
            if np.array_equal(found[sample], padded[sample, :, down : down + 6, along : along + 5])
        ]
        assert len(moved) == 1


def test_noise_is_normal() -> None:
    given = samples({"type": "noise", "std": 0.5})
    noise = np.concatenate(
        [(epoch_of(given, epoch)["image"] - given.inputs["image"]).ravel() for epoch in range(30)]
    )
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.std() == pytest.approx(0.5, abs=0.01)
    assert np.mean(np.abs(noise) < 0.5) == pytest.approx(0.6827, abs=0.01)
    assert len(np.unique(noise)) == len(noise)


def test_mixup_mixes_samples_and_targets_alike() -> None:
    given = samples({"type": "mixup", "alpha": 0.5})
    image, label = given.inputs["image"], given.targets["label"]
    found = epoch_of(given, 0)
    assert found["label"].sum(axis=1) == pytest.approx(np.ones(COUNT))
    for sample in range(COUNT):
        fits = 0
        for other in range(COUNT):
            direction = (image[other] - image[sample]).ravel()
            moved = (found["image"][sample] - image[sample]).ravel()
            share = 1.0 if other == sample else float(moved @ direction / (direction @ direction))
            mixed = label[sample] + share * (label[other] - label[sample])
            fits += bool(
                np.allclose(moved, share * direction) and np.allclose(mixed, found["label"][sample])
            )
        assert fits >= 1


def test_cutmix_puts_in_a_rectangle_and_mixes_targets_by_area() -> None:
    given = samples({"type": "cutmix"})
    image, label = given.inputs["image"], given.targets["label"]
    found = epoch_of(given, 0)
    for sample in range(COUNT):
        cut = (found["image"][sample] != image[sample]).any(axis=0)
        rows, columns = np.flatnonzero(cut.any(axis=1)), np.flatnonzero(cut.any(axis=0))
        if not len(rows):
            continue
        assert cut[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        partner = next(
            other for other in range(COUNT)
            if np.array_equal(image[other][:, cut], found["image"][sample][:, cut])
        )  # fmt: skip
        expected = label[sample] * (1 - cut.mean()) + label[partner] * cut.mean()
        np.testing.assert_allclose(found["label"][sample], expected)


@pytest.mark.parametrize(
    ("augment", "words"),
    [
        ({"type": "flip", "input": "index"}, "'index' is no input of floating point numbers"),
        ({"type": "crop", "input": "flat"}, "'flat' holds no pictures"),
        ({"type": "noise", "std": 1.0}, "which of flat, image inputs is meant"),
        ({"type": "mixup"}, "'label' holds class indices"),
    ],
)
def test_what_cannot_be_changed(augment: dict[str, Any], words: str) -> None:
    plain = samples(augment)
    inputs = {
        "flat": np.ones((COUNT, 3)),
        "image": plain.inputs["image"],
        "index": np.arange(COUNT),
    }
    given = Samples(inputs, {"label": np.arange(COUNT)}, COUNT, feeding=plain.feeding)
    with pytest.raises(DataError) as caught:
        Batches(given, 4, training=True)
    assert caught.value.code == "GN340"
    assert words in str(caught.value)


def test_mapped_samples_are_changed_alike(tmp_path: Path) -> None:
    held = samples(*(EXAMPLES[name] for name in ("crop", "flip", "mixup")))
    np.save(tmp_path / "image.npy", held.inputs["image"])
    np.save(tmp_path / "label.npy", held.targets["label"])
    source = Source(path={"image": "image.npy", "label": "label.npy"}, mapped=True)
    inputs = [Declaration("image", (2, 6, 5), "float64")]
    left = load_samples(source, tmp_path, inputs, [Declaration("label", (4,), "float64")])
    left = replace(left, feeding=held.feeding)
    one, other = epoch_of(held, 1), epoch_of(left, 1)
    for name, values in one.items():
        assert np.array_equal(values, other[name])


@pytest.mark.parametrize("ahead", [1, 2, 9])
def test_prefetch_changes_no_bit(ahead: int) -> None:
    steps = [EXAMPLES[name] for name in ("flip", "crop", "noise", "mixup")]
    plain, fetched = samples(*steps, kind="f4"), samples(*steps, kind="f4", prefetch=ahead)
    for epoch in (0, 1):
        one, other = epoch_of(plain, epoch), epoch_of(fetched, epoch)
        for name, values in one.items():
            assert values.tobytes() == other[name].tobytes()


def test_prefetch_begins_where_it_is_asked_and_ends_its_thread() -> None:
    given = samples(prefetch=3)
    batches = Batches(given, 7, shuffle=True, seed=3, training=True)
    into = {"image": np.empty((7, 2, 6, 5))}
    orders = [batches.order(epoch) for epoch in (0, 1)]
    for order, index in ((orders[0], 2), (orders[0], 3), (orders[0], 1), (orders[1], 5)):
        size = batches.load(order, index, into)
        rows = order[index * 7 : index * 7 + 7]
        assert size == len(rows)
        assert np.array_equal(into["image"][:size], given.inputs["image"][rows])
    threads = [t for t in threading.enumerate() if t.name == "graphnet-prefetch" and t.is_alive()]
    assert len(threads) <= 1


def test_what_fails_in_the_thread_is_raised_where_the_batch_is_wanted() -> None:
    given = samples({"type": "noise", "std": 1.0}, prefetch=2)
    batches = Batches(given, 7, training=True)
    order = np.full(COUNT, 10**9)  # rows that do not exist
    batches.shuffle = False
    batches._augmenter.apply = lambda batch: 1 / 0  # type: ignore[union-attr,method-assign,assignment]
    with pytest.raises(ZeroDivisionError):
        batches.load(order, 0, {"image": np.empty((7, 2, 6, 5))})
