"""A naive interpreter of compiled programs: reads the file's content, imports nothing of graphnet.

Every buffer that looks into no other one has an array of its own, so there is no arena and no plan; every
instruction is its op's formula (`formulas`). Memory that was not written yet, and workspaces, hold NaN.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from formulas import FORMULAS
from numpy.typing import NDArray

Array = NDArray[Any]
Plain = dict[str, Any]
Watcher = Callable[[Plain, list[Array], tuple[Array, ...]], None]

DRAWS = {"dropout_mask": 1, "uniform": 1, "standard_normal": 2}
"""Numbers that an op draws for each element."""
LASTING = ("parameter", "gradient", "statistic", "state", "scalar")


def uniform(seed: int, name: str, start: int, count: int, dtype: str) -> Array:
    """Return numbers on [0, 1) of a named stream, beginning `start` 64-bit draws after its first.

    The stream is PCG64 seeded by `[seed, *SHA-256 of the name as eight little-endian words]`. A float64 is
    the upper 53 bits of a draw; a float32 the upper 24 bits of half a draw, the lower half coming first.
    """
    digest = hashlib.sha256(name.encode("utf-8")).digest()
    words = [int.from_bytes(digest[at : at + 4], "little") for at in range(0, 32, 4)]
    bits = np.random.PCG64(np.random.SeedSequence([seed, *words]))
    bits.advance(start)
    if dtype == "float64":
        return np.array([(int(draw) >> 11) * 2.0**-53 for draw in bits.random_raw(count)])
    draws = [int(draw) for draw in bits.random_raw((count + 1) // 2)]
    halves = [half for draw in draws for half in (draw & 0xFFFFFFFF, draw >> 32)]
    return np.array([(half >> 8) * 2.0**-24 for half in halves[:count]], np.float32)


class Interpreter:
    """A program at work: lasting buffers, and those of the routine that runs.

    Attributes:
        content: The program as plain data.
        passes: Forward passes of the train routine so far, which streams are positioned by.
        watch: Called after every instruction with it, its operands and what its formula returned.
    """

    def __init__(self, document: Plain, numbers: str | None = None) -> None:
        """Allocate what lasts.

        Args:
            document: What `json.loads` makes of the program's file.
            numbers: Element type of all floating point buffers in place of the declared ones.
        """
        self.content: Plain = document["content"]
        self.passes = 0
        self.watch: Watcher | None = None
        self._numbers = numbers
        self._lasting: dict[str, Array] = {}
        self._open("train" if "train" in self.content["routines"] else "predict", 1)

    def __getitem__(self, name: str) -> Array:
        """Return a buffer as the view of its root that it is declared to be."""
        buffer = self._buffers[name]
        if buffer["view"] is None:
            return self._roots[name]
        base, kind, arguments = buffer["view"]
        return _looked_into(self[base], kind, arguments, self._shape(buffer))

    @property
    def names(self) -> list[str]:
        """Names of all buffers of the routine that runs."""
        return list(self._buffers)

    @property
    def outputs(self) -> dict[str, Array]:
        """Copies of the outputs by their public names, whole after `forward`."""
        inner = self._routine["outputs"]
        return {
            name: self[own].copy() for name, own in zip(self.content["outputs"], inner, strict=True)
        }

    def forward(self, routine: str, batch: int, data: Mapping[str, Array]) -> None:
        """Run the setup and forward lists of a routine on a batch of inputs and targets."""
        self._open(routine, batch)
        for name in data:
            if name in self._buffers:
                self[name][...] = data[name]
        self._run("setup")
        self._run("forward")
        self.passes += routine == "train"

    def backward(self) -> None:
        """Run the backward list."""
        self._run("backward")

    def update(self, lr: float) -> None:
        """Run the update list."""
        self[":lr"][...] = lr
        self._run("update")

    def _open(self, routine: str, batch: int) -> None:
        """Make the buffers of a routine for a batch size."""
        self._batch = batch
        self._routine: Plain = self.content["routines"][routine]
        self._buffers: dict[str, Plain] = {
            buffer["name"]: buffer for buffer in self._routine["buffers"]
        }
        self._roots: dict[str, Array] = {}
        for name, buffer in self._buffers.items():
            if buffer["view"] is not None:
                continue
            if buffer["role"] in LASTING:
                self._roots[name] = self._lasting.setdefault(name, self._make(buffer, 0.0))
            else:
                self._roots[name] = self._make(buffer, None)

    def _make(self, buffer: Plain, otherwise: float | None) -> Array:
        dtype, _ = buffer["type"]
        if dtype.startswith("float"):
            dtype = self._numbers or dtype
        array = np.empty(self._shape(buffer), dtype)
        fill = otherwise if buffer["fill"] is None else buffer["fill"]
        array[...] = _nothing(array) if fill is None else fill
        return array

    def _shape(self, buffer: Plain) -> tuple[int, ...]:
        return tuple(self._size(dim) for dim in buffer["type"][1])

    def _size(self, dim: int | str) -> int:
        return dim if isinstance(dim, int) else int(dim.removesuffix("N") or 1) * self._batch

    def _run(self, phase: str) -> None:
        """Run a list; what shares a block goes through its vectors together, part by part."""
        for items in self._groups(self._routine[phase]):
            block, length = items[0]["block"], max(map(self._length, items))
            if not block:
                self._execute(items[0], None)
                continue
            for start in range(0, length, block):
                for item in items:
                    self._execute(item, slice(start, min(start + block, length)))

    def _groups(self, listing: list[Plain]) -> Iterator[list[Plain]]:
        """Give neighbours with equal block size and equally long vectors together, all else alone."""
        group: list[Plain] = []
        for item in listing:
            block = item["block"]
            same = group and block and block == group[0]["block"]
            if same and self._length(item) in (block, self._length(group[0])):
                group.append(item)
                continue
            if group:
                yield group
            group = [item]
        if group:
            yield group

    def _length(self, item: Plain) -> int:
        return max(
            self[name].size for name in (*item["reads"], *item["writes"], *item["accumulates"])
        )

    def _seen(self, name: str, part: slice | None, block: int) -> Array:
        """Return a buffer, or its part in a block; a workspace as long as a block stands for any part."""
        array = self[name]
        if part is None or array.ndim == 0:
            return array
        return array[: part.stop - part.start] if array.size == block else array[part]

    def _execute(self, item: Plain, part: slice | None) -> None:
        reads = [self._seen(name, part, item["block"]) for name in item["reads"]]
        changed = [self._seen(name, part, item["block"]) for name in item["accumulates"]]
        options = {key: self._attribute(value) for key, value in item["attributes"].items()}
        if "stream" in options:
            options["stream"] = self._stream(item)
        made = FORMULAS[item["op"]](*reads, *changed, **options)
        results = made if isinstance(made, tuple) else (made,)
        if self.watch is not None:
            self.watch(item, [read.copy() for read in reads], results)
        writes = [self._seen(name, part, item["block"]) for name in item["writes"]]
        own = len(results) - len(changed)
        for scratch in writes[own:]:
            scratch[...] = _nothing(scratch)
        for target, result in zip((*writes[:own], *changed), results, strict=True):
            if target.shape != np.shape(result):
                raise AssertionError(f"{item['op']} gives {np.shape(result)}, not {target.shape}")
            target[...] = result

    def _attribute(self, value: Any) -> Any:
        if isinstance(value, dict):
            return value["batch"] * self._batch
        return tuple(self._attribute(item) for item in value) if isinstance(value, list) else value

    def _stream(self, item: Plain) -> Callable[[int], Array]:
        """Return what draws numbers: pass t begins at draw t times what the largest pass draws."""
        kind, shape = self._buffers[item["writes"][0]]["type"]
        batch, self._batch = self._batch, self.content["batch_size"]
        stride = DRAWS[item["op"]] * int(np.prod([self._size(dim) for dim in shape]))
        self._batch = batch
        seed, name = self.content["seed"], item["attributes"]["stream"]
        return lambda count: uniform(seed, name, self.passes * stride, count, kind)


def _nothing(array: Array) -> Any:
    """Return what stands for content that is not there."""
    return (
        np.nan
        if array.dtype.kind in "fc"
        else np.iinfo(array.dtype).min
        if array.dtype.kind == "i"
        else 1
    )


def _looked_into(base: Array, kind: str, arguments: list[int], shape: tuple[int, ...]) -> Array:
    """Return the view of `base` that a buffer is declared to be."""
    if kind == "permute":
        turned: Array = base.transpose(arguments)
        return turned
    if kind == "slice":
        axis, *span = arguments
        part: Array = base[(slice(None),) * axis + (slice(*span),)]
        return part
    if kind == "span":
        base = base[arguments[0] : arguments[0] + int(np.prod(shape))]
    found = base.reshape(shape)
    if not np.may_share_memory(found, base):
        raise AssertionError(f"a view {shape} of {base.shape} would be a copy")
    return found
