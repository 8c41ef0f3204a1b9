"""Letters: how wide a text is about, without a font at hand, and how it is shortened to fit."""

from __future__ import annotations

import unicodedata

_NARROW = frozenset("fijlrtI.,:;'|!()[]{}/\\ -\"")
_WIDE = frozenset("mwMW%@&")


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is, a little too much rather than too little.

    Example:
        >>> text_width("", 10.0), text_width("ii", 10.0) < text_width("mm", 10.0)
        (0.0, True)
    """
    return size * sum(_share(character) for character in text)


def _share(character: str) -> float:
    """Return the width of a character as a share of the size."""
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.37
    if character in _WIDE:
        return 0.95
    return 0.68 if character.isupper() else 0.61


def has_wide_letters(text: str) -> bool:
    """Tell whether a text has letters of Chinese, Japanese or Korean.

    Example:
        >>> has_wide_letters("naïve"), has_wide_letters("層1")
        (False, True)
    """
    return any(unicodedata.east_asian_width(character) in "WF" for character in text)


def fitted(text: str, size: float, room: float) -> str:
    """Return a text, its middle left out where it is wider than the room; empty where nothing fits.

    Example:
        >>> fitted("linear1.weight", 10.0, 200.0), fitted("linear1.weight", 10.0, 60.0)
        ('linear1.weight', 'linea…eight')
        >>> fitted("linear1.weight", 10.0, 12.0)
        ''
    """
    if text_width(text, size) <= room:
        return text
    for kept in range(len(text) - 1, 2, -1):
        head, tail = (kept + 1) // 2, kept // 2
        shorter = f"{text[:head]}…{text[-tail:]}"
        if text_width(shorter, size) <= room:
            return shorter
    return ""
