"""What paper adds: below each explorable its address, and nothing anywhere else."""

import pgbook_paper
import pytest

pytestmark = pytest.mark.once

HERE = "https://example.org/book/05.html"
ALIVE = '<pg-dial at="1"><p>Still.</p></pg-dial>'
CAPTION = "<figcaption><b>Figure 5.1.</b> A <em>point</em>.</figcaption>"


def where(anchor=""):
    return f'<p class="pg-address">It moves at <a href="{HERE}{anchor}">{HERE}{anchor}</a></p>'


def test_an_explorable_with_a_caption_says_the_address_of_its_figure_below_it():
    figure = f'<figure class="pg-shown" id="explore-one">{ALIVE}{CAPTION}</figure>'
    assert pgbook_paper.addressed(figure, HERE) == figure.replace(
        "</figure>", where("#explore-one") + "</figure>"
    )


def test_an_explorable_alone_says_the_address_of_its_page_and_each_its_own():
    found = pgbook_paper.addressed(f"<p>a</p>{ALIVE}<p>b</p>{ALIVE}{CAPTION}", HERE)
    assert found == f"<p>a</p>{ALIVE}{where()}<p>b</p>{ALIVE}{CAPTION}{where()}"


@pytest.mark.parametrize("still", ["<svg></svg>", '<div class="pg-figure"><svg></svg></div>'])
def test_a_drawing_has_no_address_and_lends_its_name_to_no_neighbour(still):
    drawn = f'<figure class="pg-shown" id="drawn">{still}{CAPTION}</figure>'
    assert pgbook_paper.addressed(drawn, HERE) == drawn
    assert pgbook_paper.addressed(drawn + ALIVE, HERE) == drawn + ALIVE + where()
