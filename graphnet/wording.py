"""Wording that messages share: lists of names, the nearest name, counts with their nouns."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST_NAME = 100


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


def listed(names: Iterable[str], limit: int = 40) -> str:
    """Return names as one readable list, cut after `limit`.

    Example:
        >>> listed(["a", "b", "c"], limit=2)
        'a, b and 1 more'
    """
    every = list(names)
    text = ", ".join(every[:limit])
    return text if len(every) <= limit else f"{text} and {len(every) - limit} more"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return how many there are of something.

    Example:
        >>> counted(1, "batch"), counted(1200, "batch", "batches"), counted(2, "epoch")
        ('1 batch', '1,200 batches', '2 epochs')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
