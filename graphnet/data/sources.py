"""From a spec's source to a table: by file format, or by generator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from graphnet.data.csv_source import read_csv
from graphnet.data.data_file import DataFile
from graphnet.data.generators import GENERATORS
from graphnet.data.labelled_points import read_labelled_points
from graphnet.data.npz_source import read_npz
from graphnet.data.sample_table import SampleTable
from graphnet.errors import DataError, Position, listed, nearest
from graphnet.recipe import Source

READERS: dict[str, Callable[[DataFile], SampleTable]] = {
    "csv": read_csv,
    "tsv": partial(read_csv, delimiter="\t"),
    "npz": read_npz,
    "labelled-points": read_labelled_points,
}
"""How each format is read, by the name users write."""

_SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".npz": "npz", ".pkl": "labelled-points"}


def read_source(source: Source, folder: Path) -> SampleTable:
    """Read or generate everything a source holds.

    Args:
        source: The declaration in the spec.
        folder: What a relative path is relative to: the spec's folder.

    Raises:
        DataError: GN301 when the source names no place or two, GN302 when the format cannot be
            told, and what the format's reader raises.
        ResourceError: GN502 to GN505 where the file cannot be opened.
    """
    if source.generator is not None and source.path is None:
        make = GENERATORS[source.generator]
        columns = make(source.samples, source.noise, source.seed)
        return SampleTable(f"generator {source.generator}", columns)
    if source.path is None or source.generator is not None:
        count = "no" if source.path is None else "both a"
        raise DataError(
            "GN301",
            f"the data source has {count} path {'or' if count == 'no' else 'and a'} generator",
            help="give it either `path` or `generator`",
        )
    file = DataFile(source.path, folder / source.path)
    return READERS[source.format or _format_of(file)](file)


def _format_of(file: DataFile) -> str:
    suffix = file.path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise DataError(
            "GN302",
            f"the suffix of {file.shown!r} does not tell its format",
            where=Position(file.shown),
            help=nearest(suffix, _SUFFIXES) or "name the format with `format:`",
            notes=[f"formats: {listed(READERS)}"],
        )
    return _SUFFIXES[suffix]
