"""Tell from its first bytes what a file is that is not what was hoped for."""

from __future__ import annotations

PEEK = 64
"""How many first bytes are looked at."""

UNKNOWN = "of an unknown kind"

_KINDS = (
    (b"PK\x03\x04", "a zip archive, such as npz files and torch.save write"),
    (b"\x89HDF\r\n", "an HDF5 file, such as Keras writes"),
    (b"\x93NUMPY", "an npy file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"version https://git-lfs", "a Git LFS pointer; the file itself was not downloaded"),
    (b"graphnet:", "a spec"),
    (b"{", "JSON text, such as a compiled program"),
    (b"<", "a web page or XML text"),
)
_PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))


def kind_of(start: bytes) -> str:
    """Return what a file looks like, for the sentence "it is ...".

    Args:
        start: Its first `PEEK` bytes, or all of them where it is shorter.

    Example:
        >>> kind_of(b"<!doctype html>")
        'a web page or XML text'
        >>> kind_of(b"")
        'empty'
    """
    if not start:
        return "empty"
    if not start.strip(b"\0"):
        return "filled with zero bytes, as a power failure leaves it"
    if start.startswith(_PICKLES):
        return "a pickle, which is never loaded because it can run code"
    words = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, kind in _KINDS:
        if start.startswith(magic) or words.startswith(magic):
            return kind
    return UNKNOWN
