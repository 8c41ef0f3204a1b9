"""Predictions of saved runs: piece by piece, by class names, in every format, from several threads."""

from __future__ import annotations

import csv
import io
import os
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphnet
from graphnet.data import load_samples
from graphnet.errors import DataError, ResourceError, UsageError
from graphnet.recipe import Source
from graphnet.training import Predictions, SavedRun, declarations, open_saved

CSV = "p,q,kind\n" + "".join(
    f"{i % 7 + (i % 3) * 5},{'abc'[i % 5 % 3]},{('oak', 'ash', 'elm')[i % 3]}\n" for i in range(60)
)
SPEC = """\
graphnet: 1
inputs: {x: {shape: [4]}}
targets: {kind: {shape: [], dtype: int64, classes: 3}}
layers: {a: {type: Linear, out_features: 8}, t: Tanh, b: {type: Linear, out_features: 3}}
loss: CrossEntropyLoss
metrics: [accuracy]
data:
  train: {path: a.csv, inputs: {x: [p, q]}, targets: {kind: kind}}
  validation: {fraction: 0.25, stratify: kind}
  transforms: [{type: one_hot, columns: q}, {type: standardize, columns: p}]
optimizer: {type: Adam, lr: 0.05}
training: {epochs: 20, batch_size: 16}
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    folder = tmp_path_factory.mktemp("trees")
    (folder / "a.csv").write_text(CSV)
    (folder / "trees.yaml").write_text(SPEC)
    graphnet.train(folder / "trees.yaml", run_dir=folder / "run", plots=False)
    return open_saved(folder / "run")


def predictions(saved: SavedRun, folder: Path, text: str = CSV) -> Predictions:
    path = folder / "new.csv"
    path.write_text(text)
    samples = load_samples(
        saved.source(str(path), targets=False),
        Path(),
        declarations(saved.program.inputs),
        [],
        saved.prepared,
    )
    return Predictions(saved, samples)


def test_transforms_and_names_of_classes_are_saved(saved: SavedRun, tmp_path: Path) -> None:
    assert saved.classes("kind") == ("ash", "elm", "oak")
    assert [step.transform.name() for step in saved.prepared.steps] == [
        "one_hot",
        "standardize",
        "ordinal",
    ]
    rows = list(csv.DictReader(io.StringIO("".join(predictions(saved, tmp_path).csv()))))
    wanted = [row["kind"] for row in csv.DictReader(io.StringIO(CSV))]
    right = sum(row["class"] == kind for row, kind in zip(rows, wanted, strict=True))
    assert right > 45
    for row in rows:
        shares = {name: float(row[f"probability.{name}"]) for name in ("ash", "elm", "oak")}
        assert sum(shares.values()) == pytest.approx(1)
        assert row["class"] == max(shares, key=lambda name: shares[name])


def test_columns_given_in_python_go_the_same_way(saved: SavedRun, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(CSV)))
    columns = {"p": [int(row["p"]) for row in rows], "q": [row["q"] for row in rows]}
    run = saved.checkpoint.parent.parent
    found = graphnet.predict(run, columns)
    whole = predictions(saved, tmp_path).whole()
    assert list(found) == ["b", "probability", "class"]
    assert np.array_equal(found["probability"], whole["probability"])
    assert found["class"].tolist() == [("ash", "elm", "oak")[k] for k in whole["class"]]
    file = graphnet.predict(run, tmp_path / "new.csv")
    assert file["class"].tolist() == found["class"].tolist()
    with pytest.raises(DataError, match="'d' in row 1 of column 'q' is no known category"):
        graphnet.predict(run, {"p": [1], "q": ["d"]})
    with pytest.raises(DataError, match="'x' in row 1 of column 'p' is not a number"):
        graphnet.predict(run, {"p": ["x"], "q": ["a"]})


def test_pieces_give_what_the_whole_gives(
    saved: SavedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = predictions(saved, tmp_path)
    text = "".join(whole.csv())
    monkeypatch.setattr("graphnet.training.predicting.PIECE_BYTES", 1)
    pieces = predictions(saved, tmp_path)
    assert [len(piece["b"]) for piece in pieces.pieces()] == [16, 16, 16, 12]
    assert "".join(pieces.csv()) == text
    for name, values in whole.whole().items():
        assert np.array_equal(values, pieces.whole()[name])


@pytest.mark.parametrize("piece", [1, 1 << 20])
def test_every_format_holds_the_same(
    saved: SavedRun, tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphnet.training.predicting.PIECE_BYTES", piece)
    made = predictions(saved, tmp_path)
    whole = made.whole()
    assert made.write(tmp_path / "o.npz") == ["b", "probability", "class"]
    with np.load(tmp_path / "o.npz") as archive:
        assert sorted(archive) == ["b", "class", "class_names", "probability"]
        for name, values in whole.items():
            assert np.array_equal(archive[name], values)
            assert archive[name].dtype == values.dtype
        assert archive["class_names"].tolist() == ["ash", "elm", "oak"]
    assert made.write(tmp_path / "o.npy") == ["b"]
    assert np.array_equal(np.load(tmp_path / "o.npy"), whole["b"])
    made.write(tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_text() == "".join(made.csv())
    assert not list(tmp_path.glob(".predict-*"))
    first = (tmp_path / "o.npz").read_bytes()
    made.write(tmp_path / "o.npz")
    assert (tmp_path / "o.npz").read_bytes() == first


def test_text_has_the_fewest_digits_that_read_back_alike(saved: SavedRun, tmp_path: Path) -> None:
    made = predictions(saved, tmp_path)
    scores = made.whole()["b"]
    assert scores.dtype == np.float32
    rows = list(csv.DictReader(io.StringIO("".join(made.csv()))))
    cells = [[row[f"b.{index}"] for index in range(3)] for row in rows]
    assert np.array_equal(np.array(cells, np.float64).astype(np.float32), scores)
    longest = max(
        len(cell.partition("e")[0].replace(".", "").strip("-0")) for row in cells for cell in row
    )
    assert longest <= 9, "no float32 needs more digits"


def test_what_cannot_be_written(saved: SavedRun, tmp_path: Path) -> None:
    made = predictions(saved, tmp_path)
    with pytest.raises(UsageError, match="cannot be written as") as caught:
        made.write(tmp_path / "o.txt")
    assert caught.value.code == "GN721"
    for name in ("o.npz", "o.csv", "o.npy"):
        with pytest.raises(ResourceError):
            made.write(tmp_path / "missing" / name)


NUMBERS = """\
graphnet: 1
inputs: {x: {shape: [64]}}
targets: {y: {shape: [1]}}
layers: {a: {type: Linear, out_features: 1}}
loss: BCEWithLogitsLoss
data:
  train: {path: {x: x.npy, y: y.npy}, mapped: true}
  transforms: [{type: scale, inputs: x, factor: 0.01}, {type: standardize, inputs: x, per: array}]
