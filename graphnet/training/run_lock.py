"""The lock on a run's directory: one training at a time, and nothing left behind by a dead one."""

from __future__ import annotations

import errno
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from graphnet.errors import ResourceError
from graphnet.program import read_bounded
from graphnet.program.atomic import resource_error

NAME = "lock"

_MARK = "graphnet run"
_LIMIT = 4096
_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class RunLock:
    """An advisory lock on the file `lock`, which the system gives up when the process ends.

    The file stays where it is: removing it would let two processes lock two files of one name.

    Attributes:
        path: The file.
        held: Whether this process holds the lock; stays false where the system knows no such locks.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / NAME
        self.held = False
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock and note in the file who has it.

        Raises:
            ResourceError: When another process has it (GN510), or the file cannot be written
                (GN50x).
        """
        try:
            descriptor = os.open(self.path, _FLAGS, 0o666)
            try:
                held = _lock(descriptor)
                os.ftruncate(descriptor, 0)
                os.write(descriptor, _holder())
            except BaseException:
                os.close(descriptor)
                raise
        except BlockingIOError:
            raise self._in_use() from None
        except OSError as error:
            raise resource_error(error, "lock", self.path) from error
        self._descriptor, self.held = descriptor, held

    def release(self) -> None:
        """Give the lock up; nothing happens where it was not taken."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self.held = None, False

    def _in_use(self) -> ResourceError:
        holder = noted_holder(self.path) or {}
        who = f"pid {holder['pid']} since {holder['since']}" if holder else "another process"
        return ResourceError(
            "GN510",
            f"run directory {str(self.path.parent)!r} is in use by {who}",
            help="wait for it to end, or train in another directory",
            notes=["nothing was changed there"],
        )


def is_held(directory: Path) -> bool:
    """Tell whether a process holds the lock of a run, changing nothing; false where systems know no locks."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none

        descriptor = os.open(directory / NAME, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except (ImportError, OSError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def noted_holder(path: Path) -> dict[str, Any] | None:
    """Return who last noted themselves in a lock file, or None where it is not one of ours."""
    try:
        holder = json.loads(read_bounded(path, _LIMIT))
    except (ResourceError, ValueError, RecursionError):
        return None
    ours = isinstance(holder, dict) and holder.get("lock") == _MARK
    return holder if ours and {"pid", "since"} <= holder.keys() else None


def _holder() -> bytes:
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    return f"{json.dumps({'lock': _MARK, 'pid': os.getpid(), 'since': since})}\n".encode()


def _lock(descriptor: int) -> bool:
    """Lock an open file at once or not at all, and tell whether the system has locks."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ImportError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
        return False
    return True
