"""Standard streams: closed ones get somewhere to go, and no character of a message is unprintable."""

from __future__ import annotations

import io
import os
import sys


def open_streams() -> None:
    """Make stdin, stdout and stderr usable, whatever the caller left of them."""
    # A closed descriptor would be given to the next file that is opened, and messages land in it.
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush_streams() -> bool:
    """Write out what is left, and tell whether all of it could be written."""
    whole = True
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            whole = False
            # Python tries again at its end and would complain; give it a place to write to.
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    return whole
