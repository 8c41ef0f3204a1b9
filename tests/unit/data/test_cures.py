"""The lines of YAML in errors are right: written into a data section they let the data through."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from graphnet.data import Declaration, as_in_training, load_samples, load_sets
from graphnet.data.cures import transform_line
from graphnet.errors import DataError
from graphnet.recipe import Data, Source

X, Y = Declaration("x", (2,), "float32"), Declaration("y", (1,), "float32")
TRAIN = {"path": "a.csv", "inputs": {"x": ["in city"]}, "targets": {"y": ["y"]}}


@pytest.mark.parametrize("column", ["city", "in city", "y", 'a "b"', "1", "true"])
def test_names_are_quoted_where_yaml_wants_it(column: str) -> None:
    read = yaml.safe_load(transform_line("one_hot", column))
    assert read == {"transforms": [{"type": "one_hot", "columns": column}]}


def test_the_line_of_the_error_cures_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("in city,y\nRome,1\nBonn,2\n")
    with pytest.raises(DataError) as caught:
        load_sets(Data.from_plain({"train": TRAIN}), tmp_path, [X], [Y])
    assert caught.value.code == "GN309"
    line = caught.value.help.partition("data section: ")[2].removesuffix(" (or type: ordinal)")
    data = Data.from_plain({"train": TRAIN, **yaml.safe_load(line)})
    assert load_sets(data, tmp_path, [X], [Y]).train.inputs["x"].tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("cell", ["", "NA", "word"])
def test_no_transform_is_advised_for_predictions(tmp_path: Path, cell: str) -> None:
    (tmp_path / "a.csv").write_text(f"p,q\n1,2\n3,{cell}\n")
    source = Source(path="a.csv", inputs={"x": ["p", "q"]})
    with pytest.raises(DataError) as caught, as_in_training():
        load_samples(source, tmp_path, [X], [])
    assert (caught.value.code, caught.value.line) == ("GN309", 3)
    assert caught.value.help.startswith("a finite decimal number is wanted here")
