"""The header of a safetensors file: written in one form, believed only when all of it adds up.

The header is JSON: per tensor its dtype, shape and place among the data, and texts under
`__metadata__`. Nothing here touches an array; all sizes are Python integers, which cannot overflow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphnet.errors import listed
from graphnet.program.strict_json import JsonError, canonical, parse

HEADER_LIMIT = 4 << 20
TENSOR_LIMIT = 65_536
RANK_LIMIT = 32
DTYPES = {"F64": "<f8", "I64": "<i8", "F32": "<f4", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}
"""Element types graphnet stores, as the file and as NumPy name them."""

_METADATA = "__metadata__"
_KEYS = {"dtype", "shape", "data_offsets"}
_ADDRESSABLE = 2**63 - 1
_DEPTH = 3


class HeaderError(ValueError):
    """A header is not to be believed.

    Attributes:
        code: GN452 where it is wrong, GN453 where it exceeds a limit.
    """

    def __init__(self, message: str, code: str = "GN452") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Tensor:
    """One tensor as the header describes it.

    Attributes:
        name: Its name.
        dtype: One of `DTYPES`.
        shape: Its dimensions.
        start: Its first byte, counted from the end of the header.
        stop: The byte after its last.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True)
class Header:
    """A header.

    Attributes:
        metadata: The texts under `__metadata__`.
        tensors: In the order of their bytes.
    """

    metadata: Mapping[str, str]
    tensors: tuple[Tensor, ...]

    @property
    def data_bytes(self) -> int:
        """How many bytes follow the header."""
        return self.tensors[-1].stop if self.tensors else 0

    def encode(self) -> bytes:
        """Return the only form in which graphnet writes this header, its length in front.

        Raises:
            HeaderError: When it exceeds a limit that readers insist on, or holds a name that
                cannot be written.
        """
        described: dict[str, Any] = {
            tensor.name: {
                "dtype": tensor.dtype,
                "shape": tensor.shape,
                "data_offsets": (tensor.start, tensor.stop),
            }
            for tensor in self.tensors
        }
        if _METADATA in described:
            raise HeaderError(f"no tensor may be called {_METADATA!r}")
        content = canonical({**described, _METADATA: dict(self.metadata)}).encode()
        content += b" " * (-len(content) % 8)  # so that the data is aligned in the file
        check_length(len(content))
        return len(content).to_bytes(8, "little") + content


def check_length(length: int) -> None:
    """Refuse a header that is longer than any graphnet writes.

    Raises:
        HeaderError: When `length` is above `HEADER_LIMIT`.
    """
    if length > HEADER_LIMIT:
        raise HeaderError(
            f"its header of {length:,} bytes exceeds the limit of {HEADER_LIMIT:,}", "GN453"
        )


def decode(content: bytes) -> Header:
    """Read a header and check that its tensors fill the data without overlap or hole.

    Args:
        content: The header without its length.

    Raises:
        HeaderError: When anything is wrong with it.

    Example:
        >>> decode(b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}').data_bytes
        8
    """
    try:
        described = parse(content.decode(), _DEPTH)
    except UnicodeDecodeError as error:
        raise HeaderError("its header is not UTF-8 text") from error
    except JsonError as error:
        raise HeaderError(f"its header is not strict JSON: {error}") from error
    if not isinstance(described, dict):
        raise HeaderError("its header is not a mapping")
    metadata = _metadata(described.pop(_METADATA, {}))
    if len(described) > TENSOR_LIMIT:
        raise HeaderError(
            f"it has {len(described):,} tensors, the limit is {TENSOR_LIMIT:,}", "GN453"
        )
    tensors = [_tensor(name, record) for name, record in described.items()]
    tensors.sort(key=lambda tensor: (tensor.start, tensor.stop))
    _check_contiguous(tensors)
    return Header(metadata, tuple(tensors))


def _metadata(texts: Any) -> dict[str, str]:
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise HeaderError(f"{_METADATA!r} is not a mapping of texts")
    return texts


def _tensor(name: str, record: Any) -> Tensor:
    if not isinstance(record, dict) or record.keys() != _KEYS:
        raise HeaderError(f"tensor {name!r} needs exactly the keys {listed(sorted(_KEYS))}")
    dtype, shape, offsets = record["dtype"], record["shape"], record["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise HeaderError(f"tensor {name!r} has the dtype {dtype!r}, not one of {listed(DTYPES)}")
    if not _counts(shape):
        raise HeaderError(f"tensor {name!r} has a shape that is not a list of whole numbers >= 0")
    if len(shape) > RANK_LIMIT:
        raise HeaderError(
            f"tensor {name!r} has {len(shape)} dimensions, the limit is {RANK_LIMIT}", "GN453"
        )
    if not _counts(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise HeaderError(f"tensor {name!r} has offsets that are not a start and a stop")
    start, stop = offsets
    if stop - start != _bytes_of(name, shape, dtype):
        raise HeaderError(f"tensor {name!r} of shape {shape} does not fit its {stop - start} bytes")
    return Tensor(name, dtype, tuple(shape), start, stop)


def _counts(values: Any) -> bool:
    """Tell whether a value is a list of whole numbers from 0 on; true and false are none."""
    return isinstance(values, list) and all(type(item) is int and item >= 0 for item in values)


def _bytes_of(name: str, shape: Sequence[int], dtype: str) -> int:
    item = int(DTYPES[dtype][-1])
    # An array of no elements must still have dimensions that could be multiplied.
    if item * math.prod(max(1, size) for size in shape) > _ADDRESSABLE:
        raise HeaderError(f"tensor {name!r} is larger than any memory", "GN453")
    return item * math.prod(shape)


def _check_contiguous(tensors: Sequence[Tensor]) -> None:
    position = 0
    for tensor in tensors:
        if tensor.start != position:
            what = "overlaps another" if tensor.start < position else "leaves a hole before it"
            raise HeaderError(f"tensor {tensor.name!r} {what}")
        position = tensor.stop
