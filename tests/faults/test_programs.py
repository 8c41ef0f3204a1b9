"""Programs that were damaged or edited: refused before anything runs, whatever was done to them."""

from __future__ import annotations

import copy
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import Command

from graphnet.backend import NumpyExecutable, initialize
from graphnet.compiler import compile_spec
from graphnet.errors import ArtifactError, GraphNetError
from graphnet.program import Program, canonical, program_bytes, read_program
from graphnet.training import Run, RunDirectory

Content = dict[str, Any]
Path_ = tuple[Any, ...]

SMALL: Content = {
    "graphnet": 1,
    "name": "small",
    "inputs": {"x": {"shape": [2]}},
    "layers": {"sum": {"type": "Linear", "out_features": 1, "bias": False}},
    "training": {"batch_size": 2},
}
"""The smallest program there is: one product."""

WHOLE: Content = {
    "graphnet": 1,
    "name": "whole",
    "seed": 3,
    "inputs": {"x": {"shape": [2]}, "word": {"shape": [2], "dtype": "int64"}},
    "targets": {"kind": {"shape": [], "dtype": "int64", "classes": 3}},
    "layers": {
        "embed": {"type": "Embedding", "inputs": "word", "num_embeddings": 5, "embedding_dim": 2,
                  "padding_idx": 0},
        "flat": "Flatten",
        "both": {"type": "Cat", "inputs": ["flat", "x"]},
        "linear1": {"type": "Linear", "out_features": 3,
                    "parametrization": {"weight": "weight_norm"}},
        "norm1": "BatchNorm1d",
        "tanh1": "Tanh",
        "drop1": {"type": "Dropout", "p": 0.25},
        "linear2": {"type": "Linear", "out_features": 3,
                    "parametrization": {"weight": "spectral_norm"}},
    },
    "loss": "CrossEntropyLoss",
    "metrics": ["accuracy"],
    "optimizer": {"type": "Adam"},
    "scheduler": {"type": "StepLR", "step_size": 1},
    "data": {"train": {"path": "in.npz"}, "test": {"path": "in.npz"}},
    "training": {"epochs": 1, "batch_size": 4, "checkpoint": {"seconds": 1000}},
}  # fmt: skip
"""A program with something of everything, for data in `in.npz`."""

SAMPLES = 6


@pytest.fixture(scope="module")
def small() -> bytes:
    return program_bytes(compile_spec(SMALL))


@pytest.fixture(scope="module")
def whole() -> bytes:
    return program_bytes(compile_spec(WHOLE))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that holds the data."""
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    np.savez(
        tmp_path / "in.npz",
        x=generator.standard_normal((SAMPLES, 2)),
        word=generator.integers(0, 5, (SAMPLES, 2)),
        kind=generator.integers(0, 3, SAMPLES),
    )
    return tmp_path


DAMAGED = ("GN401", "GN402", "GN403")


def refused(data: bytes) -> str:
    """Return the code with which a program is refused, or an empty string where it is taken."""
    try:
        read_program(data, "it")
    except ArtifactError as error:
        refusal = error
    else:
        return ""
    assert refusal.code in (*DAMAGED, "GN404")
    assert refusal.message.startswith("it ")
    return refusal.code


@pytest.mark.slow
def test_every_flipped_bit_of_a_small_program(small: bytes) -> None:
    assert refused(small) == ""
    damaged = bytearray(small)
    for place in range(8 * len(small)):
        damaged[place // 8] ^= 1 << place % 8
        assert refused(bytes(damaged)) in DAMAGED, f"bit {place}"
        damaged[place // 8] ^= 1 << place % 8
    assert bytes(damaged) == small


def test_every_truncation_and_some_more_bytes(small: bytes) -> None:
    for length in range(len(small)):
        assert refused(small[:length]) in DAMAGED, f"first {length} bytes"
    for more in (b"\n", b" ", b"\0", b"{}", small, b"PK\x05\x06" + bytes(18)):
        assert refused(small + more)
        assert refused(more + small)


def test_flipped_bits_of_a_large_program(whole: bytes) -> None:
    chosen = random.Random(0)
    for place in chosen.sample(range(8 * len(whole)), 1000):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        assert refused(bytes(damaged)) in DAMAGED, f"bit {place}"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\0" * 1000, b"{}", b"[]", b"null", b"1", b'"x"', b"<!DOCTYPE html><html></html>",
        b"\x80\x04\x95", b"PK\x03\x04", b"\xff\xfe{\0}\0", b"\xef\xbb\xbf{}", b"[" * 100_000,
        b'{"a":' * 100_000, b"9" * 5000, b'{"content":{},"content":{}}',
        b'{"content":{},"format":"graphnet-program","sha256":"","version":1}\n',
        b'{"content":NaN,"format":"graphnet-program","sha256":"","version":1}\n',
        b'{"content":1e999,"format":"graphnet-program","sha256":"","version":1}\n',
        b'{"content":"\\ud800","format":"graphnet-program","sha256":"","version":1}\n',
    ],
    ids=lambda data: repr(data[:24]),
)  # fmt: skip
def test_what_is_no_program(data: bytes) -> None:
    assert refused(data) in ("GN401", "GN402")


@pytest.mark.parametrize("version", [0, 2, 99, -1, "1", None, 1.0, True, [1]])
def test_other_versions(small: bytes, version: Any) -> None:
    document = {**json.loads(small), "version": version}
    assert refused((canonical(document) + "\n").encode()) in ("GN401", "GN403")


def sealed(content: Content) -> bytes:
    """Return a program's file as graphnet would write it, with the right digest."""
    digest = hashlib.sha256(canonical(content).encode()).hexdigest()
    document = {
        "content": content, "format": "graphnet-program", "sha256": digest, "version": 1
    }  # fmt: skip
    return (canonical(document) + "\n").encode()


