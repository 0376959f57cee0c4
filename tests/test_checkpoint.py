"""Checkpoints: the whole trainer comes back, nothing else is read, and no old one is lost."""

import copy
import dataclasses
import io
import os
import stat
import zipfile

import gymnasium
import numpy as np
import pytest
import torch
from pgbook import checkpoint, files
from pgbook.trainer import Config, Trainer
from toy_envs import Bandit, Diary, registered


def trained(env_id, updates=3, **settings):
    trainer = Trainer(Config(env_id=env_id, episodes=2, hidden=(3,), **settings))
    for _ in range(updates):
        trainer.step()
    return trainer


def same(one, other):
    """Whether two nests of dicts, lists and tensors are the same, bit for bit."""
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("updates", [0, 1, 130])
@pytest.mark.parametrize("psi", ["total_return", "gae"])
def test_everything_comes_back_however_long_the_training(tmp_path, updates, psi):
    """What two trainers know: their parts' states, settings and records; and both go on alike."""
    with registered(lambda: Diary([])) as env_id:
        trainer = trained(env_id, updates, psi=psi)
        trainer.save(tmp_path / "checkpoint.pt")
        again = Trainer.load(tmp_path / "checkpoint.pt")
        assert same(again._learned(), trainer._learned()) and again._learned().keys()
        assert again.config == trainer.config and again.records == trainer.records
        assert len(again.records) == updates
        for one in (trainer, again):
            one.step()
        assert same(again._learned(), trainer._learned())
        assert dataclasses.astuple(again.records[-1]) == dataclasses.astuple(trainer.records[-1])


@pytest.fixture
def stored(tmp_path):
    """A good checkpoint of the bandit, while that is registered: its path, and its content."""
    with registered(Bandit) as env_id:
        path = tmp_path / "checkpoint.pt"
        trained(env_id, psi="gae").save(path)
        yield path, torch.load(path, weights_only=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no checkpoint at all\n",
        b"\x80\x04\x95",
        b"PK\x03\x04" + bytes(60),
        bytes(10_000),
        b'{"config": {"seed": 1}}',
        b"\x80\x02e.",
        b"1" * 50_000,
    ],
    ids=lambda content: repr(content[:8]),
)
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "other.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="other.pt: expected a checkpoint .*, got"):
        Trainer.load(path)


def test_a_cut_or_damaged_checkpoint_is_refused_wherever_it_is_cut(stored, tmp_path):
    path, _ = stored
    whole, broken = path.read_bytes(), tmp_path / "broken.pt"
    for length in np.linspace(0, len(whole) - 1, 40).astype(int):
        broken.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="broken.pt: expected a checkpoint .*, got"):
            Trainer.load(broken)


def test_a_zip_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/readme.txt", "hello")
    with pytest.raises(ValueError, match="other.zip: expected a checkpoint .*, got"):
        Trainer.load(path)


FOREIGN = {"a tensor": torch.zeros(3), "a list": [1, 2], "weights": {"layers.0": torch.zeros(2)}}


@pytest.mark.parametrize("kind", FOREIGN)
def test_another_file_of_torch_is_refused(tmp_path, kind):
    torch.save(FOREIGN[kind], tmp_path / "foreign.pt")
    with pytest.raises(ValueError, match="foreign.pt: expected a checkpoint .*, got another file"):
        Trainer.load(tmp_path / "foreign.pt")


