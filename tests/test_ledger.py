"""The ledger: what passes, what must not, what a check shows and records."""

import dataclasses
import json

import numpy as np
import pytest
from pgbook.ledger import (
    MIME,
    Check,
    CheckFailed,
    ControlPassed,
    check,
    read_equations,
    statistical_check,
    z_score,
)


def sides(factor=2.0, data=(1.0, 2.0)):
    """Doubling against adding twice."""
    data = np.asarray(data)
    return factor * data, data + data


def run(sides=sides, *, tolerance=1e-9, replace=None, label="eq-double"):
    replace = {"factor": 2.5} if replace is None else replace
    return check(
        label, "product vs sum", sides, tolerance=tolerance, control="half more", replace=replace
    )


def distance(samples=(1.0, 2.0, 3.0, 4.0), truth=2.0):
    """Mean 2.5, standard error sqrt(5/3)/2 = 0.645."""
    return z_score(np.array(samples), truth)


def run_statistic(statistic=distance, *, replace=None):
    replace = {"truth": 100.0} if replace is None else replace
    return statistical_check(
        "eq-mean", "mean vs truth", statistic, control="another", replace=replace
    )


# --- identities ---------------------------------------------------------------------------------


def test_a_check_that_passes_says_so_in_one_line():
    result = run()
    assert isinstance(result, Check)
    assert repr(result) == (
        "eq-double ✓ product vs sum: residual < 1e-09 | control (half more): 1.0e+00"
    )


def test_a_check_whose_sides_differ_fails():
    with pytest.raises(CheckFailed, match="eq-double: product vs sum: expected < 1e-09, got 0.2"):
        run(lambda factor=2.1: sides(factor))


def test_a_residual_equal_to_the_tolerance_is_not_below_it():
    with pytest.raises(CheckFailed, match="expected < 0.5, got 0.5"):
        run(lambda x=0.5: (x, 0.0), tolerance=0.5, replace={"x": 1e6})


def test_one_wrong_component_is_enough():
    with pytest.raises(CheckFailed):
        run(lambda x=1e-3: ([[0.0, 0.0], [0.0, x]], np.zeros((2, 2))), replace={"x": 9.0})


def test_a_control_that_changes_nothing_is_caught():
    with pytest.raises(ControlPassed, match="eq-double: half more: expected >= .*, got 0"):
        run(replace={"data": (5.0, 6.0)})


def test_a_control_must_reach_a_thousand_tolerances():
    def zero(x=0.0):
        return x, 0.0

    with pytest.raises(ControlPassed, match=r"expected >= 1e-06, got 9.99e-07"):
        run(zero, replace={"x": 0.999e-6})
    assert run(zero, replace={"x": 1.001e-6}).control_residual == "1.0e-06"


def test_a_control_must_reach_a_hundredth_of_the_scale():
    def large(x=0.0):
        return -200.0 + x, -200.0

    with pytest.raises(ControlPassed, match=r"expected >= 2, got 1.99"):
        run(large, replace={"x": 1.99})
    assert run(large, replace={"x": 2.01}).control_residual == "2.0e+00"


def test_the_scale_is_that_of_the_true_sides_not_of_the_broken_ones():
    def broken_is_huge(x=0.0):
        return 1.0 + 1000 * x + x, 1.0 + 1000 * x

    assert run(broken_is_huge, replace={"x": 5.0}).control_residual == "5.0e+00"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("both", [False, True], ids=["one side", "both sides"])
def test_a_side_that_is_not_finite_fails_the_check_and_is_no_control(bad, both):
    def values(x=1.0):
        return [1.0, x], [1.0, x if both else 1.0]

    with pytest.raises(CheckFailed, match="got (nan|inf)"):
        run(lambda x=bad: values(x), replace={"x": 7.0})
    with pytest.raises(ControlPassed, match="got (nan|inf)"):
        run(values, replace={"x": bad})


@pytest.mark.parametrize("tolerance", [0.0, -1.0, np.nan, np.inf])
def test_nothing_passes_a_tolerance_that_cannot_be_met_or_cannot_be_missed(tolerance):
    with pytest.raises(ValueError, match=r"tolerance: expected a number in \(0, inf\), got "):
        run(tolerance=tolerance)


@pytest.mark.parametrize("replace", [{}, {"nothing": 1.0}, {"factor": 1.0, "data": (0.0,)}])
def test_replace_names_exactly_one_ingredient(replace):
    message = r"replace: expected exactly one of \['factor', 'data'\], got "
    with pytest.raises(ValueError, match=message):
        run(replace=replace)
    with pytest.raises(ValueError, match=r"exactly one of \['samples', 'truth'\], got "):
        run_statistic(replace=replace)


def test_only_a_parameter_with_a_default_is_an_ingredient():
    with pytest.raises(ValueError, match=r"expected exactly one of \[\], got \['factor'\]"):
        run(lambda factor: (factor, factor), replace={"factor": 1.0})


