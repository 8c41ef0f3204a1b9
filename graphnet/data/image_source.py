"""Reading a folder of pictures, with Pillow: a subfolder for each class, named after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.data.data_file import DataFile, as_opened, spoken_bytes
from graphnet.data.npz_source import ARRAYS_LIMIT
from graphnet.data.sample_table import Array, SampleTable
from graphnet.errors import DataError, Position, ResourceError, listed

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
PICTURE_LIMIT = 1 << 26
"""Most pixels of one picture."""

_MODES = {"1": "L", "L": "L", "P": "RGB", "RGB": "RGB", "RGBA": "RGB", "LA": "L", "CMYK": "RGB"}


def read_images(file: DataFile, size: tuple[int, int] | None) -> SampleTable:
    """Read the pictures of a folder in the order of classes and names.

    Args:
        file: The folder. Each of its subfolders is a class, whose name is the label of the pictures in
            it; hidden files and other suffixes are passed over.
        size: Height and width all pictures are brought to; without, they must agree.

    Returns:
        image: uint8 (pictures, channels, height, width), 1 channel where all are grey, else 3; label:
        the class's name.

    Raises:
        DataError: GN303 no pictures, GN304 a file that is no picture, GN305 too large, GN338 pictures of
            different sizes.
        ResourceError: GN520 without Pillow; GN502 to GN505 where something cannot be opened.
    """
    try:
        from PIL import Image  # noqa: PLC0415 - an extra, loaded only for such folders
    except ImportError as error:
        raise ResourceError(
            "GN520", "pictures need Pillow", help='pip install "graphnet[images]"'
        ) from error
    found = _pictures(file)
    first = _picture(file, found[0][0], Image, size)
    _refuse_too_many(file, len(found), 3 * int(np.prod(first.shape[1:])))
    opened = [_picture(file, path, Image, size) for path, _ in found]
    channels = max(picture.shape[0] for picture in opened)
    shape = first.shape[1:]
    for (path, _), picture in zip(found, opened, strict=True):
        if picture.shape[1:] != shape:
            raise _other_size(file, path, picture.shape[1:], shape)
    images = np.empty((len(opened), channels, *shape), np.uint8)
    for index, picture in enumerate(opened):
        images[index] = picture  # grey spreads over all channels
    labels = [label for _, label in found]
    names = [as_opened(path) for path, _ in found]
    return _table(file, images, labels, names)


def _table(
    file: DataFile, images: Array, labels: Sequence[str], names: Sequence[str]
) -> SampleTable:
    words = DataError(
        "GN309",
        f"the labels of {file.shown!r} are words: {listed(sorted(set(labels)), 8)}",
        where=file.where,
        help="they become class indices for a target such as {shape: [], dtype: int64, classes: 10}",
    )
    return SampleTable(
        file.shown,
        {"image": images, "label": np.empty(0)},
        {"label": words},
        word="array",
        place=lambda _, row: Position(names[row]),
        texts={"label": list(labels)},
    )


def _pictures(file: DataFile) -> list[tuple[Path, str]]:
    """Return every picture with its class, sorted by class and name."""
    try:
        if not file.path.is_dir():
            # Says that it is missing, or what else it is.
            with file.open():
                raise file.wrong_format("a folder of pictures", b"", "it is a file")
        folders = sorted(path for path in file.path.iterdir() if path.is_dir())
        found = [
            (path, folder.name)
            for folder in folders
            if not folder.name.startswith(".")
            for path in sorted(folder.iterdir())
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
        ]
    except OSError as error:
        raise ResourceError(
            "GN502", f"cannot read the folder {file.shown!r}", where=file.where, notes=[str(error)]
        ) from error
    if not found:
        raise DataError(
            "GN303",
            f"{file.shown!r} holds no pictures",
            where=file.where,
            help="put them into a subfolder for each class, named after it",
            notes=[f"suffixes: {', '.join(SUFFIXES)}"],
        )
    return found


def _picture(file: DataFile, path: Path, library: Any, size: tuple[int, int] | None) -> Array:
    """Return one picture as (channels, height, width)."""
    shown = _shown(file, path)
    one = DataFile(shown, path)
    with one.open() as stream:
        try:
            picture = library.open(stream)
            width, height = picture.size
            if width * height > PICTURE_LIMIT:
                raise DataError(
                    "GN305",
                    f"{shown!r} has {width * height:,} pixels, limit {PICTURE_LIMIT:,}",
                    where=one.where,
                    help="make it smaller",
                )
            picture = picture.convert(_MODES.get(picture.mode, "RGB"))
        except DataError:
            raise
        except Exception as error:
            # A damaged picture makes its decoder raise anything from OSError to SyntaxError.
            raise one.wrong_format("a picture that can be read", b"", str(error)) from error
    if size is not None:
        picture = picture.resize((size[1], size[0]), library.Resampling.BILINEAR)
    values: Array = np.asarray(picture)
    return values[None] if values.ndim == 2 else values.transpose(2, 0, 1)


def _shown(file: DataFile, path: Path) -> str:
    return f"{file.shown.rstrip('/')}/{path.parent.name}/{path.name}"


def _other_size(
    file: DataFile, path: Path, found: tuple[int, ...], first: tuple[int, ...]
) -> DataError:
    return DataError(
        "GN338",
        f"{_shown(file, path)!r} has {found[0]} x {found[1]} pixels, the first picture has "
        f"{first[0]} x {first[1]}",
        where=DataFile(_shown(file, path), path).where,
        help="bring all to one size: `size: [HEIGHT, WIDTH]` in the data source",
    )


def _refuse_too_many(file: DataFile, count: int, bytes_each: int) -> None:
    """Refuse pictures that together exceed the limit for arrays in memory."""
    total = count * bytes_each
    if total > ARRAYS_LIMIT:
        raise DataError(
            "GN305",
            f"the pictures of {file.shown!r} need {spoken_bytes(total)}, "
            f"limit {spoken_bytes(ARRAYS_LIMIT)}",
            where=file.where,
            help="give a smaller `size`, or store them as one npy file, which can be mapped",
        )
