"""Text of labels: made harmless for every format, and broken into lines."""

from __future__ import annotations

import textwrap

_LONGEST = 240


def printable(text: str) -> str:
    r"""Return text without characters that no picture can hold.

    Line breaks stay, other white space becomes a space, and what cannot be printed (control
    characters, halves of surrogate pairs, marks that turn the direction of writing) a question mark.

    Example:
        >>> printable("a\tb\x1b[31m\nc")
        'a b?[31m\nc'
    """
    characters = []
    for character in text.replace("\r\n", "\n"):
        if character.isprintable() or character == "\n":
            characters.append(character)
        else:
            characters.append(" " if character.isspace() else "?")
    return "".join(characters)


def label_lines(lines: tuple[str, ...], width: int) -> list[str]:
    """Return the lines of a label, none longer than `width`, none empty.

    Example:
        >>> label_lines(("conv1", "", "Conv2d(out_channels=8, kernel_size=3)"), 24)
        ['conv1', 'Conv2d(out_channels=8,', 'kernel_size=3)']
    """
    found: list[str] = []
    for line in printable("\n".join(lines)).split("\n"):
        shown = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
        found += textwrap.wrap(shown, width) if len(shown) > width else [shown]
    return [line for line in found if line.strip()]
