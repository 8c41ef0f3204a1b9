"""`graphnet check`: whether a spec is right, and its gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from graphnet.cli.options import Output, output_options, settings_option

if TYPE_CHECKING:
    from graphnet.cli.console import Voice


@click.command("check")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option(
    "--gradients",
    is_flag=True,
    help="Compare the network's gradients with numeric ones, in float64.",
)
@click.option(
    "--overfit",
    is_flag=True,
    help="Train on one small batch, which a sound network learns by heart; reads the data.",
)
@click.option("--strict", is_flag=True, help="Count warnings as errors.")
@settings_option
@output_options
def command(
    specs: tuple[str, ...],
    gradients: bool,
    overfit: bool,
    strict: bool,
    overrides: dict[str, str],
    output: Output,
) -> int:
    """Check SPECs without side effects: nothing is written, and no data is read but for --overfit."""
    from graphnet.cli.console import Voice
    from graphnet.cli.report import as_dicts, show_error
    from graphnet.errors import GraphNetError

    voice = Voice(output)
    document: list[dict[str, Any]] = []
    worst = 0
    for spec in specs:
        try:
            entry, good = _check(voice, spec, overrides, tested=gradients or overfit)
            if gradients:
                entry["gradients"] = _gradients(voice, spec, overrides)
                good = good and all(verdict["ok"] for verdict in entry["gradients"])
            if overfit:
                entry["overfit"] = _overfit(voice, spec, overrides)
                good = good and entry["overfit"]["ok"]
            entry["ok"] = good
        except GraphNetError as error:
            show_error(error, as_json=False, output=output)
            entry, good = {"spec": spec, "ok": False, "errors": as_dicts(error)}, False
            worst = max(worst, error.exit_code)
        document.append(entry)
        if not good or (strict and entry.get("warnings")):
            worst = max(worst, 1)
    voice.result({"specs": document})
    if not worst:
        voice.next("compile", specs[0])
    return worst


def _check(
    voice: Voice, spec: str, overrides: dict[str, str], *, tested: bool
) -> tuple[dict[str, Any], bool]:
    from graphnet.cli.missing_data import missing_data
    from graphnet.cli.sources import refuse_program
    from graphnet.cli.threads import choose_threads
    from graphnet.compiler import compile_network
    from graphnet.errors import counted
    from graphnet.graph import build_network
    from graphnet.spec import load_spec, spec_folder

    refuse_program(spec)
    folder = spec_folder(spec)
    network = build_network(load_spec(spec, overrides))
    program = compile_network(network, folder=folder)
    warnings = [*network.warnings, *missing_data(network.spec, folder)]
    for warning in warnings:
        voice.warn(f"{spec}: {warning}")
    if tested:
        choose_threads(program, few=True)
    verdict = "a valid spec" if tested else "ok"  # all is well only once the tests have run
    voice.say(
        f"{spec}: {verdict}, {counted(len(network.order), 'layer')}, "
        f"{counted(program.parameter_count, 'parameter')}, "
        f"{program.memory_bytes:,} bytes"
    )
    return {"spec": spec, "ok": True, "warnings": warnings}, True


def _overfit(voice: Voice, spec: str, overrides: dict[str, str]) -> dict[str, Any]:
    from graphnet.api import overfit_batch

    found = overfit_batch(spec, overrides=overrides)
    samples = f"{found['samples']} samples"
    went = f"loss {found['first']:.4g} to {found['last']:.4g} in {found['updates']} updates"
    said = {
        "learned": f"learns {samples} by heart, {went}",
        "decided": f"learns {samples} by heart: all are told right, {went}",
        "stopped": f"tells {samples} apart, and the loss stopped falling, {went}",
        "not learned": f"does NOT learn {samples} by heart, {went}",
    }
    voice.say(f"{spec}: {said[found['verdict']]}")
    if found["verdict"] == "stopped":
        voice.note(
            f"{found['last']:.4g} is as low as this loss goes, or training got stuck: where the minimum "
            "is not 0, that cannot be told"
        )
    elif not found["ok"]:
        voice.note("look for layers that lose the input, a wrong loss, or targets that contradict")
    return found


def _gradients(voice: Voice, spec: str, overrides: dict[str, str]) -> list[dict[str, Any]]:
    from graphnet.api import check_gradients

    verdicts = check_gradients(spec, overrides=overrides)
    table = voice.table(
        [
            ("parameter", "left"),
            ("checked", "right"),
            ("largest relative error", "right"),
            ("verdict", "left"),
        ]
    )
    for verdict in verdicts:
        table.add_row(
            verdict["parameter"],
            f"{verdict['checked']} of {verdict['size']}",
            f"{verdict['error']:.1e}" if verdict["checked"] else "-",
            _in_words(verdict),
        )
    voice.say(table)
    few = [verdict for verdict in verdicts if _in_words(verdict) in (NONE_CHECKED, FEW_CHECKED)]
    for verdict in few:
        voice.note(
            f"{verdict['parameter']}: {verdict['checked']} of {verdict['tried']} elements could be judged"
        )
    if few:
        voice.note(
            "beside kinks, as of ReLU and max pooling, differences of the loss say nothing of gradients; "
            "other first weights may lie better: --set seed=1"
        )
    _conclude(voice, spec, verdicts)
    return verdicts


NONE_CHECKED = "not checked"
FEW_CHECKED = "ok, few checked"


def _in_words(verdict: dict[str, Any]) -> str:
    """Return what is to be thought of a parameter's gradient."""
    if not verdict["ok"]:
        return "WRONG"
    if not verdict["checked"]:
        return NONE_CHECKED
    return FEW_CHECKED if 2 * verdict["checked"] < verdict["tried"] else "ok"


def _conclude(voice: Voice, spec: str, verdicts: list[dict[str, Any]]) -> None:
    """Say what all verdicts come to, and what to do where gradients are wrong."""
    from graphnet.errors import counted

    wrong = [verdict["parameter"] for verdict in verdicts if not verdict["ok"]]
    checked = sum(1 for verdict in verdicts if verdict["checked"])
    if not wrong:
        found = "right" if checked else "NOT checked"
        voice.say(
            f"{spec}: gradients {found}, {checked} of {counted(len(verdicts), 'parameter')} checked"
        )
        return
    voice.say(f"{spec}: gradients WRONG, of {len(wrong)} of {counted(len(verdicts), 'parameter')}")
    some = ", ".join(wrong[:3]) + (", ..." if len(wrong) > 3 else "")
    voice.tell(f"error: {spec}: graphnet computes wrong gradients ({some})", "red")
    voice.tell(
        "   = note: this is a bug in graphnet, not in the spec; trained with them, networks go astray"
    )
    voice.tell(
        "   = help: please report it with the spec, the table above and `graphnet --version`"
    )
