"""The compass' mean updates as Python's audit lists them."""

import itertools
from dataclasses import replace

import numpy as np
import torch
from pgbook import rules
from pgbook.audit.batch import make_batch
from pgbook.audit.compare import angle_between
from pgbook.audit.listing import endless_batch, every_batch, stories
from pgbook.audit.measure import measure
from pgbook.audit.subject import Subject, update_of
from pgbook.audit.truth import Objective, gradient
from pgbook.audit.worlds import COMPASS, World, level, right_critic

POOLED = ("mean-at-t", "standardised")  # compared with the whole batch's


def setting(prompts: str, equal: bool, error: float) -> tuple[World, np.ndarray]:
    """The compass' world and critic."""
    world = level(COMPASS) if equal else COMPASS
    world = replace(world, starts=(0,)) if prompts == "one" else world
    return world, right_critic(world, discounted=False) + error * world.error


def limit(world: World, critic: np.ndarray, advantage: str, mean: str) -> np.ndarray:
    """The update of a batch that holds every story at its exact share, [S, A]."""
    same = {"leave-one-out": "group-mean"}.get(advantage, advantage)  # as K grows
    theta = torch.tensor(world.theta, requires_grad=True)
    batch = make_batch(theta, endless_batch(world, critic=critic), world.gamma)
    return update_of(Subject(rules.loss(same, mean)), batch)


def mean_update(advantage: str, mean: str, size: str, prompts: str, *, equal: bool, error: float):
    """The mean update, [S, A], and the true gradient."""
    world, critic = setting(prompts, equal, error)
    truth = gradient(world, Objective())
    pooled = prompts == "endless" and advantage in POOLED
    if size == "endless" or pooled:
        return limit(world, critic, advantage, mean), truth
    listing = every_batch(world, int(size), critic=critic)
    if prompts == "endless" and mean == "tokens":  # the mean number of tokens is a constant then
        told = stories(world, critic)
        steps = told.parts["mask"].sum(1).numpy() @ told.probability(world.policy())
        sums = measure(Subject(rules.loss(advantage, "episodes")), listing).mean
        return sums / (steps / len(world.starts)), truth
    return measure(Subject(rules.loss(advantage, mean)), listing).mean, truth


def numbers(rule: str = "group-deviation", mean: str = "answers", **given) -> dict:
    """What the explorable's readouts say of rule A."""
    world = {"size": "4", "prompts": "two", "error": 0.75, "equal": False} | given
    update, truth = mean_update(rule, mean, **world)
    angle = angle_between(update, truth)
    return {
        "angleA": "0°" if angle < 1e-6 else f"{angle:.1f}°",
        "lengthA": f"{np.linalg.norm(update) / np.linalg.norm(truth):.2f}",
    }


def compass_vectors() -> dict:
    """The world, and every rule at K = 2 and 3; at K = 4 and in the limit, those that matter."""
    worlds = [
        *itertools.product(("one", "two", "endless"), ("2", "endless"), (False, True), (1.0,)),
        *(("one", "4", False, 0.5), ("two", "3", False, 0.5), ("endless", "3", False, 0.0)),
    ]
    cases = []
    for prompts, size, equal, error in worlds:
        for rule, mean in itertools.product(rules.ADVANTAGES, rules.MEANS):
            same = {"prompts": prompts, "size": size, "equal": equal, "error": error}
            update, truth = mean_update(rule, mean, **same)
            found = {"update": update.ravel().tolist(), "truth": truth.ravel().tolist()}
            cases.append({"rule": {"advantage": rule, "mean": mean}, "setting": same, **found})
    world = COMPASS
    shown = {
        "policy": world.policy().tolist(),
        "reward": world.reward[..., 0].tolist(),
        "error": world.error[:2, :-1].tolist(),
        "next": world.transition[:2, :, :-1].argmax(-1).tolist(),
        "ends": world.transition[0, 0, -1],
        "gamma": world.gamma,
        "lambda": rules.LAMBDA,
    }
    return {"world": shown, "cases": cases}
