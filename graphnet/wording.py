"""Wording that messages share: lists of names, the nearest name or path, counts with their nouns."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path

_LONGEST_NAME = 100
HERE = Path()
_MOST_ENTRIES = 1000
"""Entries of a folder that are compared with a name."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return a sentence that offers the valid name most like `name`, or an empty string.

    Example:
        >>> nearest("out_feature", ["in_features", "out_features"])
        "did you mean 'out_features'?"
        >>> nearest("x", ["y"])
        ''
    """
    found = nearest_name(name, valid)
    return f"did you mean {found!r}?" if found else ""


def nearest_name(name: str, valid: Iterable[str]) -> str:
    """Return the valid name most like `name`, or an empty string where none is much like it.

    Example:
        >>> nearest_name("Lineer", ["Linear", "Tanh"])
        'Linear'
    """
    # Comparing takes the product of both lengths: a key of a megabyte must not stop everything.
    if not 2 <= len(name) <= _LONGEST_NAME:
        return ""
    choices = [choice for choice in valid if len(choice) <= _LONGEST_NAME]
    folded = {choice.lower(): choice for choice in choices}
    if name.lower() in folded:
        return folded[name.lower()]
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    close = close or [folded[low] for low in difflib.get_close_matches(name.lower(), folded, n=1)]
    return close[0] if close else ""


def nearest_path(path: str | Path, suffixes: tuple[str, ...] = ("",), folder: Path = HERE) -> str:
    """Return a sentence that offers the file most like a path that leads nowhere, or an empty string.

    Folders on the way may be misspelt too, and a bare name may lie one folder further down.

    Args:
        path: What is not there.
        suffixes: How names of files that are offered end.
        folder: What it is relative to; so is what is offered.
    """
    found = None
    with suppress(OSError, ValueError):  # no name that a file can have
        found = _one_further_down(Path(path), folder) or _nearest_existing(folder / path, suffixes)
    if found is None or not found.is_file():
        return ""
    offered = found if Path(path).is_absolute() else found.relative_to(folder)
    return f"did you mean {str(offered)!r}?"


def _one_further_down(path: Path, folder: Path) -> Path | None:
    """Return the file of this name in the first folder that has it, for a name without a folder."""
    if len(path.parts) != 1:
        return None
    inside = (folder / entry / path for entry in _entries(folder))
    return next(filter(Path.is_file, inside), None)


def _nearest_existing(path: Path, suffixes: tuple[str, ...] | None) -> Path | None:
    """Return a path that exists, or the one most like it: a file, or a folder where suffixes are None."""
    if path.exists() or path == path.parent:
        return path
    folder = _nearest_existing(path.parent, None)
    if folder is None:
        return None
    near = [name for name in _entries(folder) if _offered(folder / name, suffixes)]
    same = [name for name in near if Path(name).stem in (path.name, path.stem)]
    name = same[0] if same else nearest_name(path.name, near)
    return folder / name if name else None


def _entries(folder: Path) -> list[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        return sorted(entry.name for entry in islice(entries, _MOST_ENTRIES))
    return []


def _offered(path: Path, suffixes: tuple[str, ...] | None) -> bool:
    if suffixes is None:
        return path.is_dir()
    return path.is_file() and path.name.endswith(suffixes)


def listed(names: Iterable[str], limit: int = 40) -> str:
    """Return names as one readable list, cut after `limit`.

    Example:
        >>> listed(["a", "b", "c"], limit=2)
        'a, b and 1 more'
    """
    every = list(names)
    text = ", ".join(every[:limit])
    return text if len(every) <= limit else f"{text} and {len(every) - limit} more"


def article(noun: str) -> str:
    """Return a noun with `a` or `an`.

    Example:
        >>> article("loss"), article("optimizer")
        ('a loss', 'an optimizer')
    """
    return f"an {noun}" if noun[:1].lower() in tuple("aeiou") else f"a {noun}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return how many there are of something.

    Example:
        >>> counted(1, "batch"), counted(1200, "batch", "batches"), counted(2, "epoch")
        ('1 batch', '1,200 batches', '2 epochs')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
