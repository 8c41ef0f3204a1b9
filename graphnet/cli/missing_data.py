"""Data files that a spec names and that are not there: told before a training looks for them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphnet.spec import Spec


def missing_data(spec: Spec, folder: Path) -> list[str]:
    """Return a warning for every data file of a spec that does not exist; none is opened.

    Args:
        spec: The spec.
        folder: What its relative paths are relative to.
    """
    return [
        _told(spec, key, path, folder)
        for key, path in _paths(spec)
        if not os.access(folder / path, os.F_OK)
    ]


def _paths(spec: Spec) -> Iterator[tuple[str, str]]:
    """Give every path of the data section with where it was written."""
    from graphnet.recipe import PARTS

    for part in PARTS:
        path = getattr(getattr(spec.data, part, None), "path", None)
        if isinstance(path, Mapping):
            yield from ((f"data.{part}.path.{name}", one) for name, one in path.items())
        elif path is not None:
            yield f"data.{part}.path", path


def _told(spec: Spec, key: str, path: str, folder: Path) -> str:
    from graphnet.errors import nearest_path

    where = spec.positions.get(key)
    place = f" ({where.file}:{where.line}:{where.column})" if where and where.line else ""
    whole = Path(os.path.normpath(folder / path))
    cure = nearest_path(path, folder=folder)
    looked = f"there is no data file {path!r}, looked for {str(whole)!r}{place}"
    return f"{looked}; {cure}" if cure else looked
