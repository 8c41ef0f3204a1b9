"""Find out what a command was given: a spec, a compiled program, or a run."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.cli.threads import choose_threads
from graphnet.errors import DataError, GraphNetError, Position, UsageError

if TYPE_CHECKING:
    from graphnet.graph import Network
    from graphnet.program import Program

COMPILED = Path("compiled")
MAX_PROGRAM_BYTES = 1 << 30
DEFAULT_MEMORY = 8 * 2**30


@dataclass(frozen=True)
class Source:
    """A program to work with.

    Attributes:
        program: Compiled now, or read from its file.
        folder: What its data paths are relative to.
        compiled: Whether it was read from a file.
        spec: The spec it was compiled from now, or None.
        overrides: What took the place of that spec's values.
    """

    program: Program
    folder: Path
    compiled: bool
    spec: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)


def is_program(path: str) -> bool:
    """Whether a path names a compiled program rather than a spec."""
    return path.endswith(".json")


def refuse_program(path: str) -> None:
    """Refuse a compiled program where only a spec will do.

    Raises:
        UsageError: When it is one (GN707).
    """
    if is_program(path):
        raise UsageError(
            "GN707",
            f"{path!r} is a compiled program, not a spec",
            help=f"it can be used as it is: graphnet train {shlex.quote(path)}",
        )


def file_sha256(path: Path) -> str:
    """Return the digest of a file, or an empty string where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def stale(path: str) -> str:
    """Return a warning where a compiled program's spec has changed since, or an empty string.

    Spaces and comments are no change: where the bytes differ, what they mean is compared.
    """
    from graphnet.compiler import spec_digest
    from graphnet.program import read_origin, relative
    from graphnet.spec import load_spec

    origin = read_origin(Path(path))
    if origin.spec is None or file_sha256(origin.spec) in ("", origin.sha256):
        return ""
    with suppress(GraphNetError):
        if spec_digest(load_spec(origin.spec)) == open_program(Path(path)).spec_sha256:
            return ""
    spec, into = relative(origin.spec, Path()), Path(path).parent
    again = ["graphnet", "compile", str(spec), *([] if into == COMPILED else ["-o", str(into)])]
    return f"{path} is older than {spec}, which has changed; compile it again: {shlex.join(again)}"


def open_program(path: Path) -> Program:
    """Read a compiled program, and ask for the threads it wants while NumPy is not loaded yet.

    Raises:
        ArtifactError: When it is damaged or no program.
        ResourceError: When it cannot be read.
    """
    from graphnet.program import read_bounded, read_program

    program = read_program(read_bounded(path, MAX_PROGRAM_BYTES), str(path))
    choose_threads(program)
    return program


def open_source(
    path: str,
    overrides: Mapping[str, str],
    *,
    max_memory: int | None = None,
    data_root: Path | None = None,
) -> Source:
    """Compile a spec, or read a compiled program.

    Raises:
        UsageError: When overrides are given for a program (GN701).
        GraphNetError: Whatever is wrong with the file.
    """
    from graphnet.program import read_origin

    if is_program(path):
        if overrides:
            raise UsageError(
                "GN701",
                f"--set changes specs, {path!r} is compiled already",
                help="name the spec in its place",
            )
        program = open_program(Path(path))
        return Source(program, data_root or read_origin(Path(path)).folder, compiled=True)
    from graphnet.compiler import compile_spec
    from graphnet.spec import load_spec, spec_folder

    spec = load_spec(path, overrides)
    folder = data_root or spec_folder(path)
    program = compile_spec(spec, max_memory=max_memory, folder=folder)
    choose_threads(program)
    return Source(program, folder, compiled=False, spec=path, overrides=overrides)


def place_of_layer(layer: str, spec: str, overrides: Mapping[str, str]) -> Position | None:
    """Return where a spec declares a layer, or a loss that is called `loss:NAME`; None where it does not."""
    from graphnet.spec import load_spec

    with suppress(GraphNetError):
        read = load_spec(spec, overrides)
        places = {one.name: one.where for one in read.layers}
        places |= {f"loss:{one.name}": one.where for one in read.losses}
        return places.get(layer)
    return None


def place_of_column(error: DataError, opened: Source) -> Position | None:
    """Return where a spec names the column that its data lack; where the data are, if it does not."""
    from graphnet.data.data_file import as_opened
    from graphnet.spec import load_spec

    if not error.missing or opened.spec in (None, "-"):
        return error.where
    read = load_spec(str(opened.spec), opened.overrides)
    for part, keys in _columns_of(read.plain.get("data") or {}):
        source = read.plain["data"][part]
        file = source.get("path")
        if isinstance(file, str) and as_opened(opened.folder / file) != error.file:
            continue
        for key, name in keys:
            if name == error.missing:
                return read.positions.get(f"data.{part}.{key}", error.where)
    return error.where


def _columns_of(data: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give each part of a data section with the columns it names, by where it names them."""
    for part, source in data.items():
        if not isinstance(source, Mapping):
            continue
        named: list[tuple[str, str]] = []
        for section in ("inputs", "targets"):
            for name, columns in (source.get(section) or {}).items():
                place = f"{section}.{name}"
                several = [] if isinstance(columns, str) else enumerate(columns)
                named += [(f"{place}.{index}", column) for index, column in several]
                named += [(place, columns)] if isinstance(columns, str) else []
        yield part, [*named, ("weights", str(source.get("weights")))]


def open_network(path: str, overrides: Mapping[str, str]) -> Network:
    """Build the layer graph of a spec, or of the spec inside a compiled program.

    Raises:
        GraphNetError: Whatever is wrong with the file.
    """
    from graphnet.graph import build_network
    from graphnet.spec import load_spec

    if is_program(path):
        return build_network(load_spec(dict(open_program(Path(path)).spec)))
    return build_network(load_spec(path, overrides))


def program_of_run(path: str) -> Path | None:
    """Return the compiled program of a run, given its directory or one of its checkpoints."""
    place = Path(path)
    if place.suffix == ".safetensors":
        place = place.parent.parent
    found = place / "program.json"
    return found if found.is_file() else None


def last_compiled() -> str:
    """Return the program compiled last into compiled/.

    Raises:
        UsageError: When there is none (GN702).
    """
    found = [path for path in COMPILED.glob("*.json") if path.is_file()]
    if not found:
        raise UsageError(
            "GN702",
            "nothing is compiled yet, so there is nothing to train",
            help="name a spec, or compile one first: graphnet compile SPEC",
        )
    return str(max(found, key=lambda path: (path.stat().st_mtime_ns, path.name)))
