"""Every public function of the trainer's modules on random input: right, or a clear refusal."""

import dataclasses
import inspect
import math
import tempfile
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st
from pgbook import checkpoint, config, files, loop, loss, mlp, network, rollout, sweep, trainer
from pgbook import settings as checks
from toy_envs import Diary, registered

MODULES = (checkpoint, checks, config, files, loop, loss, mlp, network, rollout, sweep, trainer)
RNG = np.random.default_rng
SHAPES = st.lists(st.integers(0, 3), max_size=3).map(tuple)
DTYPES = st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.int8, np.uint8, bool])
ODD = st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -2.0, 1e30, -1e-30, 1e300, np.nan, np.inf])
ANYTHING = st.one_of(
    ODD, ODD.map(np.float64), st.integers(-2, 9), st.integers(-2, 9).map(np.int64), st.none(),
    st.booleans(), st.text(max_size=3), st.tuples(ODD, ODD), st.just(1j), st.just(10**400),
)  # fmt: skip


@st.composite
def arrays(draw, shapes=SHAPES):
    """Draw an array of any small shape and dtype; half of them hold odd numbers."""
    shape, rng = draw(shapes), RNG(draw(st.integers(0, 9)))
    values = np.asarray(rng.normal(size=shape) * 2)
    if draw(st.booleans()) and values.size:
        values.flat[rng.integers(values.size)] = draw(ODD)
    with np.errstate(all="ignore"):
        return values.astype(draw(DTYPES))


def answer(call):
    """Return the answer, or None for a refusal; that must say expected and got."""
    try:
        return call()
    except ValueError as error:
        assert "expected" in str(error) and "got" in str(error), error
        return None


def near(one, other, rtol=1e-4):
    np.testing.assert_allclose(one, other, rtol=rtol, atol=1e-4, equal_nan=True)


def formula(policy, x):
    """The network in float64, layer by layer."""
    *hidden, (weight, bias) = [
        (policy.layers[i].detach().numpy().astype(float), policy.layers[i + 1].detach().numpy())
        for i in range(0, len(policy.layers), 2)
    ]
    x = x.astype(np.float32).astype(float) / policy.scale.numpy()
    for w, b in hidden:
        x = np.tanh(x @ w + b)
    return x @ weight + bias


def shaken(policy):
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.copy_(torch.tensor(RNG(1).normal(size=parameter.shape)))
    return policy


def networks(data):
    """Observations of any shape in torch and in NumPy, through each class."""
    made = data.draw(st.sampled_from([mlp.CategoricalMLP, mlp.GaussianMLP, mlp.Critic]))
    policy = shaken(made((2, 3, 2) if made is not mlp.Critic else (2, 3), rng=RNG(0)))
    x = data.draw(arrays())
    with np.errstate(over="ignore"):
        finite = np.isfinite(x.astype(np.float32)).all()
    outputs = answer(lambda: policy.in_numpy()(x))
    assert (outputs is None) == (x.shape[-1:] != (2,) or not finite)
    if outputs is not None:
        near(outputs, formula(policy, x))
        in_torch = policy(torch.from_numpy(x)).detach().numpy()
        near(in_torch if made is not mlp.Critic else in_torch[..., None], outputs)
        assert (answer(lambda: policy.on_batches()(x)) is None) == (x.ndim != 2)
    elif x.shape[-1:] != (2,):
        assert answer(lambda: policy(torch.from_numpy(x))) is None


def sizes(data):
    """A network of any sizes and scale, or none."""
    layers = data.draw(st.lists(ANYTHING, max_size=3))
    scale = data.draw(st.one_of(st.none(), arrays()))
    made = answer(lambda: network.MLP(layers, rng=RNG(0), scale=scale))
    if made is not None:
        assert [*made.layers[0].shape][0] == layers[0] and made.layers[-1].shape == layers[-1:]
        assert scale is None or np.allclose(made.scale, scale.astype(np.float32))


def log_probs(data):
    """Log probabilities of any observations and actions."""
    made = data.draw(st.sampled_from([mlp.CategoricalMLP, mlp.GaussianMLP]))
    policy, lead = shaken(made((2, 2), rng=RNG(0))), data.draw(SHAPES)
    x = RNG(0).normal(size=(*lead, 2)).astype(np.float32)
    fitting = lead if made is mlp.CategoricalMLP else (*lead, 2)
    actions = data.draw(arrays(st.one_of(SHAPES, st.just(fitting))))
    log_prob = answer(lambda: policy.log_prob(torch.from_numpy(x), torch.from_numpy(actions)))
    fits = actions.shape == fitting
    if made is mlp.CategoricalMLP:
        fits = fits and np.isin(actions, [0, 1]).all()
    assert (log_prob is not None) == bool(fits)
    if fits and made is mlp.CategoricalMLP:
        expected = [np.log(policy.probabilities(x[i])[int(actions[i])]) for i in np.ndindex(lead)]
        near(log_prob.detach().numpy().ravel(), expected)
    elif fits and np.isfinite(actions).all() and np.abs(actions).max(initial=0) < 1e4:
        std, mean = np.exp(policy.log_std.detach().numpy()), policy.in_numpy()(x)
        z = (actions.astype(float) - mean) / std
        near(log_prob.detach(), (-(z**2) / 2 - np.log(std * np.sqrt(2 * np.pi))).sum(axis=-1))


