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


def test_no_style_is_accused():
    accused, names = {}, set()
    for name, loss in styles():
        report = audit(loss, sizes=(2,))
        names.add(name)
        if report.verdict != "gradient" or report.slips:
            accused[name] = str(report)
    assert not accused
    assert len(names) + len(RIGHT) >= 200