def content_of(data: bytes) -> Content:
    found: Content = json.loads(data)["content"]
    return found


def test_sealing_is_what_graphnet_does(whole: bytes) -> None:
    assert sealed(content_of(whole)) == whole


def use(program: Program) -> None:
    """Do all that a program is for: train it for an epoch, judge it, predict, look at it."""
    run = Run(program, Path(), RunDirectory.create(Path("runs"), "used"))
    run.execute()
    str(program)


def routine(content: Content, name: str = "train") -> Content:
    found: Content = content["routines"][name]
    return found


def instruction(content: Content, op: str, phase: str = "forward") -> Content:
    found: Content = next(item for item in routine(content)[phase] if item["op"] == op)
    return found


def buffer(content: Content, role: str) -> Content:
    """Return the first buffer of a role that looks into another one, or the first of all."""
    found = [item for item in routine(content)["buffers"] if item["role"] == role]
    viewing: Content = next((item for item in found if item["view"]), found[0])
    return viewing


def drawn(content: Content, kind: str) -> list[Any]:
    """Return the first distribution of a kind."""
    found: list[Any] = next(r["draw"] for r in content["parameters"] if r["draw"][0] == kind)
    return found


def everywhere(content: Content, change: Callable[[Content], object]) -> None:
    """Change something in all routines alike."""
    for name in content["routines"]:
        change(routine(content, name))


def overlap(content: Content) -> None:
    offsets = routine(content)["plan"]["offsets"]
    offsets.update(dict.fromkeys(offsets, 0))


