"""What looks at other releases: it says what is new, what broke, and who did not answer."""

import json
import subprocess
import sys
from types import SimpleNamespace

import audit_packages
import newest
import pytest
import yaml
from book_pages import ROOT

pytestmark = pytest.mark.once

HOLE = {"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["1.1", "2"]}]}
PIP = {"dependencies": [HOLE, {"name": "b", "version": "2", "vulns": []}, {"name": "c"}]}
NPM = {"vulnerabilities": {"d": {"range": "<3", "severity": "high"}}}
NO_NPM = {"message": "request failed, reason: ENOTFOUND", "error": {"summary": ""}}


def test_a_package_is_asked_for_without_its_pin():
    wanted = newest.wanted()
    assert {"numpy", "torch", "gymnasium", "nbclient"} <= set(wanted)
    assert not [name for name in wanted if set(name) & set("<>=~ ")]


def test_only_other_releases_than_the_pinned_are_new():
    freeze = "NumPy==2.5.0\ntorch==2.13.0\nstranger==1\npgbook @ file:///x\n"
    pins = "# pins\nnumpy==2.4.6\ntorch==2.13.0\n"
    assert newest.newer(freeze, pins) == ["NumPy 2.4.6 -> 2.5.0"]


def test_the_report_names_what_broke_and_why():
    text = newest.report(["a 1 -> 2"], {"01": "", "02": "AssertionError: 1 is not 2", "03": ""})
    assert text.startswith("2 of 3 chapters run") and text.endswith(
        "Newer than the pins: a 1 -> 2."
    )
    assert "- **02**: AssertionError: 1 is not 2" in text and "**01**" not in text
    assert newest.report([], {"01": ""}).endswith("Newer than the pins: nothing.")


@pytest.mark.parametrize(("code", "wrong"), [("print(1)", ""), ("1 / 0", "division by zero")])
def test_a_chapter_that_stops_is_said_with_its_error(tmp_path, code, wrong):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": code, "outputs": []}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    notebook["cells"] = [{**cell, "execution_count": None}]
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook), "utf-8")
    said = newest.run(newest.Path(sys.executable), "a", tmp_path)
    assert wrong in said and bool(said) == bool(wrong)


def test_holes_are_named_with_what_mends_them():
    assert audit_packages.python_holes(PIP) == ["a 1: X-1, mended in 1.1, 2"]
    assert audit_packages.node_holes(NPM) == ["d <3: high"]


@pytest.mark.parametrize(
    ("pip", "npm", "code", "says"),
    [
        ({"dependencies": []}, {"vulnerabilities": {}}, 0, ["Python: no known", "JavaScript: no"]),
        (PIP, {"vulnerabilities": {}}, 1, ["Python: 1 known", "  a 1: X-1"]),
        ({"dependencies": []}, NPM, 1, ["JavaScript: 1 known", "  d <3: high"]),
        (
            PIP,
            NO_NPM,
            2,
            ["Python: 1 known", "JavaScript: the registry could not be asked: request"],
        ),
        ("no route", NPM, 2, ["Python: the registry could not be asked: no route. Is the network"]),
    ],
)
def test_what_is_known_and_who_did_not_answer(monkeypatch, capsys, pip, npm, code, says):
    def run(command, **_):
        said = npm if command[0] == "npm" else pip
        if isinstance(said, str):
            return SimpleNamespace(stdout="", stderr=f"a traceback\n{said}\n")
        return SimpleNamespace(stdout=json.dumps(said), stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    assert audit_packages.main() == code
    printed = capsys.readouterr().out
    assert all(words in printed for words in says), printed


def test_a_command_that_is_not_there_is_said():
    with pytest.raises(audit_packages.Unreachable, match="no-such-command"):
        audit_packages.answer(("no-such-command",))


def test_every_workflow_runs_targets_that_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    files = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert {"book.yml", "newest.yml"} <= {path.name for path in files}
    for path in files:
        flow = yaml.safe_load(path.read_text("utf-8"))
        assert flow[True] and flow["permissions"] == {"contents": "read"}, path.name  # `on` is true
        for job in flow["jobs"].values():
            assert job["runs-on"] and job["timeout-minutes"] and job["steps"]
            for command in filter(None, (step.get("run") for step in job["steps"])):
                targets = command.split()[1:] if command.startswith("make ") else []
                assert all(f"\n{target}:" in makefile for target in targets), command


def test_it_is_weekly():
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "newest.yml").read_text("utf-8"))
    ((cron,),) = [entry.values() for entry in flow[True]["schedule"]]
    assert len(cron.split()) == 5 and cron.split()[2:4] == ["*", "*"] and cron.split()[4] != "*"
    assert [
        step["run"] for job in flow["jobs"].values() for step in job["steps"] if "run" in step
    ] == [
        "make newest",
        "make audit-packages",
    ]
