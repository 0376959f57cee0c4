"""The audit of the libraries: its second route, our own library's adapter, the record."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from book_pages import ROOT

PARTS = ROOT / "benchmarks" / "libraries"
RECORD = ROOT / "book" / "pgbook" / "data" / "libraries.json"
VERDICTS = {"gradient", "scaled", "turned", "nothing", "invalid"}


@pytest.fixture(scope="module", autouse=True)
def parts():
    """The adapters' folder, on the path while these tests run."""
    sys.path.insert(0, str(PARTS))
    yield
    sys.path.remove(str(PARTS))


# --- the second route ----------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"prompts": 2, "gamma": 0.5}, {"beta": 0.3}])
def test_the_trees_gradient_is_a_difference_quotient(settings):
    import tree

    slope, step = tree.gradient(**settings), 1e-5
    for place in np.ndindex(6, 3):
        up, down = tree.POLICY.clone(), tree.POLICY.clone()
        up[place] += step
        down[place] -= step
        ends = tree.objective(up, **settings) - tree.objective(down, **settings)
        assert abs(ends / (2 * step) - slope[place]) < 1e-8


@pytest.mark.parametrize("prompts", [1, 2])
def test_the_trees_batches_are_all_that_can_happen(prompts):
    import tree

    found = list(tree.batches(prompts, 2))
    assert len(found) == 28**prompts
    assert abs(sum(chance for chance, _ in found) - 1) < 1e-12
    whole = tree.in_proportion(prompts, 1)
    assert len(whole.prompts) == 64 * prompts and (whole.mask.sum(1) <= tree.LENGTH).all()


def test_the_streams_windows_are_all_that_can_happen():
    import stream

    assert abs(sum(float(stream.chance(w)) for w in stream.WINDOWS) - 1) < 1e-12
    assert len(stream.in_proportion(1).prompts) == 48
    policy = torch.softmax(stream.POLICY, -1)
    thirds = torch.full((3,), 1 / 3, dtype=torch.float64)
    torch.testing.assert_close(thirds @ policy, thirds, rtol=0, atol=1e-12)
    v = stream.values(stream.POLICY)
    torch.testing.assert_close(v, (policy * (stream.PAYS + 0.75 * v)).sum(1), rtol=0, atol=1e-12)


def reinforce(batch):
    """A right loss: the return of an episode, for each of its steps."""
    whole = (batch.rewards * batch.mask).sum(1, keepdim=True)
    return -(batch.log_prob * whole * batch.mask).sum() / len(batch.mask)


def mean_of_tokens(batch):
    """A wrong loss: what it divides by is random."""
    return reinforce(batch) * len(batch.mask) / batch.mask.sum()


@pytest.mark.parametrize(("loss", "verdict"), [(reinforce, "gradient"), (mean_of_tokens, "turned")])
def test_the_second_route_tells_right_from_wrong(loss, verdict):
    import second_route
    from case import Case

    case = Case("loss", {}, loss)
    for prompts in (1, 2):
        assert second_route.episodes(case, prompts, False, 0.0)["verdict"] == verdict


def advantage_of_a_window(batch):
    """A right loss on windows: the reward to go, bootstrapped, less the value."""
    second = batch.rewards[:, 1] + batch.gamma * batch.next_values[:, 1]
    to_go = torch.stack([batch.rewards[:, 0] + batch.gamma * second, second], 1)
    return -(batch.log_prob * (to_go - batch.values)).mean()


def test_the_second_route_knows_a_stream():
    import second_route
    from case import Case

    def update(batch):
        return torch.autograd.grad(advantage_of_a_window(batch), batch.theta)[0]

    for case in (Case("loss", {}, advantage_of_a_window), Case("u", {}, update, update=True)):
        found = second_route.windows(case)
        assert found["verdict"] == found["endless"]["verdict"] == "gradient"


def test_an_endless_group_has_no_own_sample():
    import second_route
    from case import Case

    def own_sample(batch):
        whole = (batch.rewards * batch.mask).sum(1, keepdim=True)
        return -(batch.log_prob * (whole - whole.mean()) * batch.mask).sum() / len(whole)

    def leave_one_out(batch):  # in proportion, too long by K / (K - 1)
        return own_sample(batch) * len(batch.mask) / (len(batch.mask) - 1)

    for loss, factor in ((own_sample, 1 / 2), (leave_one_out, 1)):
        found = second_route.episodes(Case("loss", {}, loss), 1, False, 0.0)
        assert abs(found["factor"] - factor) < 1e-12
        assert found["endless"]["verdict"] == "gradient"


def test_a_divergence_in_the_reward_is_that_of_whole_completions():
    import second_route
    from case import Case

    def loss(batch):
        paid = batch.rewards - 0.5 * (batch.log_prob - batch.ref_log_prob).detach()
        return -(batch.log_prob * batch.mask * (paid * batch.mask).sum(1, keepdim=True)).sum() / 2

    found = second_route.divergence(Case("loss", {}, loss), 0.5)
    assert found["reverse"]["verdict"] == "gradient"
    assert all(found[kl]["verdict"] == "turned" for kl in found.keys() - {"reverse"})


# --- stable-baselines3, which is among the requirements ------------------------------------------


