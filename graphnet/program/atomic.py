"""Durable files: written whole or not at all, read only when they are regular and small enough.

A write goes to a temporary file in the same directory, is forced to the disk, takes the old file's
name in one step, and then the directory is forced to the disk as well. Whoever reads, or restarts
after a crash, finds the old file or the new one. A failed fsync is never tried again: the kernel
may have dropped the unwritten pages, and a second call would report success for lost content.
"""

from __future__ import annotations

import errno
import io
import os
import re
import secrets
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graphnet.errors import ResourceError

Content = bytes | Iterable[bytes | memoryview]

_CODES = {
    errno.ENOSPC: "GN501",
    errno.EDQUOT: "GN501",
    errno.EFBIG: "GN501",
    errno.EACCES: "GN502",
    errno.EPERM: "GN502",
    errno.EROFS: "GN502",
    errno.EISDIR: "GN504",
    errno.ENXIO: "GN504",
    errno.ENOENT: "GN505",
    errno.ENOTDIR: "GN505",
}
_CURES = {
    "GN501": "free some space or raise the quota, or write to another disk",
    "GN502": "choose a place you have the permission for",
    "GN504": "name a regular file",
    "GN505": "check the path",
}
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}
# Absent from Windows: links are not followed there anyway, and its text mode must be switched off.
_BASIC = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NO_BLOCK = getattr(os, "O_NONBLOCK", 0)
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
_HELD_BY_ANOTHER = (5, 32, 33)  # Windows: access denied, sharing violation, lock violation
_PATIENCE = 2.5
_CHUNK = 1 << 20

_in_flight: set[str] = set()


