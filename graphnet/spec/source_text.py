"""Source text: bytes to checked text, and places in it."""

from __future__ import annotations

import re

from graphnet.errors import Position, SpecError

MAX_BYTES = 1 << 20
"""Most bytes of a spec."""

_BREAK = re.compile(r"\r\n|\n|\r")
_FOREIGN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_OTHER_ENCODINGS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


_OTHER_FILES = (
    (b"PK\x03\x04", "a zip archive, as npz files are"),
    (b"\x93NUMPY", "an npy array"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a parquet table"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x03", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
)


class SourceText:
    """A text with its lines, to turn places in it into positions.

    Attributes:
        file: What positions name as the file.
        text: The whole text.
        prefix: What `file` shows before the text where it has no lines of its own (`--set a.b=`).
    """

    def __init__(self, file: str, text: str, prefix: str = "") -> None:
        self.file = file
        self.text = text
        self.prefix = prefix
        self._lines = _BREAK.split(text)

    def span(self, start: tuple[int, int], end: tuple[int, int]) -> Position:
        """Return the position between two 0-based (line, column) pairs, the second excluded."""
        line, column = start
        if line >= len(self._lines):
            # The parser counts an end of the text without a line break as a line of its own.
            line, column = len(self._lines) - 1, len(self._lines[-1])
        source = self.line(line)
        last = end[1] if end[0] == line else len(source.rstrip())
        if self.prefix:
            shift = len(self.prefix) + 1
            shown = not line and "\n" not in self.file
            return Position(self.file, 0, column + shift, last + shift) if shown else self.whole()
        return Position(self.file, line + 1, column + 1, max(column, last) + 1, source)

    def at(self, index: int, length: int = 1) -> Position:
        """Return the position of characters by their 0-based index in the text."""
        before = _BREAK.split(self.text[:index])
        start = (len(before) - 1, len(before[-1]))
        return self.span(start, (start[0], start[1] + length))

    def line(self, number: int) -> str:
        """Return a line by its 0-based number, without its break; empty behind the last."""
        return self._lines[number] if number < len(self._lines) else ""

    def character(self, place: tuple[int, int]) -> str:
        """Return the character at a 0-based (line, column); empty at the end of the line."""
        return self.line(place[0])[place[1] : place[1] + 1]

    @property
    def line_count(self) -> int:
        """Number of lines, a last break not beginning one of its own."""
        return len(self._lines) - (len(self._lines) > 1 and not self._lines[-1])

    def whole(self) -> Position:
        """Return the position of the text as a whole."""
        return Position(self.file)


def decode(content: bytes, file: str) -> str:
    """Return a spec's bytes as text, without a byte order mark.

    Raises:
        SpecError: GN112 when it is too large, GN113 when it is not UTF-8.
    """
    for mark, kind in _OTHER_FILES:
        if content.startswith(mark):
            raise _no_spec(file, kind)
    if len(content) > MAX_BYTES:
        raise too_large(file)
    content = content.removeprefix(b"\xef\xbb\xbf")
    for mark, encoding in _OTHER_ENCODINGS:
        if content.startswith(mark):
            raise _not_utf8(f"the spec is written in {encoding}", Position(file))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        head = content[:1024]
        # A text with a stray byte is shown with its place, a file that is none is not.
        if 10 * sum(byte < 9 or 13 < byte < 32 for byte in head) > len(head):
            raise _no_spec(file, "a binary file") from error
        readable = SourceText(file, content.decode("utf-8", errors="replace"))
        where = readable.at(len(content[: error.start].decode("utf-8")))
        byte = f"byte 0x{content[error.start]:02X} at offset {error.start}"
        raise _not_utf8(f"the spec is not UTF-8: {byte}", where) from error


def check_characters(source: SourceText) -> None:
    """Refuse characters that no spec needs and that editors do not show.

    Raises:
        SpecError: GN112 when the text is too large, GN113 at the first such character.
    """
    if len(source.text.encode("utf-8", errors="replace")) > MAX_BYTES:
        raise too_large(source.file)
    found = _FOREIGN.search(source.text)
    if found is None:
        return
    number = ord(found[0])
    utf16 = "; the file may be UTF-16" if number == 0 else ""
    raise SpecError(
        "GN113",
        f"the spec holds the {_sort(number)} U+{number:04X}",
        where=source.at(found.start()),
        label=f"character {found.start()} of the text",
        help=f"remove it, and save the file as UTF-8{utf16}",
    )


def _sort(number: int) -> str:
    if 0xD800 <= number <= 0xDFFF:
        return "half character"
    return "byte order mark" if number == 0xFEFF else "control character"


def _not_utf8(message: str, where: Position) -> SpecError:
    return SpecError("GN113", message, where=where, help="save the file as UTF-8")


def _no_spec(file: str, kind: str) -> SpecError:
    return SpecError(
        "GN113",
        f"{file!r} is {kind}, not a spec",
        where=Position(file),
        help="name a spec, a YAML file; data files are named in a spec's data section",
    )


def too_large(file: str) -> SpecError:
    """Return the error for a spec of too many bytes."""
    return SpecError(
        "GN112",
        f"the spec is larger than {MAX_BYTES // 1024} KiB",
        where=Position(file),
        help="repeat layers with blocks instead of writing each of them out",
    )
