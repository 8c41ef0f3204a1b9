"""Predicting: outputs of a saved network, and what they mean, for files of any length, piece by piece."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from graphnet.backend import Array
from graphnet.data import Samples
from graphnet.errors import UsageError
from graphnet.metrics import METRICS, Decision
from graphnet.metrics.reading import probabilities
from graphnet.program import write_atomically
from graphnet.program.atomic import resource_error
from graphnet.training.evaluation import predict
from graphnet.training.judging import judged_by
from graphnet.training.saved import SavedRun

PIECE_BYTES = 16 << 20
"""About how many bytes of inputs are worked on at once."""
SUFFIXES = (".csv", ".npz", ".npy")

Columns = dict[str, Array]


@dataclass(frozen=True)
class Meaning:
    """What an output means: the probability and the class of each decision.

    Attributes:
        output: Name of the output.
        decision: How classes are read off it.
        classes: Names of the classes, or nothing.
        prefix: What stands before `probability` and `class`; empty for the first output judged.
    """

    output: str
    decision: Decision
    classes: tuple[str, ...]
    prefix: str

    def of(self, values: Array) -> Columns:
        """Return probabilities and classes of the samples.

        Args:
            values: What the network gave, (samples, ...).
        """
        decision = self.decision
        axis = decision.axis
        with np.errstate(all="ignore"):  # a network that has overflowed still gets its file
            if decision.yes_no:
                shares = probabilities(decision, values)
                said = (values > decision.cut).astype(np.int64)
            else:
                moved = np.moveaxis(values, axis, -1)
                shares = np.moveaxis(probabilities(decision, moved), -1, axis)
                said = values.argmax(axis=axis)
        return {f"{self.prefix}probability": shares, f"{self.prefix}class": said}

    def named(self, said: Array) -> list[Any]:
        """Return classes by their names, or their numbers where they have none."""
        numbers: list[Any] = said.tolist()
        whole = not self.decision.yes_no or len(self.classes) == 2
        if not self.classes or not whole:
            return numbers
        return [self.classes[number] for number in numbers]


def meanings(saved: SavedRun) -> list[Meaning]:
    """Return what the outputs of a network mean, as far as its losses imply classes."""
    judgement = saved.program.judgement
    if judgement is None or judgement.target is None:
        return []
    found: list[Meaning] = []
    first = judgement.output
    for output in (first, *(name for name in saved.program.outputs if name != first)):
        judged = judged_by(saved.program, METRICS["mse"](output=output), saved.thresholds)
        if judged.decision.kind != "none":
            prefix = "" if output == first else f"{output}."
            found.append(Meaning(output, judged.decision, saved.classes(judged.target), prefix))
    return found


class Predictions:
    """The outputs of a network for a set of samples, computed piece by piece whenever they are asked for."""

    def __init__(self, saved: SavedRun, samples: Samples) -> None:
        """Store what is to be computed.

        Args:
            saved: The network.
            samples: Its inputs, in memory or mapped.
        """
        self.saved, self.samples = saved, samples
        self.meanings = meanings(saved)
        self.count = samples.count
        row = sum(values[0:1].nbytes for values in samples.inputs.values())
        batch = saved.program.batch_size
        self._size = max(PIECE_BYTES // max(row, 1) // batch, 1) * batch

    def pieces(self) -> Iterator[Columns]:
        """Give outputs, probabilities and classes of some samples after the other, in order."""
        for start in range(0, self.count, self._size):
            rows = slice(start, min(start + self._size, self.count))
            inputs = {name: values[rows] for name, values in self.samples.inputs.items()}
            outputs = predict(self.saved.executable, inputs)
            for meaning in self.meanings:
                outputs |= meaning.of(outputs[meaning.output])
            yield outputs

    def whole(self) -> Columns:
        """Return everything at once."""
        pieces = list(self.pieces())
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}

    def named(self) -> Columns:
        """Return everything at once, classes by their names where they have any."""
        found = self.whole()
        for meaning in self.meanings:
            key = f"{meaning.prefix}class"
            found[key] = np.array(meaning.named(found[key].reshape(-1))).reshape(found[key].shape)
        return found

    def csv(self) -> Iterator[str]:
        """Give a csv text: a header, and a line for each sample with a cell for each number."""
        head = True
        for piece in self.pieces():
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            cells = self._cells(piece)
            if head:
                writer.writerow(cells)
            head = False
            writer.writerows(zip(*cells.values(), strict=True))
            yield text.getvalue()

    def _cells(self, piece: Columns) -> dict[str, list[Any]]:
        by_class = {f"{meaning.prefix}class": meaning for meaning in self.meanings}
        by_share = {f"{meaning.prefix}probability": meaning for meaning in self.meanings}
        cells: dict[str, list[Any]] = {}
        for name, array in piece.items():
            flat = array.reshape(len(array), -1)
            width = flat.shape[1]
            shares = by_share.get(name)
            classes = shares.classes if shares and not shares.decision.yes_no else ()
            for index in range(width):
                place = classes[index] if len(classes) == width else index
                column = flat[:, index]
                key = name if width == 1 else f"{name}.{place}"
                cells[key] = by_class[name].named(column) if name in by_class else _shortest(column)
        return cells

    def write(self, target: Path) -> list[str]:
        """Write a file by its suffix: everything as csv or npz, the only output as npy.

        Returns:
            What was written, by name.

        Raises:
            UsageError: Another suffix, or several outputs for npy (GN721).
            ResourceError: When the file cannot be written.
        """
        if target.suffix not in SUFFIXES:
            raise UsageError(
                "GN721",
                f"outputs cannot be written as {target.suffix or 'a file without suffix'!r}",
                help="end the file's name in .csv, .npz or .npy",
            )
        if target.suffix == ".npz":
            self._write_npz(target)
        else:
            text = (lines.encode("utf-8") for lines in self.csv())
            write_atomically(target, text if target.suffix == ".csv" else self._npy())
        meant = [f"{m.prefix}{what}" for m in self.meanings for what in ("probability", "class")]
        return [*self.saved.program.outputs, *(meant if target.suffix != ".npy" else [])]

    def _write_npz(self, target: Path) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix=".predict-", dir=target.parent) as folder:
                write_atomically(target, self._npz(Path(folder)))
        except OSError as error:
            raise resource_error(error, "write", target) from error

    def _npy(self) -> Iterator[bytes]:
        outputs = self.saved.program.outputs
        if len(outputs) != 1:
            raise UsageError(
                "GN721",
                f"npy holds one array, the network has {len(outputs)} outputs",
                help="end the file's name in .npz or .csv",
            )
        for index, piece in enumerate(self.pieces()):
            values = piece[outputs[0]]
            if not index:
                yield _npy_head(values, self.count)
            yield np.ascontiguousarray(values).tobytes()

    def _npz(self, folder: Path) -> Iterator[bytes]:
        """Gather each array in a file of its own, then pack those: none is held whole."""
        files: dict[str, IO[bytes]] = {}
        heads: dict[str, bytes] = {}
        try:
            for piece in self.pieces():
                for index, (name, values) in enumerate(piece.items()):
                    if name not in files:
                        files[name] = (folder / str(index)).open("w+b")
                        heads[name] = _npy_head(values, self.count)
                    files[name].write(np.ascontiguousarray(values).data)
            for meaning in self.meanings:
                if meaning.classes:
                    name = f"{meaning.prefix}class_names"
                    files[name] = (folder / name).open("w+b")
                    buffer = io.BytesIO()
                    np.save(buffer, np.array(meaning.classes))
                    heads[name] = buffer.getvalue()
            yield from _packed(files, heads)
        finally:
            for file in files.values():
                file.close()


def _npy_head(values: Array, count: int) -> bytes:
    """Return the header of an array of as many samples as there are in all."""
    buffer = io.BytesIO()
    head = {
        "descr": np.lib.format.dtype_to_descr(values.dtype),
        "fortran_order": False,
        "shape": (count, *values.shape[1:]),
    }
    np.lib.format.write_array_header_1_0(buffer, head)
    return buffer.getvalue()


class _Outlet(io.RawIOBase):
    """A stream that keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        return len(self._written[-1])

    def taken(self) -> bytes:
        data = b"".join(self._written)
        self._written.clear()
        return data


def _packed(files: Mapping[str, IO[bytes]], heads: Mapping[str, bytes]) -> Iterator[bytes]:
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:
        for name, file in files.items():
            file.seek(0)
            # The date is fixed, so that the same predictions are the same bytes.
            info = zipfile.ZipInfo(f"{name}.npy")
            with archive.open(info, "w", force_zip64=True) as member:
                member.write(heads[name])
                while piece := file.read(1 << 20):
                    member.write(piece)
                    yield outlet.taken()
    yield outlet.taken()


def _shortest(column: Array) -> list[Any]:
    """Return numbers for a text: of float32 the fewest digits that read back to the same float32."""
    return list(map(str, column)) if column.dtype == np.float32 else column.tolist()
