"""Mermaid text: exact, and no label is taken for syntax."""

from __future__ import annotations

import html
import re

import pytest

from graphnet.viz import Drawing, Edge, Node, mermaid_text


def test_a_small_drawing_is_written_exactly() -> None:
    nodes = (
        Node("x", "input", ("x", "[N, 2]")),
        Node("s.0.a", "layer", ("a", "Linear(out_features=5)"), ("s", "0"), ("shared",)),
        Node("o", "output", ("a", "output")),
    )
    edges = (Edge("x", "s.0.a", "[N, 2]"), Edge("s.0.a", "o"))
    assert mermaid_text(Drawing('my "net": 1', nodes, edges, ())).splitlines() == [
        "---",
        'title: "my \\"net\\": 1"',
        "---",
        "flowchart TB",
        '  n0(["x<br/>[N, 2]"])',
        '  subgraph f1["s"]',
        '    subgraph f2["s.0"]',
        '      n1("a<br/>Linear(out_features=5)")',
        "    end",
        "  end",
        '  n2[["a<br/>output"]]',
        '  n0 -->|"[N, 2]"| n1',
        "  n1 --> n2",
        "  classDef input fill:#cfe0f1,stroke:#1f5a96,color:#22272e",
        "  class n0 input",
        "  classDef layer fill:#d9dfe7,stroke:#5b6675,color:#22272e",
        "  class n1 layer",
        "  classDef output fill:#1f5a96,stroke:#1f5a96,color:#ffffff",
        "  class n2 output",
        "  classDef shared stroke-width:2px,stroke-dasharray:2 4",
        "  class n1 shared",
    ]


@pytest.mark.parametrize(
    "text",
    [
        'say "hi"',
        "<script>alert(1)</script>",
        "back\\slash \\n",
        "module::name",
        "x & y &amp; &#65; #35; #quot;",
        "%% comment %%{init}%%",
        "`code` *a* _b_ __c__ a_b",
        "classDef a fill:#fff;",
        "1. one",
        "- dash",
        "層の名前",
        "{a|b} $$x$$ ~~~ @{shape: x}",
    ],
)
def test_labels_are_literal_once_their_codes_are_read(text: str) -> None:
    line = mermaid_text(Drawing("t", (Node("a", "function", (text,)),), (), ())).splitlines()[4]
    match = re.fullmatch(r'  n0\("(.*)"\)', line)
    assert match is not None
    label = match[1]
    # A code #123; is what Mermaid itself turns into the character reference &#123;.
    assert html.unescape(re.sub(r"#(\d+);", r"&#\1;", label)) == text
    bare = re.sub(r"#\d+;", "", label)
    assert not re.search(r'["<>&%`*{}|;:\\#$~@]', bare)
    assert not re.match(r"\d+[.)]|-", label)


def test_an_empty_label_is_still_a_label() -> None:
    assert '  n0(" ")' in mermaid_text(Drawing("t", (Node("a", "layer", ("",)),), (), ()))
