"""Reading npz archives: everything a header claims is checked before an array is built from it.

`np.load` allocates whatever shape a header states, takes the last of two members with one name, and
ignores bytes behind an array. Here the archive's directory and every array header are read first,
and their claims are held against the bytes that are really there.
"""

from __future__ import annotations

import zipfile
import zlib

import numpy as np

from graphnet.data.data_file import DataFile, spoken_bytes
from graphnet.data.npy_header import bad_header, read_header
from graphnet.data.sample_table import Array, SampleTable
from graphnet.errors import DataError

ARRAYS_LIMIT = 8 << 30
"""Most bytes of all arrays of an archive together."""

_MEMBERS_LIMIT = 1024
# A legitimate column of equal labels packs to a thousandth, so only what is large as well is
# suspicious.
_RATIO_LIMIT = 100
_RATIO_FREE = 64 << 20
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


def read_npz(file: DataFile) -> SampleTable:
    """Read every array of an npz archive.

    Big-endian and Fortran-ordered arrays are read as what they mean.

    Args:
        file: The archive, as `np.savez` or `np.savez_compressed` writes it.

    Returns:
        A table of arrays (samples, ...) under their names.

    Raises:
        DataError: GN304 not an archive, GN305 too large, GN310 damaged, GN311 a member that is not
            a plain array, GN312 a header that does not fit its bytes, GN313 an element type that is
            not a number, GN314 suspicious compression.
        ResourceError: GN502 to GN505 where the file cannot be opened.
    """
    with file.open() as stream:
        start = stream.read(64)
        try:
            archive = zipfile.ZipFile(stream)
        except _DAMAGES as error:
            if start.startswith(b"PK"):
                raise _damaged(file, str(error)) from error
            raise file.wrong_format("an npz archive", start) from error
        with archive:
            members = _checked_members(file, archive)
            arrays = {member.filename[:-4]: _array(file, archive, member) for member in members}
    return SampleTable(file.shown, arrays, word="array")


def _checked_members(file: DataFile, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if not members:
        raise DataError("GN303", f"{file.shown!r} holds no arrays", where=file.where)
    if len(members) > _MEMBERS_LIMIT:
        raise _bad_member(
            file, f"{file.shown!r} has {len(members)} members, limit {_MEMBERS_LIMIT}"
        )
    seen: set[str] = set()
    for member in members:
        name = member.filename
        if name in seen:
            raise _bad_member(file, f"two members of {file.shown!r} are named {name!r}")
        if member.flag_bits & 1:
            raise _bad_member(file, f"member {name!r} is encrypted")
        if not name.endswith(".npy") or name == ".npy" or "/" in name or "\\" in name:
            raise _bad_member(file, f"member {name!r} is not an array of this archive")
        seen.add(name)
    declared = sum(member.file_size for member in members)
    stored = sum(member.compress_size for member in members)
    if declared > ARRAYS_LIMIT:
        raise file.too_large(declared, ARRAYS_LIMIT)
    if declared > _RATIO_FREE and declared > _RATIO_LIMIT * stored:
        raise DataError(
            "GN314",
            f"{file.shown!r} unpacks from {spoken_bytes(stored)} to {spoken_bytes(declared)}",
            where=file.where,
            help="if the file is yours, store it with np.savez, uncompressed",
            notes=[f"packed arrays may be {_RATIO_LIMIT} times as large as their file"],
        )
    return members


def _array(file: DataFile, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    name = member.filename[:-4]
    try:
        with archive.open(member) as stream:
            header = read_header(file, name, stream, member.file_size)
            # Reading to the end makes zipfile compare the checksum.
            content = stream.read()
    except DataError:
        raise
    except _DAMAGES as error:
        raise _damaged(file, str(error)) from error
    if len(content) != header.bytes:
        raise bad_header(file, name, f"it claims {header.bytes} bytes, {len(content)} are there")
    if header.dtype.kind == "b" and max(content, default=0) > 1:
        raise bad_header(file, name, "it claims truth values, others are there")
    flat: Array = np.frombuffer(content, header.dtype)
    return flat.reshape(header.shape, order="F" if header.fortran else "C")


def _bad_member(file: DataFile, message: str) -> DataError:
    return DataError(
        "GN311",
        message,
        where=file.where,
        help="write the archive with np.savez(path, x=..., y=...)",
    )


def _damaged(file: DataFile, detail: str) -> DataError:
    return DataError(
        "GN310",
        f"the archive {file.shown!r} is damaged",
        where=file.where,
        help="copy or write the file again",
        notes=[detail.lower()],
    )
