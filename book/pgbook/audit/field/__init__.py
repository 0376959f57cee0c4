"""Losses that were reported as wrong in public, right or wrong, each written anew for the audit."""

from pgbook.audit.field import episodes, tokens
from pgbook.audit.field.record import FieldReport

REPORTS: tuple[FieldReport, ...] = episodes.REPORTS + tokens.REPORTS
"""Every report, those about episodes first."""

__all__ = ["REPORTS", "FieldReport"]
