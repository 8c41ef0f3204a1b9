"""Programs as files: the same bytes anywhere, and nothing but whole ones is read."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from examples import NETWORKS, compiled

from graphnet.errors import ArtifactError
from graphnet.ir import Draw
from graphnet.program import Program, canonical, program_bytes, read_program

Plain = dict[str, Any]


@pytest.fixture(scope="module")
def program() -> Program:
    return compiled(NETWORKS["tanh"])


def rewritten(program: Program, change: Callable[[Plain], object]) -> bytes:
    """Return a file whose content was changed and whose digest was made again."""
    document = json.loads(program_bytes(program))
    change(document["content"])
    return sealed(document)


def sealed(document: Plain) -> bytes:
    content = canonical(document["content"]).encode("ascii")
    document["sha256"] = hashlib.sha256(content).hexdigest()
    return (canonical(document) + "\n").encode("ascii")


@pytest.mark.parametrize("name", list(NETWORKS))
@pytest.mark.parametrize(
    "options", [{}, {"input_gradients": True}, {"batch_size": 1}, {"passes": ()}]
)
def test_writing_and_reading_is_the_identity(name: str, options: Plain) -> None:
    written = compiled(NETWORKS[name], **options)
    data = program_bytes(written)
    read = read_program(data, "it")
    assert read == written
    assert program_bytes(read) == data


@pytest.mark.parametrize("name", list(NETWORKS))
def test_the_file_is_canonical(name: str) -> None:
    data = program_bytes(compiled(NETWORKS[name]))
    text = data.decode("ascii")
    document = json.loads(text)
    assert text == json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n"
    assert list(document) == ["content", "format", "sha256", "version"]
    assert document["sha256"] == hashlib.sha256(canonical(document["content"]).encode()).hexdigest()


def test_the_same_spec_gives_the_same_bytes_whatever_the_order_of_its_keys() -> None:
    plain = NETWORKS["two_losses"]
    expected = program_bytes(compiled(plain))
    keys = list(plain)
    for seed in range(3):
        random.Random(seed).shuffle(keys)
        assert program_bytes(compiled({key: plain[key] for key in keys})) == expected


def test_the_order_of_inputs_and_layers_survives_sorted_keys() -> None:
    plain = NETWORKS["words"]
    read = read_program(program_bytes(compiled(plain)), "it")
    assert list(read.spec["inputs"]) == ["word", "x"]
    assert [port.name for port in read.inputs] == ["word", "x"]


def test_another_spec_has_another_digest(program: Program) -> None:
    other = compiled(NETWORKS["tanh"], overrides={"optimizer.lr": 0.5})
    assert other.spec_sha256 != program.spec_sha256
    assert compiled(NETWORKS["tanh"]).spec_sha256 == program.spec_sha256


def refused(data: bytes) -> ArtifactError:
    with pytest.raises(ArtifactError) as caught:
        read_program(data, "compiled/it.json")
    assert "compiled/it.json" in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"null\n",
        b"[]\n",
        b"{}\n",
        b'{"content":{},"format":"other","sha256":"","version":1}\n',
        b"graphnet: 1\n",
        b"[" * 100 + b"]" * 100,
        b'{"a":1,"a":2}\n',
        b"NaN\n",
    ],
)
def test_what_is_no_program(data: bytes) -> None:
    assert refused(data).code == "GN401"


def test_a_program_with_anything_changed(program: Program) -> None:
    data = program_bytes(program)
    assert refused(data.replace(b'"seed":0', b'"seed":1')).code == "GN402"
    assert refused(data.replace(b",", b", ", 1)).code == "GN402"
    assert refused(data + b"\n").code == "GN402"
    assert refused(data[:-1]).code == "GN402"


def test_another_version(program: Program) -> None:
    document = json.loads(program_bytes(program))
    error = refused((canonical({**document, "version": 2}) + "\n").encode())
    assert error.code == "GN403"
    assert "has program format 2, this graphnet reads 1" in error.message
    assert error.help == "compile the spec again"


def routine(content: Plain) -> Plain:
    found: Plain = content["routines"]["train"]
    return found


def buffer_named(content: Plain, name: str) -> Plain:
    found: Plain = next(b for b in routine(content)["buffers"] if b["name"] == name)
    return found


def swap_first_two(content: Plain) -> None:
    forward = routine(content)["forward"]
    forward[0], forward[-1] = forward[-1], forward[0]


BROKEN: dict[str, tuple[Callable[[Plain], object], str]] = {
    "a key too many": (lambda c: c.update(more=1), "the program is not as expected"),
    "a key too few": (lambda c: c.pop("seed"), "the program is not as expected"),
    "a routine too few": (lambda c: c["routines"].pop("predict"), "the routines are not"),
    "an unknown routine": (lambda c: c["routines"].update(run={}), "the routines are not"),
    "no samples": (lambda c: c.update(batch_size=0), "batch size is out of range"),
    "an unknown element type": (lambda c: c.update(dtype="float16"), "'dtype' of the program"),
    "true for a number": (lambda c: c.update(seed=True), "'seed' of the program"),
    "an unknown op": (lambda c: routine(c)["forward"][0].update(op="system"), "unknown op 'system'"),
    "an order that reads too early": (swap_first_two, "is read but its content is not there"),
    "two buffers of one name": (
        lambda c: routine(c)["buffers"].append(routine(c)["buffers"][0]),
        "two buffers have one name",
    ),
    "an unknown role": (lambda c: routine(c)["buffers"][0].update(role="stack"), "is 'stack'"),
    "a parameter elsewhere": (
        lambda c: buffer_named(c, "linear1.bias")["view"].__setitem__(2, [0]),
        "'linear1.bias' is not what the tables say",
    ),
    "a gradient elsewhere": (
        lambda c: buffer_named(c, "d:linear1.bias")["view"].__setitem__(2, [0]),
        "'d:linear1.bias' is not what the tables say",
    ),
    "a row of the table elsewhere": (
        lambda c: c["parameters"][1].update(offset=0),
        "parameter 'linear1.bias' lies in the wrong place",
    ),
    "an output too many": (
        lambda c: c["outputs"].append("more"),
        "the outputs and their names differ in number",
    ),
    "an input of another shape": (
        lambda c: c["inputs"][0].update(type=["float32", ["N", 4]]),
        "'x' is not what the tables say",
    ),
    "routines that mean different things by one name": (
        lambda c: c["routines"]["predict"]["buffers"][0].update(fill=1.0),
        "routines mean different things by",
    ),
    "a place below zero": (
        lambda c: routine(c)["plan"]["offsets"].update({"linear1/matmul": -64}),
        "'linear1/matmul' lies outside the arena",
    ),
    "an arena too small": (lambda c: routine(c)["plan"].update(arena_bytes=64), "outside the arena"),
    "a place that is not aligned": (
        lambda c: routine(c)["plan"]["offsets"].update({"linear1/matmul": 4}),
        "'linear1/matmul' lies outside the arena",
    ),
    "a wrong lower bound": (lambda c: routine(c)["plan"].update(lower_bound=1), "lower bound is wrong"),
    "a buffer without a place": (
        lambda c: routine(c)["plan"]["offsets"].pop("linear1/matmul"),
        "the memory plan and the buffers differ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BROKEN))
def test_a_right_digest_does_not_make_a_right_program(program: Program, case: str) -> None:
    change, words = BROKEN[case]
    error = refused(rewritten(program, change))
    assert error.code == "GN404"
    assert words in error.message


def test_numbers_read_back_to_the_last_bit(program: Program) -> None:
    awkward = (0.1, 1e-300, 2.0**-1074, 1.7976931348623157e308, -0.0, 1 / 3)
    rows = tuple(
        replace(row, draw=Draw("normal", number, 2.0))
        for row, number in zip(program.parameters * 2, awkward, strict=False)
    )[: len(program.parameters)]
    changed = replace(program, parameters=rows)
    read = read_program(program_bytes(changed), "it")
    assert [repr(row.draw.a) for row in read.parameters] == [repr(row.draw.a) for row in rows]


def test_numbers_that_are_not_finite_cannot_be_written(program: Program) -> None:
    row = replace(program.parameters[0], draw=Draw("uniform", float("nan"), 1.0))
    with pytest.raises(ValueError, match="finite"):
        program_bytes(replace(program, parameters=(row, *program.parameters[1:])))
