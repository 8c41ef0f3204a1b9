"""`draw`, `inspect`, `check`, `list`, `explain`, `schema`: commands that only look."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from commands import ROOT, TINY, Command, files_of

from graphnet.lowering import backward
from graphnet.ops import OPS

KINDS = (
    *("layers", "ops", "losses", "regularizers", "optimizers", "constraints", "schedulers"),
    *("initializers", "metrics", "data"),
)


@pytest.mark.parametrize("source", ["tiny.yaml", "compiled/tiny.json"])
def test_inspect(cli: Command, source: str) -> None:
    cli.good("compile", "tiny.yaml")
    document = cli.good("inspect", source, "--ops", "--memory", "--format", "json").document
    assert document["listing"] == Path("compiled/tiny.txt").read_text().splitlines()
    peak = [row for row in document["plan"] if row["at_peak"]]
    assert sum(row["bytes"] for row in peak) <= document["memory"]["activations and workspace"]
    text = cli.good("inspect", source, "--ops")
    assert text.out == Path("compiled/tiny.txt").read_text()
    assert text.err == f"next: graphnet draw {source} -o tiny.svg\n"


def test_inspect_shows_the_arena(cli: Command) -> None:
    out = cli.good("inspect", "tiny.yaml", "--memory").out
    assert "lower bound" in out
    assert "offset" in out
    plain = cli.good("inspect", "tiny.yaml").out
    assert "linear1" in plain
    assert "instructions: " in plain


def test_inspect_with_settings(cli: Command) -> None:
    more = ["--set", "layers.linear1.out_features=30", "--format", "json"]
    document = cli.good("inspect", "tiny.yaml", *more).document
    assert document["layers"][0]["parameters"] == 2 * 30 + 30


def test_check_has_no_side_effects(cli: Command, place: Path) -> None:
    before = files_of(place)
    result = cli.good("check", "tiny.yaml")
    assert files_of(place) == before
    assert result.out.startswith("tiny.yaml: ok, 3 layers, 13 parameters, ")
    assert result.err == "next: graphnet compile tiny.yaml\n"


def test_check_reads_no_data(cli: Command, place: Path) -> None:
    elsewhere = TINY.replace("generator: moons, samples: 40, noise: 0.1, seed: 1", "path: no.csv")
    (place / "elsewhere.yaml").write_text(elsewhere)
    cli.good("check", "elsewhere.yaml")


def test_check_tells_of_every_spec_and_problem(cli: Command, place: Path) -> None:
    (place / "bad.yaml").write_text(TINY.replace("Tanh", "Tahn").replace("lr:", "rate:"))
    result = cli("check", "tiny.yaml", "bad.yaml", "nowhere.yaml", "--format", "json")
    assert result.code == 4, "the worst of 0, 1 and 4"
    good, bad, missing = result.document["specs"]
    assert good == {"spec": "tiny.yaml", "ok": True, "warnings": []}
    assert [error["line"] for error in bad["errors"]] == [11, 15]
    assert [error["code"] for error in missing["errors"]] == ["GN505"]
    assert "did you mean 'Tanh'?" in result.err


@pytest.mark.parametrize("command", ["check", "compile"])
def test_a_data_file_that_is_not_there_is_a_warning(
    cli: Command, place: Path, command: str
) -> None:
    (place / "points.csv").write_text("x,y,label\n1,2,0\n")
    (place / "sub").mkdir()
    text = TINY.replace("generator: moons, samples: 40, noise: 0.1, seed: 1", "path: ../point.csv")
    (place / "sub" / "lost.yaml").write_text(text)
    result = cli.good(command, "sub/lost.yaml")
    assert "there is no data file '../point.csv', looked for 'point.csv'" in result.err
    assert "(sub/lost.yaml:" in result.err
    assert "did you mean '../points.csv'?" in result.err


def test_check_strict(cli: Command, place: Path) -> None:
    unused = TINY.replace("loss:", "  spare: {type: Linear, inputs: point, out_features: 2}\n"
                          "outputs: [linear2]\nloss:")  # fmt: skip
    (place / "spare.yaml").write_text(unused)
    assert cli.good("check", "spare.yaml").err.startswith("warning: spare.yaml: ")
    assert cli("check", "spare.yaml", "--strict").code == 1
    assert cli("check", "tiny.yaml", "--strict").code == 0


def test_check_gradients(cli: Command) -> None:
    document = cli.good("check", "tiny.yaml", "--gradients", "--format", "json").document
    (spec,) = document["specs"]
    assert spec["ok"]
    names = [verdict["parameter"] for verdict in spec["gradients"]]
    assert names == ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"]
    assert all(0 < verdict["checked"] <= verdict["size"] for verdict in spec["gradients"])
    assert all(verdict["error"] < 1e-6 for verdict in spec["gradients"])
    result = cli.good("check", "tiny.yaml", "--gradients")
    assert result.out.startswith("tiny.yaml: a valid spec, 3 layers, 13 parameters, ")
    assert "largest relative error" in result.out
    assert result.out.endswith("tiny.yaml: gradients right, 4 of 4 parameters checked\n")


def test_check_says_what_to_do_about_wrong_gradients(
    cli: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = {"x": lambda c: c.emit("sigmoid_gradient", c.g, c["y"])}
    monkeypatch.setattr(backward, "OPS", {**OPS, "tanh": replace(OPS["tanh"], adjoint=rule)})
    result = cli("check", "tiny.yaml", "--gradients")
    assert result.code == 1
    assert "tiny.yaml: ok" not in result.out
    assert result.out.endswith("tiny.yaml: gradients WRONG, of 2 of 4 parameters\n")
    assert result.err.splitlines() == [
        "error: tiny.yaml: graphnet computes wrong gradients (linear1.weight, linear1.bias)",
        "   = note: this is a bug in graphnet, not in the spec; trained with them, networks go astray",
        "   = help: please report it with the spec, the table above and `graphnet --version`",
    ]


def test_check_says_where_gradients_could_not_be_judged(cli: Command, place: Path) -> None:
    zeros = "linear1: {type: Linear, out_features: 3, init: {weight: zeros, bias: zeros}}"
    text = TINY.replace("linear1: {type: Linear, out_features: 3}", zeros).replace("Tanh", "ReLU")
    (place / "kinks.yaml").write_text(text)
    result = cli.good("check", "kinks.yaml", "--gradients")
    assert "not checked" in result.out
    assert "kinks.yaml: gradients right, 2 of 4 parameters checked" in result.out
    assert "linear1.bias: 0 of 3 elements could be judged\n" in result.err
    assert "beside kinks" in result.err


def test_check_every_example(cli: Command) -> None:
    for spec in sorted((ROOT / "specs").glob("*.yaml")):
        cli.good("check", spec)


def test_check_nothing(cli: Command) -> None:
    assert cli("check").code == 2


@pytest.mark.parametrize("kind", KINDS)
def test_list(cli: Command, kind: str) -> None:
    rows = cli.good("list", kind, "--format", "json").document[kind]
    assert rows
    assert all(row["summary"] for row in rows.values())
    text = cli.good("list", kind)
    assert text.err == f"next: graphnet list {kind} NAME\n"
    for name in rows:
        assert name in text.out
        one = cli.good("list", kind, name)
        assert one.out.startswith(f"{name}: ")


def test_list_one_with_its_settings(cli: Command) -> None:
    out = cli.good("list", "layers", "Linear").out
    for setting in ("out_features", "in_features=null", "bias=true"):
        assert f"  {setting}\n" in out
    only = cli.good("list", "layers", "Linear", "--format", "json").document
    assert list(only["layers"]) == ["Linear"]


@pytest.mark.parametrize(
    ("loss", "row"),
    [
        ("TripletMarginLoss", "p=2\n      a number > 0: which norm measures distances\n"),
        ("TripletMarginLoss", "no target\n  reduction=mean\n"),
        ("GaussianNLLLoss", "eps=1e-06\n      a number > 0: least variance that is divided by\n"),
    ],
)
def test_list_describes_each_setting_of_a_loss_with_ends_of_its_own(
    cli: Command, loss: str, row: str
) -> None:
    assert f"  {row}" in cli.good("list", "losses", loss).out


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (["layer"], "did you mean 'layers'?"),
        (["layers", "Linaer"], "did you mean 'Linear'?"),
        (["optimizers", "adamw"], "did you mean 'AdamW'?"),
        (["layers", "Dense"], "did you mean 'Linear'?"),
        (["layers", "Dense"], "layers; graphnet list layers shows them"),
        (["layers", "MSELoss"], "write graphnet list losses MSELoss"),
        (["metrics", "acc"], "did you mean 'accuracy'?"),
        ([], "Missing argument"),
    ],
)
def test_list_what_is_not_there(cli: Command, words: list[str], cure: str) -> None:
    result = cli("list", *words)
    assert result.code == 2
    assert cure in result.err


@pytest.mark.parametrize("code", ["GN301", "gn301"])
def test_explain(cli: Command, code: str) -> None:
    result = cli.good("explain", code)
    assert result.out.startswith("GN301: ")
    assert len(result.out) > 100
    document = cli.good("explain", code, "--format", "json").document
    assert set(document) == {"code", "title", "text"}
    assert document["code"] == "GN301"


@pytest.mark.parametrize("code", ["GN000", "999", "everything", "GN3011"])
def test_explain_what_is_not_there(cli: Command, code: str) -> None:
    result = cli("explain", code)
    assert result.code == 2
    assert f"error[GN706]: there is no error {code!r}" in result.err


def test_schema(cli: Command) -> None:
    result = cli.good("schema")
    schema = json.loads(result.out)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert cli.good("schema", "--format", "json", "-q").out == result.out


def test_data_errors_point_at_what_opens_from_here_and_into_the_spec(
    cli: Command, place: Path
) -> None:
    folder = place / "my"
    folder.mkdir()
    read = "path: t.csv, inputs: {point: [x, yy]}, targets: {label: label}"
    spec = TINY.replace("generator: moons, samples: 40, noise: 0.1, seed: 1", read)
    (folder / "a.yaml").write_text(spec)
    (folder / "t.csv").write_text("x,y,label\n1,2,0\n1,,1\n")
    lost = cli("train", "my/a.yaml", "--no-plots").err
    line = next(n for n, text in enumerate(spec.splitlines(), 1) if "yy" in text)
    column = spec.splitlines()[line - 1].index("yy") + 1
    assert f"--> my/a.yaml:{line}:{column}" in lost
    assert "did you mean 'y'?" in lost
    (folder / "a.yaml").write_text(spec.replace("yy", "y"))
    assert "--> my/t.csv:3:3" in cli("train", "my/a.yaml", "--no-plots").err


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04\xf6rest", "a zip archive, as npz files are"),
        (b"\x93NUMPY\x01", "an npy array"),
        (b"a\0\xff\xfe", "a binary file"),
    ],
)
def test_no_bytes_of_a_binary_file_reach_the_terminal(
    cli: Command, place: Path, content: bytes, kind: str
) -> None:
    (place / "a.npz").write_bytes(content)
    result = cli("check", "a.npz")
    assert result.code == 1
    assert f"'a.npz' is {kind}, not a spec" in result.err
    assert "PK" not in result.err
    assert "NUMPY" not in result.err


def test_missing_data_is_told_with_what_the_spec_says_of_it(cli: Command, place: Path) -> None:
    read = "path: ../gone/away/../no.csv"
    (place / "a.yaml").write_text(
        "# Points of a survey;\n# ask the office for them.\n"
        + TINY.replace("generator: moons, samples: 40, noise: 0.1, seed: 1", read)
    )
    err = cli("train", "a.yaml", "--no-plots").err
    assert f"--> {place.parent / 'gone' / 'no.csv'}" in err or "--> ../gone/no.csv" in err
    assert "help: if the data is elsewhere: --set data.train.path=FILE" in err
    assert "note: a.yaml begins: Points of a survey; ask the office for them." in err
