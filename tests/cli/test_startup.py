"""Starting: quick where little is needed, and the same however Python is told to run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ROOT, TINY, environment, process

HEAVY = ("numpy", "networkx", "yaml", "rich", "safetensors", "matplotlib", "graphviz", "torch")


def loaded(*arguments: str) -> tuple[int, set[str]]:
    """Run a command in a new process and return its code and what it loaded of the heavy ones."""
    program = (
        "import sys; from graphnet.cli.main import run; code = run(sys.argv[1:])\n"
        f"print([code, [name for name in {HEAVY!r} if name in sys.modules]], file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment(), capture_output=True, check=True)
    code, names = json.loads(done.stderr.decode().splitlines()[-1].replace("'", '"'))
    return code, set(names)


@pytest.mark.parametrize("words", ["--help", "--version", "-h", "train --help", "compile -h"])
def test_help_loads_nothing_heavy(words: str) -> None:
    assert loaded(*words.split()) == (0, set())


def test_wrong_command_loads_nothing_heavy() -> None:
    assert loaded("trian") == (2, set())


def test_compiling_needs_no_numpy() -> None:
    code, names = loaded("compile", "tiny.yaml", "--dry-run")
    assert code == 0
    assert not names & {"numpy", "safetensors", "matplotlib", "torch"}


def test_training_loads_no_optional_library() -> None:
    code, names = loaded("train", "tiny.yaml", "--no-plots", "-q")
    assert code == 0
    assert not names & {"matplotlib", "graphviz", "torch"}


@pytest.mark.parametrize(
    "words",
    [
        ("train", "tiny.yaml", "--set", "training.threads=1", "--no-plots", "-q"),
        ("check", "tiny.yaml", "--gradients"),
        ("check", "wide.yaml", "--gradients"),
        ("check", "tiny.yaml", "--overfit", "--set", "training.threads=1"),
    ],
    ids=["train", "gradients", "large products", "overfit"],
)
def test_threads_are_asked_for_before_numpy_is_there(words: tuple[str, ...], place: Path) -> None:
    """The libraries read these variables only once, when NumPy loads them."""
    layer = "  wide: {type: Linear, out_features: 1200}\n"
    wide = TINY.replace("features: 3", "features: 1200").replace("  tanh1", f"{layer}  tanh1")
    (place / "wide.yaml").write_text(wide)
    program = (
        "import os, sys; from graphnet.cli.main import run\n"
        "class Watch:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'numpy': seen.append(os.environ.get('OPENBLAS_NUM_THREADS'))\n"
        "seen = []; sys.meta_path.insert(0, Watch()); code = run(sys.argv[1:])\n"
        "print(code, seen, file=sys.stderr)"
    )
    env = environment()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        env.pop(name, None)
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, env=env, capture_output=True, check=True)
    assert done.stderr.decode().splitlines()[-1] == "0 ['1']"


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [("-O",), ("-OO",), ("-X", "dev", "-W", "error")],
    ids=" ".join,
)
def test_python_may_be_told_anything(flags: tuple[str, ...], place: Path) -> None:
    # Python would compile matplotlib anew for each level of optimisation.
    plots = ["--no-plots"] if flags[:1] in (("-O",), ("-OO",)) else []
    result = process("train", "tiny.yaml", "--run-dir", "r", *plots, flags=flags)
    assert result.code == 0, result.err
    assert "arning" not in result.err
    assert result.out.startswith("tiny finished after 4 epochs, 20 updates, ")
    refused = process("compile", "tiny.yaml", "--set", "optimizer.lr=x", flags=flags)
    assert refused.code == 1
    assert "error[GN106]" in refused.err


def test_installed_command(place: Path) -> None:
    """The script beside the interpreter is `python -m graphnet`."""
    script = Path(sys.executable).with_name("graphnet")
    if not script.exists():
        pytest.skip("graphnet is not installed in this environment")
    said = subprocess.run([script, "--help"], capture_output=True, check=True, env=environment())
    assert said.stdout.decode() == process("--help").out


def test_from_a_folder_that_is_gone(place: Path) -> None:
    """Nothing needs the current directory but relative paths."""
    (place / "gone").mkdir()
    program = (
        "import os, shutil, sys; os.chdir('gone'); shutil.rmtree(os.getcwd())\n"
        "from graphnet.cli.main import main; main()"
    )
    spec = str(ROOT / "specs/mlp.yaml")
    for words, code in ((["check", spec], 0), (["check", "tiny.yaml"], 4), (["--help"], 0)):
        command = [sys.executable, "-c", program, *words]
        done = subprocess.run(
            command, env=environment(), cwd=place, capture_output=True, check=False
        )
        assert done.returncode == code, done.stderr.decode()
        (place / "gone").mkdir(exist_ok=True)


def test_without_home_and_temporary_folder(place: Path) -> None:
    env = environment(TMPDIR="/nowhere", HOME="/nowhere")
    result = process("train", "tiny.yaml", "--no-plots", "-q", env=env)
    assert result.code == 0, result.err