def test_the_sides_have_one_shape():
    with pytest.raises(ValueError, match=r"one non-empty shape, got \(2,\), \(\)"):
        run(lambda x=1.0: ([x, x], x), replace={"x": 2.0})
    with pytest.raises(ValueError, match=r"one non-empty shape, got \(0,\), \(0,\)"):
        run(lambda x=1.0: ([], []), replace={"x": 2.0})


# --- what is shown ------------------------------------------------------------------------------


def test_a_check_records_what_it_shows():
    result = run()
    bundle = result._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert bundle["text/plain"] == repr(result)
    assert bundle[MIME] == {
        "label": "eq-double",
        "compared": "product vs sum",
        "kind": "identity",
        "tolerance": "1e-09",
        "control": "half more",
        "control_residual": "1.0e+00",
    }
    assert json.loads(json.dumps(bundle[MIME])) == dataclasses.asdict(result)
    for value in ("eq-double", "product vs sum: residual &lt; 1e-09", "half more"):
        assert value in bundle["text/html"]


def test_words_are_escaped_in_html_and_only_there():
    words = "<i>a & b</i>"
    result = check(words, words, sides, tolerance=1e-9, control=words, replace={"factor": 1.0})
    bundle = result._repr_mimebundle_()
    assert "<i>" not in bundle["text/html"]
    assert bundle["text/html"].count("&lt;i&gt;a &amp; b&lt;/i&gt;") == 3
    assert bundle["text/plain"].count(words) == 3 and bundle[MIME]["control"] == words


def test_the_record_is_frozen():
    with pytest.raises(AttributeError):
        run().label = "eq-other"


# --- statistics ---------------------------------------------------------------------------------


def test_z_score_closed_form():
    """Samples 1, 2, 3, 4: mean 5/2, variance 5/3, standard error sqrt(5/12)."""
    samples = np.array([1.0, 2.0, 3.0, 4.0])
    assert z_score(samples, 2.0) == pytest.approx(0.5 / np.sqrt(5 / 12))
    assert z_score(samples, 2.5) == 0.0
    both = np.stack([samples, 10 * samples], axis=1)
    assert z_score(both, [2.5, 20.0]) == pytest.approx(5 / np.sqrt(500 / 12))
    cube = both.reshape(4, 1, 2)
    assert z_score(cube, [[2.5, 20.0]]) == z_score(both, [2.5, 20.0])


def test_z_score_of_constant_samples():
    assert z_score([3.0, 3.0], 3.0) == 0.0
    assert z_score([3.0, 3.0], 4.0) == np.inf


def test_z_score_is_about_one_for_a_true_mean():
    samples = np.random.default_rng(0).normal(size=(400, 1000))
    scores = np.array([z_score(row, 0.0) for row in samples])
    assert np.sqrt((scores**2).mean()) == pytest.approx(1, abs=0.15)


def test_z_score_refuses_what_it_cannot_score():
    with pytest.raises(ValueError, match=r"samples: expected \[N >= 2, \(\)\], got \(1,\)"):
        z_score([1.0], 1.0)
    with pytest.raises(ValueError, match=r"expected \[N >= 2, \(3,\)\], got \(4, 2\)"):
        z_score(np.zeros((4, 2)), np.zeros(3))
    with pytest.raises(ValueError, match=r"expected \[N >= 2, \(\)\], got \(\)"):
        z_score(1.0, 1.0)


def test_a_statistical_check_that_passes():
    result = run_statistic()
    assert result.kind == "statistical" and result.tolerance == "5"
    assert repr(result) == ("eq-mean ✓ mean vs truth: statistic < 5 | control (another): 1.5e+02")
    assert "statistic &lt; 5" in result._repr_mimebundle_()["text/html"]


def test_a_statistical_check_that_fails():
    with pytest.raises(CheckFailed, match="eq-mean: mean vs truth: expected < 5, got 151"):
        run_statistic(lambda truth=100.0: distance(truth=truth))
    with pytest.raises(CheckFailed, match="expected < 5, got 5"):
        run_statistic(lambda truth=5.0: truth)


def test_a_statistical_control_must_reach_three_bounds():
    with pytest.raises(ControlPassed, match="eq-mean: another: expected >= 15, got 14.9"):
        run_statistic(lambda truth=0.0: truth, replace={"truth": 14.9})
    run_statistic(lambda truth=0.0: truth, replace={"truth": 15.0})


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_statistic_that_is_not_finite_is_neither_a_pass_nor_a_control(bad):
    with pytest.raises(CheckFailed):
        run_statistic(lambda truth=bad: truth, replace={"truth": 100.0})
    with pytest.raises(ControlPassed):
        run_statistic(lambda truth=0.0: truth, replace={"truth": bad})


