"""From a spec's source to a table: by file format, or by generator."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from graphnet.data.array_sources import read_idx, read_npy
from graphnet.data.csv_source import read_csv
from graphnet.data.data_file import DataFile, as_opened
from graphnet.data.generators import GENERATORS
from graphnet.data.image_source import read_images
from graphnet.data.jsonl_source import read_jsonl
from graphnet.data.labelled_points import read_labelled_points
from graphnet.data.npz_source import read_npz
from graphnet.data.parquet_source import read_parquet
from graphnet.data.safetensors_source import read_safetensors
from graphnet.data.sample_table import SampleTable
from graphnet.errors import DataError, listed, nearest
from graphnet.recipe import Source

READERS: dict[str, Callable[[DataFile, Source], SampleTable]] = {
    "csv": lambda file, _: read_csv(file),
    "tsv": lambda file, _: read_csv(file, delimiter="\t"),
    "jsonl": lambda file, _: read_jsonl(file),
    "npz": lambda file, _: read_npz(file),
    "npy": lambda file, source: read_npy(file, source.mapped),
    "idx": lambda file, source: read_idx(file, source.mapped),
    "safetensors": lambda file, source: read_safetensors(file, source.mapped),
    "parquet": lambda file, _: read_parquet(file),
    "images": lambda file, source: read_images(file, _height_and_width(source)),
    "labelled-points": lambda file, _: read_labelled_points(file),
}
"""How each format is read, by the name users write."""
SINGLE = ("npy", "idx")
"""Formats of one array each, several files of which may be read together."""

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".npz": "npz",
    ".npy": "npy",
    ".idx": "idx",
    ".safetensors": "safetensors",
    ".parquet": "parquet",
    ".pkl": "labelled-points",
}
_IDX = re.compile(r"[.-]idx\d?([.-]?ubyte)?(\.gz)?$", re.IGNORECASE)


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
        columns = make(source.samples, source.noise, source.seed, **source.options())
        return SampleTable(f"generator {source.generator}", columns)
    if source.path is None or source.generator is not None:
        count = "no" if source.path is None else "both a"
        raise DataError(
            "GN301",
            f"the data source has {count} path {'or' if count == 'no' else 'and a'} generator",
            help="give it either `path` or `generator`",
        )
    if isinstance(source.path, Mapping):
        return _read_together(source, source.path, folder)
    file = DataFile(source.path, folder / source.path)
    table = READERS[source.format or _format_of(file)](file, source)
    return replace(table, file=file.where.file)


def _read_together(source: Source, paths: Mapping[str, str], folder: Path) -> SampleTable:
    """Read several files of one array each, under the names the spec gives them."""
    tables: dict[str, SampleTable] = {}
    for name, path in paths.items():
        file = DataFile(path, folder / path)
        kind = source.format or _format_of(file)
        if kind not in SINGLE:
            raise DataError(
                "GN302",
                f"{path!r} is {kind}, which cannot be one of several files",
                where=file.where,
                help="a mapping of names to files is for npy and idx",
            )
        tables[name] = READERS[kind](file, source)
    arrays = {name: next(iter(table.arrays.values())) for name, table in tables.items()}
    guards = [table.guard for table in tables.values() if table.guard is not None]

    def guard() -> None:
        for one in guards:
            one()

    return SampleTable(
        listed(paths.values()),
        arrays,
        word="array",
        guard=guard if guards else None,
        file=listed(as_opened(folder / path) for path in paths.values()),
    )


def _height_and_width(source: Source) -> tuple[int, int] | None:
    if source.size is None:
        return None
    both = (source.size, source.size) if isinstance(source.size, int) else source.size
    return both[0], both[1]


def _format_of(file: DataFile) -> str:
    if _IDX.search(file.path.name):
        return "idx"
    suffix = file.path.suffix.lower()
    if suffix not in _SUFFIXES and file.path.is_dir():
        return "images"
    if suffix not in _SUFFIXES:
        raise DataError(
            "GN302",
            f"the suffix of {file.shown!r} does not tell its format",
            where=file.where,
            help=nearest(suffix, _SUFFIXES) or "name the format with `format:`",
            notes=[f"formats: {listed(READERS)}"],
        )
    return _SUFFIXES[suffix]