def test_nothing_in_a_file_is_executed(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    torch.save({"config": Trap()}, tmp_path / "trap.pt")
    with pytest.raises(ValueError, match="trap.pt: expected a checkpoint .*, got"):
        Trainer.load(tmp_path / "trap.pt")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("number", [None, 1, checkpoint.FORMAT + 1, "2"])
def test_a_checkpoint_of_another_version_is_refused(stored, number):
    path, content = stored
    content.pop("format")
    torch.save(content if number is None else {**content, "format": number}, path)
    with pytest.raises(ValueError, match="expected a checkpoint .*, got one of another version"):
        Trainer.load(path)


def without(*keys):
    def change(content):
        for key in keys[:-1]:
            content = content[key]
        del content[keys[-1]]

    return change


def put(value, *keys):
    def change(content):
        for key in keys[:-1]:
            content = content[key]
        content[keys[-1]] = value

    return change


CHANGES = {
    "no policy": without("policy"),
    "no critic": without("critic"),
    "no optimiser": without("optimizer"),
    "no records": without("records"),
    "a weight missing": without("policy", "layers.0"),
    "a weight of another shape": put(torch.zeros(7), "policy", "layers.0"),
    "no weights": put(None, "policy"),
    "records of numbers": put([1, 2], "records"),
    "a field too many": put(1, "records", 0, "colour"),
    "a field too few": without("records", 0, "loss"),
    "a setting too many": put(1, "config", "colour"),
    "a bad setting": put(7.0, "config", "gamma"),
    "another network": put((8, 8), "config", "hidden"),
    "settings of a list": put([1], "config"),
    "an unknown environment": put("NotHere-v0", "config", "env_id"),
    "another environment": put("CartPole-v1", "config", "env_id"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_checkpoint_that_does_not_fit_is_refused(stored, kind):
    path, content = stored
    CHANGES[kind](content)
    torch.save(content, path)
    with pytest.raises(ValueError, match="checkpoint.pt: expected a checkpoint that fits, got"):
        Trainer.load(path)


def test_an_environment_that_is_not_registered_is_named(stored):
    path, _ = stored
    spec = gymnasium.registry.pop("PgbookToy-v0")
    try:
        with pytest.raises(ValueError, match="env_id: expected a registered .*PgbookToy-v0"):
            Trainer.load(path)
    finally:
        gymnasium.registry["PgbookToy-v0"] = spec


def test_a_path_that_is_no_file_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Trainer.load(tmp_path / "nowhere.pt")
    with pytest.raises(OSError):
        Trainer.load(tmp_path)
    with registered(Bandit) as env_id, pytest.raises(OSError):
        trained(env_id, 1).save(tmp_path / "nowhere" / "checkpoint.pt")


class Full(io.RawIOBase):
    """A file on a disk that is full after 100 bytes."""

    def __init__(self, file):
        """Wrap a file."""
        self.file, self.room = file, 100

    def write(self, content):
        """Write what fits."""
        self.file.write(bytes(content)[: self.room])
        raise OSError(28, "No space left on device")

    def close(self):
        """Close the file below."""
        self.file.close()


@pytest.mark.parametrize("moment", ["write", "fsync", "rename"])
@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_a_full_disk_or_an_interrupt_leaves_the_old_checkpoint(stored, monkeypatch, moment, error):
    path, _ = stored
    before, newer = path.read_bytes(), Trainer.load(path)
    newer.step()

    def fails(*args, **kwargs):
        raise error

    with monkeypatch.context() as patch:
        if moment == "write":
            opened = files.Path.open
            patch.setattr(files.Path, "open", lambda path, mode: Full(opened(path, mode)))
        else:
            patch.setattr(files.os, {"fsync": "fsync", "rename": "replace"}[moment], fails)
        with pytest.raises((OSError, KeyboardInterrupt)):
            newer.save(path)
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]
    newer.save(path)
    assert len(Trainer.load(path).records) == 4 and list(path.parent.iterdir()) == [path]


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path, monkeypatch):
    """At the moment of the rename both are whole."""
    path, seen, rename = tmp_path / "file", [], os.replace
    path.write_bytes(b"old")

    def look(source, target):
        seen.append((source.read_bytes(), path.read_bytes(), source.parent == path.parent))
        rename(source, target)

    monkeypatch.setattr(files.os, "replace", look)
    files.write_whole(path, b"new")
    assert seen == [(b"new", b"old", True)] and path.read_bytes() == b"new"


def test_a_link_stays_a_link_and_a_new_file_has_the_usual_rights(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    files.write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_bytes() == b"new"
    (tmp_path / "usual").touch()
    files.write_whole(str(tmp_path / "made"), b"")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "made")}
    assert len(modes) == 1


def test_saving_changes_nothing(stored):
    path, _ = stored
    trainer = Trainer.load(path)
    before = copy.deepcopy((trainer._learned(), trainer.records))
    trainer.save(path)
    assert same((trainer._learned(), trainer.records), before)
