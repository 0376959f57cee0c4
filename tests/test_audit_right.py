"""No false alarm: two hundred right losses, in the styles in which people write them."""

import pytest
from audit_right import RIGHT, RIGHT_OF_THEIR_KIND, styles
from pgbook.audit import audit

PLAIN = [(loss, {}) for loss in RIGHT]


@pytest.mark.parametrize(
    ("loss", "arguments"),
    [*PLAIN, *RIGHT_OF_THEIR_KIND],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_right_loss_is_not_accused(loss, arguments):
    report = audit(loss, **arguments)
    assert report.verdict == "gradient", str(report)
    assert report.slips == report.same_slips == ()
    assert report.angle < 1e-4 and abs(report.factor - 1) < 1e-6 and report.probability == 1


@pytest.mark.parametrize("loss", [pytest.param(loss, id=name) for name, loss in styles()])
def test_no_style_is_accused(loss):
    report = audit(loss, sizes=(2,))
    assert report.verdict == "gradient" and not report.slips, str(report)


def test_there_are_two_hundred():
    assert len({name for name, _ in styles()}) + len(RIGHT) >= 200
