"""What an adapter hands to the audit: one loss or update of one library, with one setting."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One function of a library with one setting of its options.

    Attributes:
        function: the dotted name of what runs.
        settings: the options that matter, by the library's own names; the others are its defaults.
        run: takes a `pgbook.audit.Batch`; gives a scalar loss, or minus the gradient if `update`.
        says: what the library's documentation claims, in our words; empty where it claims nothing.
        where: the place of that claim.
        default: whether the settings are the library's own defaults.
        update: whether `run` returns minus the gradient instead of a loss.
        sampling: the schemes under which the audit lists its batches.
        prompts: whether the loss groups its batch by prompt.
        beta: the factor of a divergence from the reference policy; 0 without one.
    """

    function: str
    settings: dict
    run: Callable
    says: str = ""
    where: str = ""
    default: bool = False
    update: bool = False
    sampling: tuple[str, ...] = ("episodes",)
    prompts: bool = False
    beta: float = 0.0
