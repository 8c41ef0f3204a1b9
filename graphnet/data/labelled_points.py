"""Reading pickled lists of labelled points without running what a pickle may ask for.

Two fences. The opcodes are read first, as text is read, and only those that build numbers, lists
and tuples pass; that also stops pickles that make the unpickler itself allocate without bound. Then
an unpickler that allows no global and no persistent object builds the list, and its structure is
checked point by point.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
from typing import Any, NoReturn

import numpy as np

from graphnet.data.data_file import DataFile
from graphnet.data.sample_table import SampleTable
from graphnet.declare import spoken
from graphnet.errors import DataError

PICKLE_LIMIT = 16 << 20
"""Most bytes of a pickle, some 600,000 points."""

_NUMBERS = ("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "FLOAT", "BINFLOAT")
_LISTS = ("EMPTY_LIST", "LIST", "APPEND", "APPENDS")
_TUPLES = ("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3")
_MEMO = ("MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT", "GET", "BINGET", "LONG_BINGET")
_PLAIN = frozenset(("PROTO", "FRAME", "MARK", "STOP", *_NUMBERS, *_LISTS, *_TUPLES, *_MEMO))
_MEMO_WRITES = frozenset(("PUT", "BINPUT", "LONG_BINPUT"))


def read_labelled_points(file: DataFile) -> SampleTable:
    """Read a pickled list of `[(x, y), label]`.

    Args:
        file: The pickle; any protocol.

    Returns:
        A table with the columns x, y (float64) and label (int64, 0 or 1), each of shape (points,).

    Raises:
        DataError: GN303 no points, GN304 not a pickle, GN305 too large, GN315 it holds more than
            numbers, lists and tuples, GN316 it is not a list of labelled points.
        ResourceError: GN502 to GN505 where the file cannot be opened.
    """
    content = file.read(PICKLE_LIMIT)
    _check_opcodes(file, content)
    try:
        points = _PlainUnpickler(io.BytesIO(content)).load()
    except Exception as error:
        # The opcodes are harmless by now; a wrong sequence of them raises whatever it happens to
        # hit.
        raise _not_a_pickle(file, content, str(error)) from error
    return _table(file, points)


class _PlainUnpickler(pickle.Unpickler):
    """An unpickler that builds plain data only."""

    def find_class(self, module_name: str, global_name: str) -> NoReturn:
        """Refuse every class and function."""
        raise pickle.UnpicklingError(f"asks for {module_name}.{global_name}")

    def persistent_load(self, pid: Any) -> NoReturn:
        """Refuse every object kept elsewhere."""
        raise pickle.UnpicklingError("asks for an object kept elsewhere")


def _check_opcodes(file: DataFile, content: bytes) -> None:
    end = 0
    try:
        for opcode, argument, place in pickletools.genops(content):
            if opcode.name not in _PLAIN:
                raise _not_plain(file, opcode.name, argument)
            # The memo grows to the index written, so a few bytes could ask for gigabytes.
            if opcode.name in _MEMO_WRITES and not 0 <= int(argument or 0) <= len(content):
                raise _not_plain(file, opcode.name, argument)
            end = (place or 0) + 1
    except DataError:
        raise
    except Exception as error:
        # A damaged pickle makes the reader raise anything from ValueError to UnicodeDecodeError.
        raise _not_a_pickle(file, content, str(error)) from error
    if end != len(content):
        raise _not_a_pickle(file, content, f"{len(content) - end} bytes follow its end")


def _table(file: DataFile, points: object) -> SampleTable:
    if not isinstance(points, list):
        raise _bad_point(file, "", f"expected a list of points, found {spoken(points)}")
    if not points:
        raise DataError("GN303", f"{file.shown!r} holds no points", where=file.where)
    xs, ys = np.empty((2, len(points)), np.float64)
    labels = np.empty(len(points), np.int64)
    for index, point in enumerate(points):
        where = f"point {index + 1}"
        place, label = _pair(file, where, point)
        x, y = _pair(file, f"the place of {where}", place)
        xs[index] = _number(file, f"x of {where}", x)
        ys[index] = _number(file, f"y of {where}", y)
        if type(label) is not int or label not in (0, 1):
            raise _bad_point(file, f"label of {where}", f"expected 0 or 1, found {spoken(label)}")
        labels[index] = label
    return SampleTable(file.shown, {"x": xs, "y": ys, "label": labels})


def _pair(file: DataFile, where: str, value: object) -> tuple[object, object]:
    if not isinstance(value, (list, tuple)):
        raise _bad_point(file, where, f"expected a pair, found {spoken(value)}")
    if len(value) != 2:
        raise _bad_point(file, where, f"expected a pair, found {len(value)} values")
    return value[0], value[1]


def _number(file: DataFile, where: str, value: object) -> float:
    try:
        number = float(value) if type(value) in (int, float) else math.nan  # type: ignore[arg-type]
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _bad_point(file, where, f"expected a finite number, found {spoken(value)[:60]}")
    return number


def _bad_point(file: DataFile, where: str, detail: str) -> DataError:
    return DataError(
        "GN316",
        f"{file.shown!r} is not a list of labelled points",
        where=file.where,
        help="each point is [(x, y), label], the label 0 or 1",
        notes=[f"{where}: {detail}" if where else detail, "points are counted from 1"],
    )


def _not_plain(file: DataFile, opcode: str, argument: object) -> DataError:
    asked = f" {argument!r}"[:80] if argument is not None else ""
    return DataError(
        "GN315",
        f"the pickle {file.shown!r} holds more than numbers and lists",
        where=file.where,
        help="store the data as csv or npz",
        notes=[f"refused: {opcode.lower()}{asked}", "nothing of it was loaded or run"],
    )


def _not_a_pickle(file: DataFile, content: bytes, detail: str) -> DataError:
    return file.wrong_format("a whole pickle", content[:64], detail.lower())
