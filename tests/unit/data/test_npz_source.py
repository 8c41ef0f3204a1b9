"""Reading npz archives of every supported element type and memory order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphnet.data import read_source
from graphnet.errors import DataError
from graphnet.recipe import Source

TYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("end", ["<", ">"])
@pytest.mark.parametrize("code", TYPES)
def test_every_type_and_order_comes_back(
    tmp_path: Path, code: str, end: str, order: str, compressed: bool
) -> None:
    plain = (np.arange(24).reshape(2, 3, 4) % 2).astype(end + code)
    values = np.asfortranarray(plain) if order == "F" else plain
    save = np.savez_compressed if compressed else np.savez
    save(tmp_path / "a.npz", images=values, empty=np.zeros((0, 2)))
    table = read_source(Source(path="a.npz"), tmp_path)
    assert table.names == ("images", "empty")
    assert np.array_equal(table.array("images"), values)
    assert table.array("images").dtype.kind == np.dtype(code).kind
    assert table.array("empty").shape == (0, 2)


def test_unknown_array_offers_the_nearest(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=np.zeros(3))
    table = read_source(Source(path="a.npz"), tmp_path)
    with pytest.raises(DataError, match="no array 'image'") as caught:
        table.array("image")
    assert (caught.value.code, caught.value.help) == ("GN317", "did you mean 'images'?")
