"""What the documents show works: every spec in them compiles, every link leads somewhere."""

import re
from pathlib import Path

import pytest

from graphnet.compiler import compile_spec

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
SPECS = [
    pytest.param(block, id=f"{path.name}-{number}")
    for path in DOCUMENTS
    for number, block in enumerate(
        re.findall(r"```yaml\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    )
    if block.startswith("graphnet: 1")
]


@pytest.mark.parametrize("text", SPECS)
def test_specs_in_documents_compile(text: str) -> None:
    assert compile_spec(text).parameter_count > 0


def test_there_are_specs_in_the_documents() -> None:
    assert len(SPECS) >= 5


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [target for target in targets if not (path.parent / target).exists()]
    assert not missing