EDITED: dict[str, Callable[[Content], object]] = {
    "an op that does not exist": lambda c: instruction(c, "tanh").update(op="system"),
    "an op by attribute access": lambda c: instruction(c, "tanh").update(op="__class__"),
    "an op with other operands": lambda c: instruction(c, "tanh").update(op="matmul"),
    "a buffer that does not exist": lambda c: instruction(c, "tanh").update(reads=["nowhere"]),
    "a buffer of no name": lambda c: instruction(c, "tanh").update(reads=[""]),
    "one operand too many": lambda c: instruction(c, "tanh")["reads"].append("x"),
    "one operand too few": lambda c: instruction(c, "tanh").update(reads=[]),
    "no result": lambda c: instruction(c, "tanh").update(writes=[]),
    "a result written twice": lambda c: instruction(c, "tanh")["writes"].append(
        instruction(c, "tanh")["writes"][0]
    ),
    "an input overwritten": lambda c: instruction(c, "tanh").update(writes=["x"]),
    "read before written": lambda c: routine(c)["forward"].reverse(),
    "never written": lambda c: routine(c)["forward"].pop(0),
    "no forward list": lambda c: routine(c)["forward"].clear(),
    "backward before forward": lambda c: routine(c).update(
        forward=routine(c)["backward"], backward=routine(c)["forward"]
    ),
    "an attribute missing": lambda c: instruction(c, "dropout_mask")["attributes"].pop("p"),
    "an attribute too many": lambda c: instruction(c, "tanh")["attributes"].update(x=1),
    "p of 1": lambda c: instruction(c, "dropout_mask")["attributes"].update(p=1.0),
    "an axis out of range": lambda c: instruction(c, "concat")["attributes"].update(axis=9),
    "a stream that is a number": lambda c: instruction(c, "dropout_mask")["attributes"].update(
        stream=1
    ),
    "blocks of an op that has none": lambda c: instruction(c, "matmul").update(block=4),
    "negative blocks": lambda c: routine(c)["update"][0].update(block=-1),
    "wrong shape": lambda c: buffer(c, "activation")["type"].__setitem__(1, ["N", 99]),
    "no batch": lambda c: buffer(c, "activation")["type"].__setitem__(1, [4, 3]),
    "two batches": lambda c: buffer(c, "activation")["type"].__setitem__(1, ["N", "N"]),
    "a negative size": lambda c: buffer(c, "activation")["type"].__setitem__(1, [-1]),
    "a huge size": lambda c: buffer(c, "activation")["type"].__setitem__(1, ["N", 2**80]),
    "a wrong element type": lambda c: buffer(c, "activation")["type"].__setitem__(0, "float64"),
    "an unknown element type": lambda c: buffer(c, "activation")["type"].__setitem__(0, "object"),
    "an unknown role": lambda c: buffer(c, "activation").update(role="root"),
    "two buffers of one name": lambda c: routine(c)["buffers"].append(routine(c)["buffers"][0]),
    "a view beyond its base": lambda c: buffer(c, "parameter")["view"].__setitem__(2, [10**6]),
    "a view before its base": lambda c: buffer(c, "parameter")["view"].__setitem__(2, [-1]),
    "a view into itself": lambda c: buffer(c, "parameter")["view"].__setitem__(
        0, buffer(c, "parameter")["name"]
    ),
    "a view of an unknown kind": lambda c: buffer(c, "parameter")["view"].__setitem__(1, "eval"),
    "a gradient that lies apart": lambda c: buffer(c, "gradient").update(view=None),
    "places that overlap": overlap,
    "a place beyond the arena": lambda c: routine(c)["plan"]["offsets"].update(
        dict.fromkeys(routine(c)["plan"]["offsets"], 2**40)
    ),
    "an arena of no size": lambda c: routine(c)["plan"].update(arena_bytes=0),
    "an arena of any size": lambda c: routine(c)["plan"].update(arena_bytes=2**70),
    "a place for nothing": lambda c: routine(c)["plan"]["offsets"].update(nothing=0),
    "a parameter elsewhere": lambda c: c["parameters"][0].update(offset=64),
    "a statistic with a place": lambda c: [
        row.update(offset=0) for row in c["parameters"] if not row["trained"]
    ],
    "a parameter twice": lambda c: c["parameters"].append(c["parameters"][0]),
    "a parameter nobody uses": lambda c: c["parameters"].append(
        {**c["parameters"][-1], "name": "more", "trained": False, "offset": -1}
    ),
    "no parameters": lambda c: c["parameters"].clear(),
    "a zero row out of range": lambda c: c["parameters"][0].update(zero_row=5),
    "a draw of an unknown kind": lambda c: c["parameters"][0].update(draw=["exec", 0.0, 1.0]),
    "norms of nothing": lambda c: drawn(c, "norm").__setitem__(5, "nothing"),
    "norms of itself": lambda c: drawn(c, "norm").__setitem__(
        5, "linear1.parametrizations.weight.original0"
    ),
    "norms of whole numbers": lambda c: drawn(c, "norm").__setitem__(
        5, "norm1.num_batches_tracked"
    ),
    "norms of another count": lambda c: drawn(c, "norm").__setitem__(1, 1.0),
    "norms along a fraction": lambda c: drawn(c, "norm").__setitem__(1, 0.5),
    "norms along nothing": lambda c: drawn(c, "norm").__setitem__(1, 2.0),
    "singular vectors of nothing": lambda c: drawn(c, "singular").__setitem__(5, ""),
    "singular vectors of a vector": lambda c: drawn(c, "singular").__setitem__(5, "norm1.weight"),
    "singular vectors without the other": lambda c: drawn(c, "singular").__setitem__(6, ""),
    "singular vectors of another size": lambda c: drawn(c, "singular").__setitem__(
        6, "linear2.parametrizations.weight.original"
    ),
    "singular vectors along nothing": lambda c: drawn(c, "singular").__setitem__(1, 2.0),
    "steps without end": lambda c: drawn(c, "singular").__setitem__(2, 1e300),
    "an output more": lambda c: c["outputs"].append("x"),
    "outputs of other names": lambda c: c.update(outputs=["other"]),
    "a judgement of nothing": lambda c: c["judgement"].update(output="nothing"),
    "a judgement by nothing": lambda c: c["judgement"].update(target="nothing"),
    "classes on an axis out of range": lambda c: c["judgement"].update(axis=7),
    "an input of another shape": lambda c: c["inputs"][0].update(type=["float32", ["N", 3]]),
    "an input without batch": lambda c: [
        c["inputs"][0].update(type=["float32", [2]]),
        everywhere(c, lambda r: r["buffers"][0].update(type=["float32", [2]])),
    ],
    "indices beyond the table": lambda c: c["inputs"][1].update(limit=6),
    "indices without limit": lambda c: c["inputs"][1].update(limit=None),
    "classes beyond the outputs": lambda c: c["targets"][0].update(limit=4),
    "a limit of numbers with fractions": lambda c: c["inputs"][0].update(limit=3),
    "a limit beyond all numbers": lambda c: c["inputs"][1].update(limit=2**63),
    "a padding row out of range": lambda c: instruction(c, "scatter_rows", "backward")[
        "attributes"
    ].update(padding_index=5),
    "positions in nothing": lambda c: instruction(c, "base_positions", "setup")["attributes"][
        "shape"
    ].__setitem__(1, 2**40),
    "a beta of 1": lambda c: instruction(c, "bias_correction", "update")["attributes"].update(
        beta=1.0
    ),
    "a limit below zero": lambda c: c["inputs"][1].update(limit=-1),
    "a negative seed": lambda c: c.update(seed=-1),
    "no batch at all": lambda c: c.update(batch_size=0),
    "another batch": lambda c: c.update(batch_size=400),
    "a routine of another name": lambda c: c["routines"].update(run=c["routines"]["train"]),
    "no routine to predict with": lambda c: c["routines"].pop("predict"),
    "nothing to evaluate with": lambda c: c["routines"].pop("evaluate"),
    "no loss": lambda c: everywhere(
        c,
        lambda r: [item.update(name=":lost") for item in r["buffers"] if item["name"] == ":loss"],
    ),
    "a number of 1000 digits": lambda c: buffer(c, "constant").update(fill=10**999),
    "a spec of nothing": lambda c: c.update(spec={}),
    "no epochs": lambda c: c["spec"]["training"].update(epochs=0),
    "epochs in words": lambda c: c["spec"]["training"].update(epochs="many"),
    "no training": lambda c: c["spec"].pop("training"),
    "more about training": lambda c: c["spec"]["training"].update(more=1),
    "an unknown metric": lambda c: c["spec"].update(metrics=["fame"]),
    "metrics that are a number": lambda c: c["spec"].update(metrics=3),
    "a metric without type": lambda c: c["spec"].update(metrics=[{}]),
    "an unknown scheduler": lambda c: c["spec"].update(scheduler={"type": "Never"}),
    "a scheduler without type": lambda c: c["spec"].update(scheduler={"step_size": 1}),
    "a rate in words": lambda c: c["spec"]["optimizer"].update(lr="fast"),
    "an optimizer that is a list": lambda c: c["spec"].update(optimizer=[1]),
    "data that is a text": lambda c: c["spec"].update(data="in.npz"),
    "data of unknown parts": lambda c: c["spec"]["data"].update(more={"path": "x"}),
    "a path that is a number": lambda c: c["spec"]["data"]["train"].update(path=3),
}  # fmt: skip