def write_atomically(path: Path, content: Content) -> None:
    """Write a file so that its name always stands for the old content or the new, never for a part.

    Args:
        path: Where the file belongs; its directory must exist.
        content: All of it, or its pieces in order; a memoryview must be contiguous.

    Raises:
        ResourceError: The disk is full (GN501), permission is missing (GN502), the system refuses
            otherwise (GN503), something other than a file stands there (GN504), or the directory
            does not exist (GN505). The old file is untouched, unless the notes say that the new one
            is in place and only the directory could not be forced to the disk.
    """
    pieces = (content,) if isinstance(content, bytes) else content
    note = "nothing was written"
    try:
        if _kind_at(path) is not None:
            note = f"the old {path.name!r} is unchanged"
        remove_stale(path.parent, path.name)
        # Opened first: a directory that cannot be opened must be known before anything changes.
        directory = _open_directory(path.parent)
        try:
            _crash_at("before-temp")
            with _temporary(path) as temporary:
                _write_whole(temporary, pieces)
                _crash_at("before-rename")
                _replace(temporary, path)
            note = f"the new {path.name!r} is in place, but may be lost if the power fails now"
            _crash_at("after-rename")
            _sync_directory(directory)
            _crash_at("after-dir-fsync")
        finally:
            if directory is not None:
                os.close(directory)
    except OSError as error:
        raise resource_error(error, "write", path, note) from error


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a regular file that has at most `limit` bytes; at most `limit` + 1 are ever read.

    Raises:
        ResourceError: The file is missing (GN505), not a regular file (GN504), longer than `limit`
            (GN506), or cannot be read (GN502, GN503).
    """
    pieces: list[bytes] = []
    left = limit + 1
    with open_regular(path) as file:
        while left and (piece := file.read(min(left, _CHUNK))):
            pieces.append(piece)
            left -= len(piece)
    if not left:
        raise ResourceError("GN506", f"{str(path)!r} has more than {limit:,} bytes")
    return b"".join(pieces)


@contextmanager
def open_regular(path: Path, *, follow_links: bool = True) -> Iterator[io.FileIO]:
    """Open a regular file for reading, unbuffered; a pipe or a device is refused without waiting.

    Args:
        path: The file.
        follow_links: Whether the last part of the path may be a symbolic link.

    Raises:
        ResourceError: As for `read_bounded`, also for what fails while the file is open.
    """

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags | _BASIC | _NO_BLOCK | (0 if follow_links else _NO_FOLLOW))

    try:
        if not follow_links:
            _kind_at(path, "read")
        with io.FileIO(_possible(path), "rb", opener=opener) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise _not_a_file(path, mode, "read")
            yield file
    except OSError as error:
        raise resource_error(error, "read", path) from error


def remove_stale(directory: Path, name: str | None = None) -> None:
    """Remove temporary files that killed processes left in a directory.

    Args:
        directory: Where to look.
        name: Only those of this file; of every file where None.
    """
    wanted = ".+" if name is None else re.escape(name)
    pattern = re.compile(rf"\.{wanted}\.([1-9][0-9]{{0,8}})\.[0-9]+\.tmp", re.DOTALL)
    for found in os.listdir(directory):  # noqa: PTH208 - names are all that is needed
        match = pattern.fullmatch(found)
        if match and found not in _in_flight and not _alive(int(match[1])):
            with suppress(OSError):  # what cannot be removed harms nobody
                (directory / found).unlink()


def resource_error(error: OSError, verb: str, path: Path, *notes: str) -> ResourceError:
    """Return what the operating system refused as an error in the user's words.

    Args:
        error: The refusal.
        verb: What was tried: `write`, `read`, `create`.
        path: With which file.
        notes: What was left untouched.
    """
    code = _CODES.get(error.errno or 0, "GN503")
    reason = error.strerror or str(error)
    message = f"cannot {verb} {str(path)!r}: {reason[:1].lower()}{reason[1:]}"
    return ResourceError(code, message, help=_CURES.get(code, ""), notes=notes)


def _not_a_file(path: Path, mode: int, verb: str) -> ResourceError:
    kind = _KINDS.get(stat.S_IFMT(mode), "a device")
    return ResourceError(
        "GN504", f"cannot {verb} {str(path)!r}: it is {kind}", help=_CURES["GN504"]
    )


def _possible(path: Path) -> str:
    """Return the path as text, or refuse one that no system call could take."""
    try:
        usable = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        usable = False
    if not usable:
        raise OSError(errno.EINVAL, "no file can have such a name")
    return str(path)


def _kind_at(path: Path, verb: str = "replace") -> int | None:
    """Return the mode of the regular file at a path, None where nothing is; refuse all else."""
    try:
        mode = os.lstat(_possible(path)).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise _not_a_file(path, mode, verb)
    return mode


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """Name a temporary file beside `path`, and remove it if anything goes wrong."""
    number = secrets.randbelow(10**9)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{number}.tmp")
    _in_flight.add(temporary.name)
    try:
        yield temporary
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            temporary.unlink()
        raise
    finally:
        _in_flight.discard(temporary.name)


def _write_whole(temporary: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Create the temporary file, write every piece and force it to the disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BASIC
    # 0o666 is cut down by the umask, as for any file a program creates.
    descriptor = os.open(temporary, flags, 0o666)
    try:
        for piece in pieces:
            left = memoryview(piece)
            if left.ndim != 1 or left.itemsize != 1:
                left = left.cast("B")
            while left:
                left = left[os.write(descriptor, left) :]
        _crash_at("after-write")
        os.fsync(descriptor)
        _crash_at("after-fsync")
    finally:
        os.close(descriptor)


def _replace(temporary: Path, path: Path) -> None:
    """Give the temporary file its final name.

    On Windows a virus scanner or an indexer may hold the old file open for a moment.
    """
    deadline = time.monotonic() + _PATIENCE
    while not _replaced(temporary, path, last=time.monotonic() > deadline):
        time.sleep(0.05)


def _replaced(temporary: Path, path: Path, *, last: bool) -> bool:
    try:
        os.replace(temporary, path)  # noqa: PTH105 - beside the other calls of the system
    except OSError as error:
        if last or getattr(error, "winerror", None) not in _HELD_BY_ANOTHER:
            raise
        return False
    return True


def _open_directory(directory: Path) -> int | None:
    if os.name == "nt":  # Windows neither opens directories nor needs to sync them
        return None
    return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | _BASIC)


def _sync_directory(descriptor: int | None) -> None:
    """Make the new name durable, where the file system knows how."""
    if descriptor is None:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise


def _alive(process: int) -> bool:
    """Tell whether a process may still be writing; an own leftover has an earlier owner."""
    if process == os.getpid():
        return False
    if os.name == "nt":  # os.kill would end the process there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _crash_at(point: str) -> None:
    """Die like a killed process at a named point, if a test asks for it."""
    if os.environ.get("GRAPHNET_CRASH_POINT") == point:
        os.kill(os.getpid(), signal.SIGKILL)
