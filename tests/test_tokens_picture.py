"""The tree of answers as it is drawn: every answer has its place, the path its numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from pgbook.tokens import picture
from pgbook.tokens.listing import LanguageModel

MODEL = LanguageModel(3, 3, 2)
THETA = MODEL.random_theta(0)
RIGHT = np.array([text == "ba." for text in MODEL.texts])


def test_answers_stand_in_the_order_of_a_dictionary():
    height = picture.heights(MODEL)
    from_the_top = [MODEL.texts[i] for i in np.argsort(-height)]
    assert from_the_top == sorted(MODEL.texts) and sorted(height) == list(range(15))


def test_a_fork_stands_in_the_middle_of_the_answers_that_begin_there():
    height = picture.heights(MODEL)
    for fork in range(MODEL.num_prefixes):
        begins = MODEL.texts[fork].removesuffix(".")
        through = [
            h for text, h in zip(MODEL.texts, height, strict=True) if text[: len(begins)] == begins
        ]
        assert picture.forks(MODEL)[fork] == pytest.approx(np.mean(through))


@pytest.mark.parametrize("path", ["ba.", ".", "bab"])
def test_the_path_is_written_with_the_policys_chances(path):
    figure = picture.draw(MODEL, THETA, 1, path, RIGHT)
    (ax,) = figure.axes
    words = [text.get_text() for text in ax.texts]
    chances = [float(text.split(" × ")[1]) for text in words if " × " in text]
    answer = MODEL.texts.index(path)
    exact = MODEL.token_log_prob(THETA)[1, answer].exp()[: len(path)]
    assert len(chances) == len(path) and np.abs(np.array(chances) - exact.numpy()).max() <= 0.005
    assert set(MODEL.texts) <= set(words)
    p = MODEL.log_prob(THETA)[1, answer].exp()
    assert ax.get_title(loc="left") == f"p({path} | x) = {p:.4f}"
    plt.close(figure)


def test_the_lines_are_as_wide_as_their_steps_are_likely():
    figure = picture.draw(MODEL, THETA, 0, "ba.", RIGHT)
    steps = [line for line in figure.axes[0].lines if line.get_alpha() == 0.35]
    widths = [line.get_linewidth() for line in steps if line.get_xdata()[0] == 0]
    first = THETA.softmax(-1)[0, 0].numpy()
    np.testing.assert_allclose(sorted(widths), sorted(0.5 + 8 * first), atol=0.006)
    assert len(steps) == 3 * MODEL.num_prefixes
    plt.close(figure)


@pytest.mark.parametrize(("prompt", "path"), [(2, "ba."), (0, "ab"), (-1, "ba."), (0, "abba")])
def test_what_is_not_there_cannot_be_drawn(prompt, path):
    with pytest.raises(ValueError, match="expected .*got "):
        picture.draw(MODEL, THETA, prompt, path, RIGHT)
