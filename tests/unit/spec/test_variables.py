from __future__ import annotations

from typing import Any

import pytest

from graphnet.errors import GraphNetError, SpecErrors
from graphnet.spec import load_spec, read_spec_text

HEAD = "graphnet: 1\ninputs: {x: {shape: [2]}}\nlayers: {a: Tanh}\n"


def plain(text: str) -> Any:
    return read_spec_text(text).plain


def test_a_whole_reference_keeps_its_type() -> None:
    found = plain(
        "graphnet: 1\nvariables: {width: 5, bias: false, sizes: [3, 4], rate: 0.25, kind: Tanh}\n"
        'inputs: {x: {shape: "${sizes}"}}\n'
        "layers:\n"
        '  linear: {type: Linear, out_features: "${width}", bias: "${bias}"}\n'
        '  drop: {type: Dropout, p: "${rate}"}\n'
        "  last: ${kind}\n"
    )
    assert found["inputs"]["x"]["shape"] == [3, 4]
    assert found["layers"]["linear"]["out_features"] == 5
    assert found["layers"]["linear"]["bias"] is False
    assert found["layers"]["drop"]["p"] == 0.25
    assert found["layers"]["last"]["type"] == "Tanh"
    assert "variables" not in found


def test_references_inside_text_become_text() -> None:
    text = HEAD + 'variables: {n: 3, f: 1.5, b: true, t: it}\ndescription: "${n} ${f} ${b} ${t}s"\n'
    assert plain(text)["description"] == "3 1.5 true its"
    with pytest.raises(GraphNetError, match="wrong value for 'seed'"):
        read_spec_text(HEAD + 'variables: {n: 3}\nseed: "1${n}"\n')


def test_variables_refer_to_those_above() -> None:
    text = HEAD + 'variables: {a: 3, b: "${a}", c: "x${b}"}\nseed: "${b}"\ndescription: "${c}"\n'
    assert plain(text)["seed"] == 3
    assert plain(text)["description"] == "x3"


def test_the_place_is_where_the_reference_stands() -> None:
    with pytest.raises(GraphNetError) as caught:
        read_spec_text(HEAD + 'variables: {n: text}\nseed: "${n}"\n')
    assert (caught.value.line, caught.value.column) == (5, 7)
    assert caught.value.where is not None
    assert caught.value.where.end_column == 13


def test_unused_and_empty_variables() -> None:
    assert plain(HEAD + "variables: {n: 3}\n")["seed"] == 0
    assert plain(HEAD + "variables:\n")["seed"] == 0


def test_nothing_is_a_value() -> None:
    assert plain(HEAD + 'variables: {n: }\nname: "${n}"\n')["name"] == "network"
    with pytest.raises(GraphNetError, match="cannot stand inside a text"):
        read_spec_text(HEAD + 'variables: {n: }\nname: "a${n}"\n')


def test_no_environment_and_no_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/root")
    for reference in ("${HOME}", "${1+1}", "${n.real}", "${n }"):
        with pytest.raises(GraphNetError, match="unknown variable"):
            read_spec_text(HEAD + f'variables: {{n: 3}}\ndescription: "{reference}"\n')
    assert plain(HEAD + "description: $HOME $n ~\n")["description"] == "$HOME $n ~"


def test_a_wrong_variable_is_told_once() -> None:
    with pytest.raises(GraphNetError) as caught:
        read_spec_text(HEAD + 'variables: {n: {a: 1}}\nseed: "${n}"\ndescription: "x${n}"\n')
    assert not isinstance(caught.value, SpecErrors)
    assert (caught.value.code, caught.value.line) == ("GN106", 4)


def test_references_cannot_be_pieced_together() -> None:
    text = HEAD + "variables: {a: '$', b: '{a}'}\ndescription: '${a}${b}'\n"
    with pytest.raises(GraphNetError, match="not of the form"):
        read_spec_text(text)


def test_text_does_not_grow_without_end() -> None:
    lines = ["  v0: xxxxxxxxxx"]
    lines += [f"  v{n}: '{f'${{v{n - 1}}}' * 10}'" for n in range(1, 12)]
    with pytest.raises(GraphNetError) as caught:
        read_spec_text(HEAD + "variables:\n" + "\n".join(lines) + "\n")
    assert caught.value.code == "GN112"


def test_a_text_made_from_references_is_limited() -> None:
    text = HEAD + f"variables: {{v: {'x' * 1000}}}\ndescription: '{'${v}' * 11}'\n"
    with pytest.raises(GraphNetError, match="a text of 11000 characters") as caught:
        read_spec_text(text)
    assert (caught.value.code, caught.value.line) == ("GN112", 5)
    assert len(read_spec_text(text.replace("${v}", "", 1)).description) == 10_000


def test_lists_do_not_grow_without_end() -> None:
    lines = ["  v0: [1, 1]"]
    lines += [f"  v{n}: ['${{v{n - 1}}}', '${{v{n - 1}}}']" for n in range(1, 40)]
    with pytest.raises(GraphNetError, match="wrong value for variable 'v1'") as caught:
        read_spec_text(HEAD + "variables:\n" + "\n".join(lines) + "\n")
    assert caught.value.line == 6


def test_section_that_is_no_mapping() -> None:
    with pytest.raises(GraphNetError, match="expected a mapping of names to values"):
        read_spec_text(HEAD + "variables: [a]\n")


def test_in_python_mappings() -> None:
    mapping = {
        "graphnet": 1,
        "variables": {"n": 4},
        "inputs": {"x": {"shape": ["${n}"]}},
        "layers": {"a": "Tanh"},
    }
    assert load_spec(mapping).plain["inputs"]["x"]["shape"] == [4]
    with pytest.raises(GraphNetError) as caught:
        load_spec({**mapping, "seed": "${m}"})
    assert caught.value.file == "<mapping>: seed"
