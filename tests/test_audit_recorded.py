"""Recorded batches of a training run: what they show, and what they do not."""

import pytest
import torch
from pgbook.audit import audit_recorded, record
from pgbook.audit.recorded import Recording


class Model(torch.nn.Module):
    """A policy over tokens that no tiny world could give: a recurrent network."""

    def __init__(self):
        super().__init__()
        self.tokens = torch.nn.Embedding(5, 8)
        self.cell = torch.nn.GRU(8, 16, batch_first=True)
        self.out = torch.nn.Linear(16, 5)

    def log_prob(self, answers):
        """Return the log-probability of each token after those before it."""
        before = torch.nn.functional.pad(answers[:, :-1], (1, 0))
        logits = self.out(self.cell(self.tokens(before))[0])
        return logits.log_softmax(-1).gather(-1, answers[..., None])[..., 0]


def recordings(loss, shapes=((4, 6), (6, 5), (8, 7)), **fields):
    """Train a few steps with a loss of (log_prob, rewards, mask) and record each."""
    torch.manual_seed(0)
    model, found = Model(), []
    for episodes, steps in shapes:
        answers = torch.randint(5, (episodes, steps))
        mask = (torch.arange(steps) < torch.randint(2, steps + 1, (episodes, 1))).float()
        mask[0] = 1.0
        rewards = torch.randn(episodes, steps) * mask
        extra = {name: make(rewards) for name, make in fields.items()}
        log_prob = model.log_prob(answers)
        value = loss(log_prob, rewards, mask, *extra.values())
        found.append(record(value, log_prob, rewards=rewards, mask=mask, **extra))
        value.backward()  # the graph is still there
    return found


def R(rewards, mask):
    return (rewards * mask).sum(1, keepdim=True)


def plain(log_prob, rewards, mask):
    return -(log_prob * R(rewards, mask) * mask).sum() / len(mask)


def leave_one_out(log_prob, rewards, mask):
    paid = R(rewards, mask)
    psi = paid - (paid.sum() - paid) / (len(paid) - 1)
    return -(log_prob * psi * mask).sum() / len(mask)


def grpo(log_prob, rewards, mask):
    paid = R(rewards, mask)
    psi = (paid - paid.mean()) / (paid.std() + 1e-4)
    return -((log_prob * psi * mask).sum(1) / mask.sum(1)).mean()


@pytest.mark.parametrize("loss", [plain, leave_one_out])
def test_a_right_loss_is_explained_without_slips(loss):
    report = audit_recorded(recordings(loss))
    assert report.recognised and report.clean and report.slips == () and report.padded == 0
    assert report.factor == pytest.approx(1, abs=1e-5) and "expectation is the gradient" in str(
        report
    )


@pytest.mark.parametrize(
    ("loss", "slips"),
    [
        (grpo, {"own-sample-mean", "group-deviation", "own-length-mean"}),
        (lambda p, r, m: -plain(p, r, m), {"wrong-sign"}),
        (lambda p, r, m: plain(p, r, m) * len(m), {"sum-over-batch"}),
        (lambda p, r, m: -(p * R(r, m) * m).mean(), {"mean-over-padding"}),
        (lambda p, r, m: -(p * R(r, m) * m).sum() / m.sum(), {"token-mean"}),
        (lambda p, r, m: -(p.exp() * R(r, m) * m).sum() / len(m), {"probability"}),
    ],
)
def test_slips_are_named(loss, slips):
    report = audit_recorded(recordings(loss))
    assert report.recognised and set(report.slips) == slips and not report.clean


def test_a_forgotten_mask_is_seen_in_the_pull():
    report = audit_recorded(recordings(lambda p, r, m: -(p * R(r, m)).sum() / len(m)))
    assert report.slips == ("mask-forgotten",) and 0.05 < report.padded < 0.95
    assert "% of the pull rests on steps after an end" in str(report)


def test_a_critic_is_part_of_the_explanation_only_if_it_is_recorded():
    def loss(log_prob, rewards, mask, values, next_values):
        delta = rewards + next_values * (1 - ends(mask)) - values
        return -(log_prob * delta * mask).sum() / len(mask)

    def ends(mask):
        return mask - torch.nn.functional.pad(mask[:, 1:], (0, 1))

    seen = recordings(loss, values=torch.randn_like, next_values=torch.randn_like)
    assert audit_recorded(seen).slips == ("one-step-critic",)
    parts = [{"rewards": one.rewards, "mask": one.mask, "pull": one.pull} for one in seen]
    assert not audit_recorded([Recording(**part) for part in parts]).recognised


def test_what_is_not_known_gets_no_verdict():
    report = audit_recorded(recordings(lambda p, r, m: -(p * R(r, m).exp() * m).sum()))
    assert not report.recognised and not report.clean and report.slips == ()
    assert "say nothing about its expectation" in str(report)


def test_bad_recordings_are_refused():
    pull = torch.zeros(2, 3)
    with pytest.raises(
        ValueError, match=r"rewards: expected shape \[K, T\] = \(2, 3\), got \(2,\)"
    ):
        Recording(pull=pull, rewards=torch.zeros(2), mask=pull)
    with pytest.raises(ValueError, match="expected at least one"):
        audit_recorded([])
    log_prob = torch.zeros(2, 3, requires_grad=True)
    with pytest.raises(ValueError, match="computed from this log_prob"):
        record((torch.zeros((), requires_grad=True) * 2), log_prob, rewards=pull, mask=pull)
