"""What the documents show works: every spec in them compiles, every link leads somewhere."""

import re
from pathlib import Path

import pytest

from graphnet.compiler import compile_spec
from graphnet.initializers import INITIALIZERS
from graphnet.layers import LAYERS
from graphnet.losses import LOSSES
from graphnet.metrics import METRICS
from graphnet.optimizers import OPTIMIZERS
from graphnet.schedulers import SCHEDULERS

ROOT = Path(__file__).parents[2]
COVERAGE = (ROOT / "docs/coverage.md").read_text("utf-8")
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


COUNTED = {
    "layers": LAYERS,
    "losses": LOSSES,
    "optimizers": OPTIMIZERS,
    "schedulers": SCHEDULERS,
    "initializers": INITIALIZERS,
    "metrics": METRICS,
}


@pytest.mark.parametrize("what", COUNTED)
def test_the_changelog_counts_right(what: str) -> None:
    found = re.search(rf"(\d+) {what}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert found is not None
    assert int(found[1]) == len(list(COUNTED[what]))


def test_the_changelog_tells_the_coverage_there_is() -> None:
    modules, samples = re.findall(r"\*\*(\d+) of \d+ modules, (\d+) of", COVERAGE)[0]
    assert f"{samples} samples of {modules} modules" in (ROOT / "CHANGELOG.md").read_text("utf-8")
