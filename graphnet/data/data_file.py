"""Opening data files: regular files only, with errors that say what is there instead."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from graphnet.errors import DataError, Position, ResourceError, nearest_path
from graphnet.program.atomic import open_regular

_SIGNATURES = (
    (b"\x93NUMPY", "a single .npy array"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x80", "a pickle"),
    (b"<", "an HTML page"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
)


@dataclass(frozen=True)
class DataFile:
    """A data file by the name the user gave it and by where it lies.

    Attributes:
        shown: The path as written, for messages.
        path: The path that is opened.
    """

    shown: str
    path: Path

    @property
    def where(self) -> Position:
        """The file as a place for errors, without a line: the path that opens from the current folder."""
        return Position(as_opened(self.path))

    @property
    def _folder(self) -> Path:
        """What the path that was written is relative to."""
        written = Path(self.shown)
        return Path() if written.is_absolute() else self.path.parents[len(written.parts) - 1]

    @contextmanager
    def open(self) -> Iterator[io.FileIO]:
        """Open the file for reading.

        Raises:
            ResourceError: GN502 to GN505 where it is missing, no regular file, or unreadable.
            DataError: GN303 where it is empty.
        """
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(open_regular(self.path))
            except ResourceError as error:
                raise self._unreadable(error) from error
            if os.fstat(stream.fileno()).st_size == 0:
                raise DataError("GN303", f"the data file {self.shown!r} is empty", where=self.where)
            yield stream

    def read(self, limit: int) -> bytes:
        """Return the whole content.

        Args:
            limit: Most bytes that are accepted.

        Raises:
            ResourceError: As for `open`.
            DataError: GN303 where it is empty, GN305 where it is larger than `limit`.
        """
        with self.open() as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > limit:
                raise self.too_large(size, limit)
            # A file that grows while it is read ends where it ended at first.
            content = bytearray()
            while piece := stream.read(size - len(content)):
                content += piece
        return bytes(content)

    def too_large(self, size: int, limit: int) -> DataError:
        """Return the error for a file whose content exceeds the limit."""
        return DataError(
            "GN305",
            f"{self.shown!r} needs {spoken_bytes(size)}, limit {spoken_bytes(limit)}",
            where=self.where,
            help="split the file, or store large arrays as npz",
        )

    def wrong_format(
        self, expected: str, start: bytes, detail: str = "", cure: str = ""
    ) -> DataError:
        """Return the error for a file that is not what its name says.

        Args:
            expected: The format that was tried, with its article.
            start: The first bytes, to say what it looks like.
            detail: What exactly does not fit.
            cure: What to do, where more is known than that the suffix may mislead.
        """
        looks = next(
            (words for magic, words in _SIGNATURES if start.lstrip().startswith(magic)), ""
        )
        return DataError(
            "GN304",
            f"{self.shown!r} is not {expected}",
            where=self.where,
            help=cure or "if the suffix misleads, name the format with `format:`",
            notes=[detail, f"it looks like {looks}" if looks else ""],
        )

    def _unreadable(self, error: ResourceError) -> ResourceError:
        """Return what kept the file from being opened, told by the path the user wrote."""
        if error.code != "GN505":
            notes = [f"written as {self.shown!r}", *error.notes]
            return ResourceError(
                error.code, error.message, where=self.where, help=error.help, notes=notes
            )
        dangling = self.path.is_symlink()
        return ResourceError(
            error.code,
            f"there is no data file {self.shown!r}",
            where=self.where,
            help="" if dangling else nearest_path(self.shown, folder=self._folder),
            notes=[
                f"looked for {os.path.normpath(self.path.absolute())!r}",
                "it is a link whose target does not exist" if dangling else "",
            ],
        )


def as_opened(path: Path) -> str:
    """Return a path as short as it opens from the current folder."""
    plain = os.path.normpath(path)
    try:
        if os.path.realpath(plain) != os.path.realpath(path):  # `..` behind a link
            return str(path)
    except (OSError, ValueError):  # no name that a file can have
        return str(path)
    if not Path(plain).is_absolute():
        return plain
    here = str(Path.cwd())
    return os.path.relpath(plain, here) if plain.startswith(here + os.sep) else plain


def spoken_bytes(count: int) -> str:
    """Return a number of bytes as users read it.

    Example:
        >>> spoken_bytes(512), spoken_bytes(3 * 2**30)
        ('512 bytes', '3.0 GiB')
    """
    if count < 1024:
        return f"{count} bytes"
    size = float(count)
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        size /= 1024
        if size < 1024:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.4g} PiB"