@pytest.mark.parametrize("case", EDITED)
def test_edited_programs_are_refused(whole: bytes, case: str) -> None:
    content = content_of(whole)
    EDITED[case](content)
    assert refused(sealed(content)) == "GN404"


def paths(node: Any, here: Path_ = ()) -> Iterator[Path_]:
    """Give the way to every value."""
    if here:
        yield here
    if isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from paths(value, (*here, key))


OTHERS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 2**31, 2**63, 2**70, 10**300, 10**400, 0.5, -1.5, 1e308, "",
    "x", "N", "2N", "0N", "99999999999N", [], {}, [[]], [None], ["x"], {"batch": 2}, {"a": 1},
)  # fmt: skip
KEY = object()


def mutated(content: Content, way: Path_, value: Any) -> Content:
    """Return a copy with one value in place of another, or with one missing or doubled."""
    result = copy.deepcopy(content)
    holder: Any = result
    for key in way[:-1]:
        holder = holder[key]
    key = way[-1]
    if value is not KEY:
        holder[key] = value
    elif isinstance(holder, list):
        holder.insert(key, holder[key])
    else:
        holder[f"{key}x"] = holder.pop(key)
    return result


def is_used(way: Path_) -> bool:
    """Whether training reads it: the spec's layers are kept for people only."""
    return way[0] != "spec" or (len(way) > 1 and way[1] in ("training", "data", "metrics",
                                                            "scheduler", "optimizer"))  # fmt: skip


