"""The recorded learning curves: their text form, their lookup, and the committed sweep."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pgbook.curves import LAB, Recorded, dump, interquartile, load, pack, unpack
from pgbook.sweep import on_grid, train
from pgbook.trainer import Config
from scipy.stats import bootstrap, trim_mean

AXES = {"psi": ["total_return", "reward_to_go"], "gamma": [0.5, 0.9, 1.0]}
CURVES = np.arange(2 * 3 * 2 * 4).reshape(2, 3, 2, 4) / 2.0
SMALL = Recorded(AXES, {"episodes": 8, "hidden": (3, 4)}, [0, 1], np.array([0, 10, 20, 30]), CURVES)


@given(st.lists(st.floats(0, 2047.5), max_size=40))
def test_packing_rounds_to_half_points_and_no_more(values):
    text = pack(values)
    assert len(text) == 2 * len(values)
    assert np.abs(unpack(text) - values).max(initial=0) <= 0.25


def test_the_text_is_base_64():
    assert pack([0, 0.5, 31.5, 32, 500]) == "AAABA/BAPo"
    assert unpack("AAABA/BAPo").tolist() == [0, 0.5, 31.5, 32, 500]


@pytest.mark.parametrize("name", ["config", "seeds", "steps", "settings"])
def test_an_origin_hides_no_part_of_the_record(tmp_path, name):
    with pytest.raises(ValueError, match=rf"origin: expected other names .*, got \['{name}'\]"):
        dump(tmp_path / "curves.json", SMALL, **{name: 1}, made_by="me")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("bad", [-0.5, 2048, np.nan, np.inf])
def test_what_does_not_fit_is_refused(bad):
    with pytest.raises(ValueError, match="expected values from 0 to 2047.5"):
        pack([1.0, bad])


def test_what_is_written_is_read(tmp_path):
    dump(tmp_path / "curves.json", SMALL, made_by="me")
    read = load(tmp_path / "curves.json")
    assert (read.axes, read.config, read.seeds) == (SMALL.axes, SMALL.config, SMALL.seeds)
    np.testing.assert_array_equal(read.steps, SMALL.steps)
    np.testing.assert_array_equal(read.curves, SMALL.curves)


def test_a_setting_out_of_order_is_refused(tmp_path):
    path = tmp_path / "curves.json"
    dump(path, SMALL)
    content = json.loads(path.read_text())
    content["settings"][0], content["settings"][1] = content["settings"][1::-1]
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="every setting of a grid, in order"):
        load(path)


def test_lookup():
    np.testing.assert_array_equal(SMALL.at(psi="reward_to_go", gamma=0.9), CURVES[1, 1])
    np.testing.assert_array_equal(SMALL.at(gamma=1.0), CURVES[:, 2])
    assert SMALL.settings()[1] == {"psi": "total_return", "gamma": 0.9}
    with pytest.raises(ValueError, match="gamma: expected one of .*got 0.8"):
        SMALL.at(gamma=0.8)
    with pytest.raises(ValueError, match="expected fields among .*got .'seed'"):
        SMALL.at(seed=0)


def test_the_committed_sweep_is_whole():
    recorded = load()
    assert recorded.seeds == list(range(len(recorded.seeds))) and len(recorded.seeds) >= 5
    assert len(recorded.settings()) >= 100
    assert recorded.curves.min() >= 1 and recorded.curves.max() <= 500
    for setting in recorded.settings():
        Config(**recorded.config, **setting)  # each is one that the trainer takes
    content = json.loads(LAB.read_text("utf-8"))
    assert content["made_by"] == "tools/run_lab_sweep.py"
    assert set(content["versions"]) == {"gymnasium", "numpy", "torch"}
    assert LAB.stat().st_size < 300_000


@pytest.mark.parametrize("row", [0, 67, 134])
@pytest.mark.parametrize("seed", [0, 3])
def test_the_committed_sweep_is_what_the_trainer_does(row, seed):
    """Train again for a while. The first update is the same on every machine.

    Later ones may differ on another processor, where a last digit tips a draw; not by much so soon.
    """
    recorded = load()
    setting = recorded.settings()[row]
    config = Config(**recorded.config, **setting, seed=seed)
    again = on_grid(train(replace(config, max_env_steps=10_000)), recorded.steps[:5])
    difference = np.abs(again - recorded.at(**setting)[seed, :5])
    assert difference[0] <= 0.25
    assert difference.max() <= 10


def test_the_interquartile_mean_leaves_out_a_quarter_at_either_end():
    middle, lower, upper = interquartile(np.array([[1000.0], [2], [3], [4], [5], [6], [7], [-900]]))
    assert middle[0] == np.mean([3, 4, 5, 6]) and lower[0] < middle[0] < upper[0]
    same = interquartile(np.full((10, 2), 7.0))
    assert all((part == 7).all() and part.shape == (2,) for part in same)


def test_the_interval_of_the_interquartile_mean_covers_95_in_100_unless_told():
    """Against SciPy's own percentile bootstrap, and against the level by its name."""
    samples = np.random.default_rng(0).normal(size=200)
    _, lower, upper = interquartile(samples)
    for got, named in zip(interquartile(samples), interquartile(samples, level=0.95), strict=True):
        assert got == named
    for level, ends in ((0.95, (lower, upper)), (0.5, interquartile(samples, level=0.5)[1:])):
        truth = bootstrap(
            (samples,),
            lambda x, axis: trim_mean(x, 0.25, axis=axis),
            n_resamples=5_000,
            confidence_level=level,
            method="percentile",
            rng=np.random.default_rng(1),
        ).confidence_interval
        np.testing.assert_allclose(ends, truth, atol=0.1 * (upper - lower))


@pytest.mark.parametrize("steps", [[0, 10, 10, 20], [0, 20, 10, 30], [[0, 10, 20, 30]], [0, 1]])
def test_steps_go_up(steps):
    with pytest.raises(ValueError, match="expected .*got "):
        replace(SMALL, steps=np.array(steps))