def actors(data):
    """Actions for any observations, drawn or greedy."""
    made = data.draw(st.sampled_from([mlp.CategoricalMLP, mlp.GaussianMLP]))
    policy, x = shaken(made((2, 2), rng=RNG(0))), data.draw(arrays())
    for act in (policy.actor(), policy.greedy()):
        actions = answer(lambda act=act: act(x, RNG(0)))
        if actions is not None:
            assert x.ndim == 2 and x.shape[1] == 2
            shape = (len(x),) if made is mlp.CategoricalMLP else (len(x), 2)
            assert actions.shape == shape and np.isfinite(actions).all()
            assert made is mlp.GaussianMLP or np.isin(actions, [0, 1]).all()


def units(data):
    """The critic's units from any returns."""
    returns, critic = data.draw(arrays()), mlp.Critic((2,), rng=RNG(0))
    usable = returns.size and returns.dtype != bool and np.isfinite(returns).all()
    with np.errstate(over="ignore"):
        done = answer(lambda: critic.set_units(returns) or True)
    if usable and np.abs(returns.astype(float)).max() < 1e10:
        assert done
        near(critic.centre, returns.mean(dtype=float))
        near(critic.spread, returns.std(dtype=float) or 1.0)
    elif not returns.size or not np.isfinite(returns).all():
        assert done is None and (critic.centre, critic.spread) == (0, 1)


SPACES = st.sampled_from(
    [
        spaces.Discrete(3), spaces.Discrete(2, start=1), spaces.Box(-1, 1, (2,)),
        spaces.Box(-1, 1, (2,), np.float64), spaces.Box(0, 9, (2,), np.int64),
        spaces.Box(-1, 1, ()), spaces.Box(-1, 1, (2, 2)), spaces.Box(-1, 1, (0,)),
        spaces.MultiDiscrete([2, 3]), spaces.MultiBinary(2), spaces.Text(3),
        spaces.Dict({"x": spaces.Discrete(2)}), spaces.Tuple((spaces.Discrete(2),)),
    ]
)  # fmt: skip


def policies(data):
    """A policy for any two spaces: its actions lie in the action space, or nearly (a Gaussian)."""
    seen, done = data.draw(SPACES), data.draw(SPACES)
    policy = answer(lambda: mlp.make_policy(seen, done, hidden=(2,), rng=RNG(0)))
    if policy is not None:
        x = np.stack([seen.sample() for _ in range(4)])
        actions = policy.actor()(x, RNG(0))
        assert actions.shape == (4, *done.shape)
        assert isinstance(done, spaces.Box) or all(done.contains(action) for action in actions)


def losses(data):
    """The loss of any arrays, against its sum in a loop."""
    shape = data.draw(SHAPES)
    log_prob, psi, old = (
        torch.from_numpy(data.draw(arrays(st.one_of(st.just(shape), SHAPES)))).double()
        for _ in range(3)
    )
    episodes, clip = data.draw(st.one_of(st.integers(-1, 4), ODD)), data.draw(ANYTHING)
    if not isinstance(clip, float | None):
        clip = 0.2
    old = data.draw(st.sampled_from([old, None]))
    got = answer(lambda: loss.policy_loss(log_prob, psi, episodes, old, clip))
    if got is None:
        return
    assert log_prob.shape == psi.shape and episodes >= 1 and (old is None) == (clip is None)
    total = 0.0
    with np.errstate(all="ignore"):
        for i in np.ndindex(tuple(log_prob.shape)):
            a, w = np.float64(log_prob[i]), np.float64(psi[i])
            term = a * w
            if clip is not None:
                ratio = np.exp(a - np.float64(old[i]))
                bounded = np.clip(ratio, 1 - clip, 1 + clip)
                term = np.minimum(ratio * w, bounded * w)
            total = total - term / episodes
        near(got, total)


def settings(data):
    """Any value for any setting: plain and equal, or refused by name."""
    name = data.draw(st.sampled_from([field.name for field in dataclasses.fields(config.Config)]))
    value = data.draw(ANYTHING)
    made = answer(lambda: config.Config(**{name: value}))
    if made is not None:
        plain = getattr(made, name)
        assert plain == value and type(plain) in (int, float, bool, str, tuple, type(None))
        assert not isinstance(value, bool) or name == "standardise"
        assert dataclasses.replace(made) == made


