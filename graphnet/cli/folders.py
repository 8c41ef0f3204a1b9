"""Folders that commands write into, made where they are missing."""

from __future__ import annotations

from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it.

    Raises:
        ResourceError: When it cannot be made (GN502).
    """
    from graphnet.errors import ResourceError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(
            "GN502",
            f"cannot make the folder {str(folder)!r}: {error.strerror}",
            help="choose another one with -o",
            notes=["nothing was written"],
        ) from error