def test_the_bound_can_be_chosen():
    words, change = ("eq-mean", "mean vs truth"), {"control": "another", "replace": {"x": 9.0}}
    assert statistical_check(*words, lambda x=2.9: x, bound=3.0, **change).tolerance == "3"
    with pytest.raises(CheckFailed, match="expected < 3, got 3"):
        statistical_check(*words, lambda x=3.0: x, bound=3.0, **change)


def test_nan_among_the_samples_is_no_pass():
    with pytest.raises(CheckFailed, match="got nan"):
        run_statistic(lambda truth=2.0: distance(samples=(1.0, np.nan, 2.0), truth=truth))


# --- what the ledger page reads -----------------------------------------------------------------


def notebook(folder, *equations, labels=("eq-double",)):
    """A notebook with one cell for each equation and one check for each label."""
    cells = [
        {"cell_type": "markdown", "id": f"eq-{name}", "source": f"$$\n{tex}\n$$".splitlines(True)}
        for name, tex in equations
    ]
    outputs = [{"data": run(label=label)._repr_mimebundle_()} for label in labels]
    cells.append({"cell_type": "code", "id": "code", "source": [], "outputs": outputs})
    path = folder / "page.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    return path


def test_an_equation_is_read_with_its_number_and_its_checks(tmp_path):
    path = notebook(tmp_path, ("double", r"2x = x + x \tag{1.2}"), labels=["eq-double"] * 2)
    (equation,) = read_equations(path)
    assert (equation.label, equation.tag, equation.tex) == ("eq-double", "1.2", "2x = x + x")
    assert equation.condition == "" and equation.checks == (run(), run())


@pytest.mark.parametrize("statement", ["2x = x + x", "2x &= y \\\\\n&= x + x"])
@pytest.mark.parametrize(
    "condition",
    [r"\text{if } x > 0", r"\text{where } x > 0", "\\text{if, near } x, \\\\\ny > 0", r"\text{if}"],
)
def test_a_condition_is_read_apart_from_its_statement(tmp_path, statement, condition):
    tex = f"\\begin{{gathered}}\n{statement} \\\\\n{condition}\n\\end{{gathered}} \\tag{{1.2}}"
    (equation,) = read_equations(notebook(tmp_path, ("double", tex)))
    for read, written in ((equation.tex, statement), (equation.condition, condition)):
        lines = "\\\\\n" in written
        assert read == (f"\\begin{{gathered}}\n{written}\n\\end{{gathered}}" if lines else written)


@pytest.mark.parametrize(
    "tex",
    [
        r"2x = x + x \quad \text{if } x > 0 \tag{1.2}",
        "\\begin{gathered}\n2x = y \\quad\\text{where } y = x + x\n\\end{gathered} \\tag{1.2}",
        "\\begin{gathered}\n\\text{if } x > 0 \\\\\n2x = x + x\n\\end{gathered} \\tag{1.2}",
    ],
    ids=["beside the statement", "in its line", "before it"],
)
def test_a_condition_stands_at_the_end(tmp_path, tex):
    with pytest.raises(ValueError, match="expected a condition at the end of a gathered, got "):
        read_equations(notebook(tmp_path, ("double", tex)))


@pytest.mark.parametrize(
    ("equations", "labels", "message"),
    [
        ([("double", "2x")], ["eq-double"], "eq-double: expected one tag .* got 0 and 1"),
        ([("double", r"\tag{1.1} \tag{1.2}")], ["eq-double"], "got 2 and 1"),
        ([("double", r"2x \tag{1.1}")], [], "at least one check, got 1 and 0"),
        (
            [("double", r"2x \tag{1.1}"), ("half", r"x \tag{1.2}")],
            ["eq-double"],
            "eq-half: expected one tag and at least one check, got 1 and 0",
        ),
        ([("double", r"2x \tag{1.1}")], ["eq-double", "eq-half"], r"got \['eq-half'\]"),
    ],
    ids=["no tag", "two tags", "no check at all", "only another's check", "a check of nothing"],
)
def test_an_equation_has_one_tag_and_a_check_and_a_check_an_equation(
    tmp_path, equations, labels, message
):
    with pytest.raises(ValueError, match=message):
        read_equations(notebook(tmp_path, *equations, labels=labels))


def test_a_tag_makes_an_equation_of_any_cell(tmp_path):
    """Whatever the cell is called: what has a number has a check."""
    path = notebook(tmp_path, ("double", r"2x \tag{1.1}"))
    content = json.loads(path.read_text())
    content["cells"].insert(0, {"cell_type": "markdown", "id": "words", "source": ["Only words."]})
    path.write_text(json.dumps(content))
    assert [equation.label for equation in read_equations(path)] == ["eq-double"]
    content["cells"][0]["source"] = ["$$\n", "y = z \\tag{1.2}\n", "$$"]
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="words: expected one tag and at least one check, got 1"):
        read_equations(path)