def rollouts(data):
    """Arrays of any shape as a rollout."""
    n, t = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))
    fitting = {name: (n, t) for name in ("actions", "rewards", "mask", "terminated", "truncated")}
    made = {
        name: data.draw(arrays(st.one_of(st.just(shape), SHAPES)))
        for name, shape in {"observations": (n, t + 1), **fitting}.items()
    }
    mask = made["mask"].astype(bool)
    record = answer(lambda: rollout.Rollout(**made | {"mask": mask}))
    if record is not None:
        assert made["rewards"].shape == mask.shape == made["truncated"].shape and mask.ndim == 2
        assert record.env_steps == mask.sum() == record.lengths.sum()
        assert record.discarded_steps == mask.size - mask.sum()
        with np.errstate(all="ignore"):
            rows = [sum(row) for row in made["rewards"].astype(float)]
            near(record.returns.astype(float), np.array(rows), rtol=1e-2)


def environments(data):
    """Any id and any number of environments."""
    env_id = data.draw(st.one_of(ANYTHING, st.sampled_from(["CartPole-v1", "Pendulum-v1"])))
    count = data.draw(ANYTHING)
    spec = answer(lambda: rollout.find_spec(env_id))
    few = [spaces.Discrete(3), spaces.Box(0, 1, (2, 2)), spaces.Graph(spaces.Discrete(2), None)]
    space = data.draw(st.sampled_from([*few, spaces.Dict(a=few[0], b=few[1])]))
    rows = rollout.flat(space)
    endless = isinstance(space, spaces.Graph)
    assert rows is None if endless else rows.shape == (spaces.flatdim(space),)
    envs = answer(lambda: rollout.make_envs(env_id, count))
    assert spec is None or spec.id == env_id
    if envs is not None:
        assert envs.num_envs == count and rollout.time_limit(envs) == spec.max_episode_steps
        envs.close()


def collecting(data):
    """Actions of any shape and type, drawn at random: as the diary says, or refused."""
    kinds, diary = data.draw(st.sampled_from([3, 0])), []
    shape = (2,) if kinds else (2, 2)
    actions = data.draw(arrays(st.one_of(st.just(shape), SHAPES)))
    with registered(lambda: Diary(diary, actions=kinds)) as env_id:
        envs = rollout.make_envs(env_id, 2)
        found = answer(lambda: rollout.collect(envs, lambda x, rng: actions, RNG(0)))
    if kinds:
        fits = (
            actions.shape == (2,)
            and actions.dtype.kind in "iub"
            and np.isin(actions, range(3)).all()
        )
    else:
        fits = actions.shape == (2, 2) and np.isfinite(actions).all()
    assert (found is not None) == bool(fits)
    for i, page in enumerate(diary if fits else []):
        [episode] = [e for e in page if e["seeded"]]
        length = len(episode["rewards"])
        assert found.lengths[i] == length and found.returns[i] == pytest.approx(
            sum(episode["rewards"])
        )
        assert np.array_equal(found.observations[i, : length + 1], episode["observations"])
        limited = np.clip(actions[i], -1, 1) if not kinds else actions[i]
        assert np.array_equal(episode["actions"], [limited] * length)
        assert found.terminated[i].sum() == episode["terminated"]


def checkpoints(data):
    """Any content comes back; any bytes are refused."""
    keys = st.text(max_size=3)
    content = {"config": data.draw(st.dictionaries(keys, st.one_of(st.integers(), st.floats())))}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        checkpoint.write(path, content)
        assert repr(checkpoint.read(path)) == repr(content)
        stored = data.draw(st.binary(max_size=40))
        files.write_whole(path, stored)
        assert path.read_bytes() == stored and [*path.parent.iterdir()] == [path]
        assert answer(lambda: checkpoint.read(path)) is None


def runs(data):
    """A run comes back from its file, and its curve at any number of steps."""
    numbers = st.floats(-1e6, 1e6)
    rows = data.draw(st.lists(st.tuples(st.integers(1, 9), numbers, numbers), max_size=4))
    steps, *curves = ([row[i] for row in rows] for i in range(3))
    steps = np.cumsum(steps, dtype=int).tolist()
    run = sweep.Run(
        config.Config(), tuple(steps), *map(tuple, curves), stopped=data.draw(st.none() | st.text())
    )
    with tempfile.TemporaryDirectory() as folder:
        sweep.save(Path(folder), run, sweep.versions())
        assert sweep.load(Path(folder), run.config) == run
    at, curve = data.draw(st.floats(-5, 60)), data.draw(st.sampled_from(["mean_100", "returns"]))
    got = answer(lambda: sweep.on_grid(run, [at], curve))
    assert (got is None) == (curve == "returns")
    if got is not None:
        found = math.nan
        for i, step in enumerate(steps):
            if at <= step:
                left = max(i - 1, 0)
                part = (at - steps[left]) / (step - steps[left]) if i else 0.0
                found = run.mean_100[left] + part * (run.mean_100[i] - run.mean_100[left])
                break
        near(got[0], found)