def test_a2cs_training_step_is_the_mean_over_steps():
    import stream
    from with_sb3 import A2C, update

    batch = stream.batch([(0, 1, 2), (2, 2, 0), (1, 0, 0)])
    (expected,) = torch.autograd.grad(advantage_of_a_window(batch), batch.theta)
    found = update(A2C, max_grad_norm=1e9)(batch)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
    assert not torch.allclose(update(A2C, max_grad_norm=1e-3)(batch), expected, atol=1e-4)


def test_an_adapter_keeps_nothing_of_the_last_batch():
    import stream
    from with_sb3 import PPO, update

    run = update(PPO)
    one, other = stream.batch([(0, 1, 2), (2, 2, 0)]), stream.batch([(1, 0, 2), (0, 0, 1)])
    first = run(one)
    assert not torch.allclose(run(other), first, atol=1e-3)
    assert torch.equal(run(one), first)


def test_a_time_limit_is_no_end_to_the_adapter():
    import tree
    from with_sb3 import A2C, update

    batch = tree.batch([0, 0], [1, 4], gamma=0.9)
    ended = update(A2C, max_grad_norm=1e9)(batch)
    batch.truncated, batch.terminated = batch.terminated, batch.truncated
    cut = update(A2C, max_grad_norm=1e9)(batch)
    assert not torch.allclose(ended, cut, atol=1e-3)


# --- the record ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def record():
    """What was recorded."""
    return json.loads(RECORD.read_text("utf-8"))


def rows(record):
    """Every (library, row)."""
    return [(name, row) for name, each in record["libraries"].items() for row in each["rows"]]


def test_every_row_is_complete(record):
    whole = {"function", "settings", "default", "kind", "claim", "audits"}
    for library, row in rows(record):
        assert whole <= set(row) <= whole | {"divergence_alone"}, (library, row["function"])
        assert record["libraries"][library]["stubs"] and row["audits"]
        assert row["kind"] in ("loss", "update")
        assert set(row["claim"]) == {"says", "where"}
        assert bool(row["claim"]["says"]) == bool(row["claim"]["where"]), row["function"]
        for audit in row["audits"]:
            assert audit["verdict"] in VERDICTS and audit["sampling"] in ("episodes", "windows")
            assert {"objective", "factor", "angle", "by_size", "worlds", "slips"} <= set(audit)
            assert all(other["endless"]["verdict"] in VERDICTS for other in audit["second_route"])


def test_no_surprise_stands_on_one_route(record):
    for library, row in rows(record):
        for audit in row["audits"]:
            assert audit["agree"] and audit["second_route"], (library, row["function"])


def test_every_library_says_its_version_as_pinned(record):
    for library, found in record["libraries"].items():
        path = PARTS / f"requirements-{library}.txt"
        pins = (path if path.exists() else ROOT / "requirements.txt").read_text("utf-8")
        assert f"{library}=={found['versions'][library]}\n" in pins.lower(), library
        assert any(row["default"] for row in found["rows"]), library
    for path in PARTS.glob("requirements-*.txt"):
        assert path.stem.removeprefix("requirements-") in record["libraries"], "not recorded"
        for line in path.read_text("utf-8").splitlines():
            assert re.fullmatch(r"(#.*|[\w.-]+==[\w.]+)", line), f"{path.name}: {line}"


PROBE = """
import importlib, json, sys
sys.path[:0] = sys.argv[1:3]
import second_route, run
case = importlib.import_module(sys.argv[3]).CASES[0]
found = second_route.episodes(case, 1, sys.argv[4] == "discounted", case.beta)
print("FOUND", json.dumps(run.rounded(found)))
"""


@pytest.mark.parametrize("library", ["trl", "verl", "torchrl", "openrlhf", "tianshou", "skrl"])
def test_an_adapter_does_what_was_recorded_where_its_library_is(record, library):
    python = ROOT / ".libraries" / library / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{library} has no environment; `make libraries` makes one")
    (audit,) = [a for a in record["libraries"][library]["rows"][0]["audits"] if whole(a)]
    goal = "discounted" if audit["objective"].startswith("J_") else "plain"
    command = [python, "-W", "ignore", "-c", PROBE, PARTS, ROOT / "book", f"with_{library}", goal]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    found, recorded = json.loads(done.stdout.split("FOUND")[1]), audit["second_route"][0]
    assert found["verdict"] == recorded["verdict"]
    assert abs(found["factor"] - recorded["factor"]) < 1e-5


def whole(audit):
    """Whether an audit is that of whole episodes."""
    return audit["sampling"] == "episodes"


def test_what_was_not_run_is_said(record):
    for left in record["not_run"]:
        assert left["library"] and left["what"] and left["why"]


def test_the_record_is_what_our_own_library_does_today(record):
    import with_sb3
    from pgbook.audit import audit

    found = {
        json.dumps(row["settings"]): row for _, row in rows(record) if "A2C" in row["function"]
    }
    case = with_sb3.CASES[1]
    (row,) = [r for r in found.values() if r["settings"] == case.settings]
    (recorded,) = [a for a in row["audits"] if not whole(a)]
    today = audit(update=case.run, sampling="windows")
    assert today.verdict == recorded["verdict"] == "gradient"
    assert abs(today.factor - recorded["factor"]) < 1e-5
