"""Write a Program as canonical JSON with a digest, and read it back with everything verified."""

from __future__ import annotations

import hashlib
from typing import Any

from graphnet.errors import ArtifactError
from graphnet.ir import verify
from graphnet.ops import OPS
from graphnet.program.check_plan import check_parameters, check_plan
from graphnet.program.check_recipe import check_recipe
from graphnet.program.check_tables import check_tables
from graphnet.program.program import Program
from graphnet.program.read_plain import from_plain
from graphnet.program.strict_json import JsonError, canonical, parse
from graphnet.program.write_plain import to_plain

FORMAT = "graphnet-program"
VERSION = 1
MAX_BYTES = 1 << 30
MAX_DEPTH = 64


def program_bytes(program: Program) -> bytes:
    """Return the file's content: the same bytes for the same Program, anywhere."""
    content = to_plain(program)
    digest = hashlib.sha256(canonical(content).encode("ascii")).hexdigest()
    document = {"content": content, "format": FORMAT, "sha256": digest, "version": VERSION}
    return (canonical(document) + "\n").encode("ascii")


def read_program(data: bytes, name: str) -> Program:
    """Read a Program and verify all of it before anything could run.

    Args:
        data: The file's bytes.
        name: What to call the file in messages.

    Raises:
        ArtifactError: When it is no Program, is damaged or edited, was written by another version, or
            breaks any rule of instruction lists and memory plans.
    """
    document = _document(data, name)
    if type(document["version"]) is not int or document["version"] != VERSION:
        raise ArtifactError(
            "GN403",
            f"{name} has program format {document['version']}, this graphnet reads {VERSION}",
            help="compile the spec again",
        )
    content = document["content"]
    if hashlib.sha256(canonical(content).encode("ascii")).hexdigest() != document["sha256"]:
        raise ArtifactError(
            "GN402",
            f"{name} was changed after it was compiled: its digest does not match",
            help="compile the spec again",
        )
    try:
        program = from_plain(content)
        check_parameters(program)
        for routine in program.routines.values():
            verify(routine.listing, OPS)
            check_plan(routine, program.batch_size)
        check_tables(program)
        check_recipe(program)
    # Whatever a program trips the checks with, it is the program that is wrong.
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ArtifactError(
            "GN404", f"{name} is not a program that can run: {error}", help="compile the spec again"
        ) from error
    return program


def _document(data: bytes, name: str) -> dict[str, Any]:
    try:
        document = parse(data.decode("ascii"), MAX_DEPTH)
    except (UnicodeDecodeError, JsonError) as error:
        raise _not_a_program(name) from error
    keys = {"content", "format", "sha256", "version"}
    if not isinstance(document, dict) or set(document) != keys or document["format"] != FORMAT:
        raise _not_a_program(name)
    # Only one text stands for a document; anything else was edited or damaged.
    if (canonical(document) + "\n").encode("ascii") != data:
        raise ArtifactError(
            "GN402", f"{name} was changed after it was compiled", help="compile the spec again"
        )
    return document


def _not_a_program(name: str) -> ArtifactError:
    return ArtifactError(
        "GN401",
        f"{name} is not a compiled program",
        help="make one with: graphnet compile SPEC",
    )
