"""A batch as what environments would have shown to a learner that knows no padding."""

NAMES = ("states", "actions", "rewards", "values", "next_values", "terminated", "truncated")
NAMES += ("old_log_prob", "logits", "next_states")


def streams(batch):
    """Return the batch's fields as [envs, steps, ...].

    Windows are environments side by side. Whole episodes follow each other in one environment, as
    they do when it is reset.
    """
    on = batch.mask.bool()
    if on.all():
        return {name: getattr(batch, name) for name in NAMES}
    return {name: getattr(batch, name)[on][None] for name in NAMES}