def grids(data):
    """Axes of any values."""
    axes = data.draw(
        st.dictionaries(
            st.sampled_from(["gamma", "n", "seed"]),
            st.one_of(ANYTHING, st.lists(ANYTHING, max_size=3)),
        )
    )
    made = answer(lambda: sweep.grid(config.Config(), **axes))
    if made is not None:
        assert len(made) == math.prod(map(len, axes.values()))
        assert [getattr(made[-1], name) for name in axes] == [v[-1] for v in axes.values()]


def training(data):
    """Two updates with any small settings are repeated by a sweep, and by a checkpoint."""
    psi = data.draw(st.sampled_from(sorted(config.WEIGHTS)))
    choices = {
        "psi": psi, "episodes": data.draw(st.integers(2, 3)), "gamma": data.draw(st.floats(0, 1)),
        "hidden": data.draw(st.sampled_from([(), (2,)])), "epochs": data.draw(st.integers(1, 2)),
        "clip": data.draw(st.sampled_from([None, 0.2, math.inf])),
        "seed": data.draw(st.integers(0, 2**70)),
        "standardise": data.draw(st.booleans()), "max_env_steps": data.draw(st.integers(1, 20)),
    }  # fmt: skip
    with registered(lambda: Diary([])) as env_id, tempfile.TemporaryDirectory() as folder:
        chosen = config.Config(env_id=env_id, **choices)
        learner = trainer.Trainer(chosen)
        records = list(learner)
        assert records[-1].env_steps >= chosen.max_env_steps and not learner.solved
        assert all(r.env_steps < chosen.max_env_steps for r in records[:-1])
        learner.save(Path(folder) / "file.pt")
        assert trainer.Trainer.load(Path(folder) / "file.pt").records == records
        [run] = sweep.sweep([chosen], Path(folder) / "runs", jobs=1)
        assert run == sweep.train(chosen)
        assert run.mean_100 == tuple(record.mean_100 for record in records)
        assert learner.step().update == len(records) + 1


PROPERTIES = {  # every public name, and the property that it stands in
    networks: "network.network MLP.forward MLP.in_numpy MLP.on_batches Critic.forward",
    sizes: "MLP",
    log_probs: "CategoricalMLP.log_prob GaussianMLP.log_prob CategoricalMLP.probabilities",
    actors: "CategoricalMLP.actor CategoricalMLP.greedy GaussianMLP.actor GaussianMLP.greedy",
    units: "Critic Critic.set_units",
    policies: "mlp.make_policy CategoricalMLP GaussianMLP",
    losses: "loss.policy_loss",
    settings: "Config settings.make_plain settings.whole settings.between settings.optional "
    "settings.each settings.one_of settings.flag settings.or_infinity settings.steps "
    "settings.FRACTION settings.RATE",
    rollouts: "Rollout Rollout.lengths Rollout.returns Rollout.env_steps Rollout.discarded_steps",
    environments: "rollout.find_spec rollout.flat rollout.make_envs rollout.time_limit",
    collecting: "rollout.collect",
    checkpoints: "checkpoint.read checkpoint.write files.write_whole",
    runs: "Run sweep.save sweep.load sweep.on_grid sweep.versions",
    grids: "sweep.grid",
    training: "Trainer Trainer.settings Trainer.record Trainer.solved Trainer.finished Progress "
    "Loop Loop.step Loop.save Loop.load loop.stopped sweep.train sweep.sweep",
}


def public():
    """The public functions, classes and methods of the modules, exceptions apart."""
    for module in MODULES:
        for name, thing in vars(module).items():
            mine = getattr(thing, "__module__", None) == module.__name__ and name[0] != "_"
            if mine and inspect.isclass(thing) and not issubclass(thing, Exception):
                yield name
                yield from (
                    f"{name}.{part}"
                    for part, value in vars(thing).items()
                    if part[0] != "_"
                    and (callable(value) or isinstance(value, property | classmethod))
                )
            elif mine and not inspect.isclass(thing) and callable(thing):
                yield f"{module.__name__.split('.')[-1]}.{name}"


def test_every_public_name_stands_in_a_property():
    names = [name for text in PROPERTIES.values() for name in text.split()]
    assert sorted(names) == sorted(set(public()))


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
@given(data=st.data())
def test_the_answer_is_right_or_a_refusal(holds, data):
    holds(data)
    assert gymnasium.spec("CartPole-v1").max_episode_steps == 500  # nothing is left registered over