training: {epochs: 1, batch_size: 256}
"""


def test_files_larger_than_what_is_held_are_trained_and_predicted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphnet.data.prepared.CHUNK_NUMBERS", 1 << 17)
    monkeypatch.setattr("graphnet.training.predicting.PIECE_BYTES", 1 << 18)
    rows = 1 << 16
    x = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.uint8, (rows, 64))
    x[:] = np.arange(rows, dtype=np.uint8)[:, None]
    x.flush()
    np.save(tmp_path / "y.npy", (np.arange(rows) % 256 > 100).astype(np.uint8))
    (tmp_path / "n.yaml").write_text(NUMBERS)
    tracemalloc.start()
    try:
        graphnet.train(tmp_path / "n.yaml", run_dir=tmp_path / "run", plots=False)
        saved = open_saved(tmp_path / "run")
        source = Source(path=str(tmp_path / "x.npy"), mapped=True)
        samples = load_samples(
            source, Path(), declarations(saved.program.inputs), [], saved.prepared
        )
        Predictions(saved, samples).write(tmp_path / "o.npy")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # In memory the inputs alone would need 16 MiB as float32 and 32 MiB on their way through transforms.
    assert peak < 12 << 20
    found = np.load(tmp_path / "o.npy")
    assert found.shape == (rows, 1)
    assert np.array_equal(found[:256], found[256:512])
    assert (np.diff(found[:256, 0]) > 0).all()


def test_a_mapped_file_that_changes_ends_training_and_leaves_its_checkpoints(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.integers(0, 256, (40, 64)).astype(np.uint8))
    np.save(tmp_path / "y.npy", rng.integers(0, 2, 40).astype(np.uint8))
    text = NUMBERS.replace("epochs: 1, batch_size: 256", "epochs: 5, checkpoint: {seconds: 0}")
    (tmp_path / "n.yaml").write_text(text)

    def touch(state: Any, record: Any) -> None:
        if record["epoch"] == 2:
            os.utime(tmp_path / "x.npy", ns=(1, 1))

    with pytest.raises(DataError, match="has changed while it was in use") as caught:
        graphnet.train(
            tmp_path / "n.yaml", run_dir=tmp_path / "run", plots=False, callbacks=[touch]
        )
    assert (caught.value.code, caught.value.exit_code) == ("GN337", 1)
    assert len(list((tmp_path / "run" / "checkpoints").glob("step-*.safetensors"))) == 2
    assert open_saved(tmp_path / "run").checkpoint.exists()


def test_several_threads_predict_at_once() -> None:
    spec: dict[str, Any] = {
        "graphnet": 1,
        "inputs": {"x": {"shape": [16]}},
        "layers": {
            "a": {"type": "Linear", "out_features": 64},
            "t": "Tanh",
            "b": {"type": "Linear", "out_features": 3},
        },
    }
    net = graphnet.compile(spec, batch_size=32)
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(200 + 13 * i, 16)).astype(np.float32) for i in range(8)]
    expected = [np.asarray(net.predict(x)) for x in inputs]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(6):
            found = list(pool.map(net.predict, inputs))
            for one, other in zip(found, expected, strict=True):
                assert np.array_equal(one, other)
