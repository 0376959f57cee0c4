"""A hint or a solution on request: what is said, where the code goes, what a wrong number hears."""

import json
import re
import sys
from types import SimpleNamespace

import pytest
import solutions as tool
from book_pages import ROOT, cells_of, chapters
from jupyter_client.manager import run_kernel
from pgbook.exercises import hint, solution, solutions
from pgbook.exercises.questions import questions

pytestmark = pytest.mark.once


def all_of_them():
    return json.loads(tool.DATA.read_text("utf-8"))


def test_every_exercise_of_the_book_has_a_hint_and_a_solution():
    known = all_of_them()
    pages = [c for p in chapters() for c in cells_of(p) if re.fullmatch(r"exercise-\d+", c.name)]
    assert len(known) == len(pages) > 60
    for name in known:
        assert hint(name).startswith(f"**Hint for {name}.** ") and len(hint(name)) > 30
        assert solution(name).startswith(f"**Solution of {name}.** ")
    assert sum(bool(entry["code"]) for entry in known.values()) > 55


def test_it_is_what_the_chapter_says():
    page = cells_of(ROOT / "book" / "09_baselines.ipynb")
    (cell,) = [c for c in page if c.name == "exercise-3"]
    for part in ("hint", "solution"):
        said = all_of_them()["9.3"][part]
        assert re.sub(r"\]\([^)]*\)", "]", said) in re.sub(r"\]\([^)]*\)", "]", cell.source)


LINKED = re.compile(r"\]\(https://[\w.-]+/[\w-]+/book/(\w+)\.html#?(.*?)\)")


def test_links_lead_to_the_published_page_and_every_one_of_them_is_there():
    found = 0
    for name in all_of_them():
        for said in (hint(name), solution(name)):
            assert "](book:" not in said and "](#" not in said and ".ipynb" not in said
            for page, anchor in LINKED.findall(said):
                text = next((ROOT / "book").glob(f"{page}.*")).read_text("utf-8")
                there = f'"id": "{anchor}"' in text or f"({anchor})=" in text
                assert there or not anchor, f"{name}: {page}#{anchor}"
                found += 1
    assert found > 15


def test_it_is_set_in_a_notebook_and_plain_in_a_terminal():
    said = hint("9.1")
    assert said._repr_markdown_() == repr(said) == str(said)
    assert type(said._repr_markdown_()) is str and "$(p_1, -p_1)$" in said


def shell(monkeypatch, *, colab=False, running=True):
    """Stand in for what shows the notebook; returns the list of cells that it is handed."""
    cells = []
    interactive = SimpleNamespace(set_next_input=cells.append) if running else None
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: interactive))
    if colab:
        monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    return cells


def test_the_code_goes_into_the_next_cell(monkeypatch):
    cells = shell(monkeypatch)
    said = solution("9.1")
    assert cells == [all_of_them()["9.1"]["code"]] and "```" not in said


@pytest.mark.parametrize("where", [{"colab": True}, {"running": False}])
def test_where_there_is_no_next_cell_the_code_is_said(monkeypatch, where):
    cells = shell(monkeypatch, **where)
    code = all_of_them()["9.1"]["code"]
    assert solution("9.1").endswith(f"\n\n```python\n{code}\n```") and not cells


def test_without_ipython_the_code_is_said(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert "```python" in solution("9.1")


def test_a_solution_without_code_puts_nothing_anywhere(monkeypatch):
    monkeypatch.setattr(
        solutions, "_all", lambda: {"1.1": {"hint": "a", "solution": "b", "code": ""}}
    )
    cells = shell(monkeypatch)
    assert solution("1.1") == "**Solution of 1.1.** b" and not cells


@pytest.mark.parametrize("ask", [hint, solution])
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("H.9", r'^exercise: expected one of "H.1", "H.2", got \'H.9\'$'),
        (9.9, r'expected one of "9.1", "9.2", .*got 9.9$'),
        ("9", r'expected one of "9.1", "9.2", .*got \'9\'$'),
        ("nine", r'expected one of "1.1", .*"16.1", .*got \'nine\'$'),
        ("", "got ''$"),
        (None, "got None$"),
        ([], r"got \[\]$"),
        (["9.1"], r"got \['9.1'\]$"),
    ],
)
def test_a_number_that_does_not_exist_hears_which_do(ask, wrong, says):
    with pytest.raises(ValueError, match=says):
        ask(wrong)


@pytest.mark.parametrize(("given", "name"), [(9.1, "9.1"), (" 9.1 ", "9.1"), ("l.1", "L.1")])
def test_a_number_is_read_as_a_person_writes_it(given, name):
    assert hint(given) == hint(name) and solution(given) == solution(name)


def test_a_question_has_a_hint_and_a_solution_too():
    for name, asked in questions().items():
        assert (
            hint(name.upper()) == f"**Hint for {name}.** {asked.get('hint', solutions.OF_A_CHOICE)}"
        )
        assert ("hint" in asked) == (asked["kind"] != "choice")
        said = solution(name)
        assert said.endswith(asked["why"]) and f"The answer is {asked['answer']}. " in said


def test_in_a_real_kernel_the_next_cell_is_the_solution():
    code = "from pgbook.exercises import solution\nsolution('9.1')"
    path = f"import sys; sys.path.insert(0, {str(ROOT / 'book')!r})\n"
    with run_kernel(kernel_name="python3") as client:
        shown = []
        reply = client.execute_interactive(path + code, timeout=600, output_hook=shown.append)
    (payload,) = reply["content"]["payload"]
    assert payload["source"] == "set_next_input" and not payload["replace"]
    assert payload["text"] == all_of_them()["9.1"]["code"]
    data = [m["content"]["data"] for m in shown if m["msg_type"] == "execute_result"]
    assert data[0]["text/markdown"].startswith("**Solution of 9.1.** The squared lengths are $2")


def test_the_tool_says_when_its_file_is_stale(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tool, "DATA", tmp_path / "solutions.json")
    monkeypatch.setattr(sys, "argv", ["solutions.py", "--check"])
    assert tool.main() == 1 and "run `python tools/solutions.py`" in capsys.readouterr().err
    assert not tool.DATA.exists()
    monkeypatch.setattr(sys, "argv", ["solutions.py"])
    assert tool.main() == 0 and json.loads(tool.DATA.read_text("utf-8")) == all_of_them()
    monkeypatch.setattr(sys, "argv", ["solutions.py", "--check"])
    assert tool.main() == 0


def test_two_pages_with_the_same_numbers_are_refused(monkeypatch):
    first = tool.notebooks.chapters()[0]
    monkeypatch.setattr(tool.notebooks, "chapters", lambda: [first, first])
    with pytest.raises(ValueError, match="expected a new exercise, got 1.1 again"):
        tool.gathered()