MUTATIONS = 700


@pytest.mark.slow
def test_structured_mutations(whole: bytes, place: Path) -> None:
    """One value changed anywhere, the digest right: refused, or still a program that runs."""
    content = content_of(whole)
    ways = [way for way in paths(content) if is_used(way)]
    chosen = random.Random(5)
    taken = 0
    for _ in range(MUTATIONS):
        way, value = chosen.choice(ways), chosen.choice((*OTHERS, KEY))
        data = sealed(mutated(content, way, value))
        if data == whole or refused(data):
            continue
        taken += 1
        try:
            use(read_program(data, "it"))
        except GraphNetError as error:
            crash: BaseException | None = error if error.exit_code == 70 else None
        except BaseException as error:
            crash = error
        else:
            crash = None
        assert crash is None, f"{way} = {value!r} was taken, and then: {crash!r}"
    assert taken < MUTATIONS / 4


def test_nothing_runs_before_all_is_verified(
    whole: bytes, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last instruction of the last routine is wrong: no kernel is bound, nothing allocated."""

    def never(*arguments: Any) -> None:
        pytest.fail("something was allocated for a program that is wrong")

    content = content_of(whole)
    routine(content, "predict")["forward"][-1]["op"] = "sigmoid"
    Path("edited.json").write_bytes(sealed(content))
    monkeypatch.setattr("graphnet.backend.arena.allocate", never)
    cli = Command(capsys)
    for words in ("train edited.json", "inspect edited.json", "draw edited.json"):
        result = cli(*words.split())
        assert result.code == 1
        assert "error[GN404]: edited.json is not a program that can run: " in result.err
        assert "help: compile the spec again" in result.err
    assert not (place / "runs").exists()


def test_program_of_a_run_is_verified_too(whole: bytes, place: Path) -> None:
    from graphnet.training import open_saved

    program = read_program(whole, "it")
    summary = Run(program, Path(), RunDirectory.create(Path("runs"), "used")).execute()
    path = summary.directory / "program.json"
    for damage in (path.read_bytes()[:-9], b"{}", sealed({}), b""):
        path.write_bytes(damage)
        with pytest.raises(ArtifactError) as caught:
            open_saved(summary.directory)
        assert caught.value.code in ("GN401", "GN402", "GN404")


def test_unchanged_program_runs(whole: bytes, place: Path) -> None:
    """The mutations above mean something only if this does."""
    program = read_program(whole, "it")
    use(program)
    assert (place / "runs/used/0001/summary.json").is_file()
    executable = NumpyExecutable(program)
    initialize(executable, "named")
    assert executable.memory.nbytes == program.memory_bytes
