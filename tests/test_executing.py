"""Notebooks are run in fresh kernels, stored whole or not at all, and the ledger waits."""

import sys

import nbformat
import notebooks
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

pytestmark = pytest.mark.once


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A repository of its own, with contents of every depth."""
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    (tmp_path / "book").mkdir()
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nparts:\n- caption: file\n  chapters:\n"
        "  - file: book/ledger\n  - file: book/b\n    sections:\n    - file: book/c\n"
        "- chapters:\n  - file: book/a\n  - file: book/missing\n  - file: book/words\n"
    )
    (tmp_path / "book" / "words.md").write_text("# Words\n")
    for name in ("ledger", "a", "b", "c"):
        write(tmp_path / "book" / f"{name}.ipynb", new_code_cell(f"{name} = 1"))
    return tmp_path / "book"


def write(path, *cells):
    """Write a notebook as an editor would; return its text."""
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path.read_text("utf-8")


def call(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["notebooks.py", *map(str, words)])
    return notebooks.main()


def test_the_chapters_are_those_of_the_contents_in_their_order_the_ledger_last(book):
    assert [path.name for path in notebooks.chapters()] == [
        "b.ipynb",
        "c.ipynb",
        "a.ipynb",
        "ledger.ipynb",
    ]


def test_the_chapters_are_listed_without_being_touched(book, monkeypatch, capsys):
    texts = [path.read_text() for path in notebooks.chapters()]
    assert call(monkeypatch, "--list") == 0
    listed = ["book/b.ipynb", "book/c.ipynb", "book/a.ipynb", "book/ledger.ipynb"]
    assert capsys.readouterr().out.splitlines() == listed
    assert [path.read_text() for path in notebooks.chapters()] == texts


def test_checking_names_what_is_not_normal_and_normalising_mends_it(book, monkeypatch, capsys):
    first = book / "a.ipynb"
    text = first.read_text()
    assert call(monkeypatch, "--check") == 1
    names = ["b", "c", "a", "ledger"]
    expected = [f"{name}.ipynb: not normalised; run `make notebooks`" for name in names]
    assert capsys.readouterr().err.splitlines() == expected
    assert first.read_text() == text
    assert call(monkeypatch, "--no-execute", first) == 0
    assert call(monkeypatch, "--check", first) == 0
    assert capsys.readouterr() == ("", "")
    assert call(monkeypatch, "--check") == 1, "the others are as they were"
    stored = nbformat.read(first, as_version=4)
    assert (stored.cells[0].id, stored.cells[0].execution_count) == ("a", 1)
    assert first.read_text().endswith("}\n") and not list(book.glob("*.tmp"))


def test_what_cannot_be_mended_is_not_stored(book, monkeypatch, capsys):
    cell = new_code_cell("1", id="bad", metadata={"tags": ["nonsense"]})
    text = write(book / "a.ipynb", cell)
    for words in (["--no-execute"], ["--check"]):
        assert call(monkeypatch, *words, book / "a.ipynb") == 1
        told = capsys.readouterr().err
        assert told.startswith("a.ipynb: bad: tag 'nonsense' is not one of")
        assert (book / "a.ipynb").read_text() == text


def test_a_normal_file_is_not_written_again(book):
    path = book / "a.ipynb"
    notebooks.store(path, nbformat.read(path, as_version=4))
    path.chmod(0o400)
    before = path.stat()
    assert notebooks.store(path, nbformat.read(path, as_version=4)) == []
    assert path.stat().st_mtime_ns == before.st_mtime_ns and path.stat().st_ino == before.st_ino


def test_executing_stores_what_the_code_gives_and_a_failure_stores_nothing(book, monkeypatch):
    """In the folder of the book, in a fresh kernel for each file."""
    monkeypatch.setattr(notebooks, "BOOK", book)
    (book / "here.txt").write_text("found")
    code = "print(open('here.txt').read(), 'name' in dir())\nname = 1"
    said = new_code_cell(code, id="said", metadata={"execution": {"a": "b"}})
    write(book / "a.ipynb", new_markdown_cell("# A", id="top"), said)
    text = write(book / "b.ipynb", new_code_cell("1 / 0", id="wrong"))
    (found,) = notebooks.execute(book / "b.ipynb")
    assert found.startswith("b.ipynb: a cell failed\n") and "ZeroDivisionError" in found
    assert (book / "b.ipynb").read_text() == text
    for _ in range(2):
        assert notebooks.execute(book / "a.ipynb") == []
    top, said = nbformat.read(book / "a.ipynb", as_version=4).cells
    assert (top.id, said.id, said.metadata, said.execution_count) == ("top", "said", {}, 1)
    assert said.outputs[0].text == "found False\n"


def test_the_ledger_waits_for_all_others(book, monkeypatch, capsys):
    order, sizes = [], []

    class Pool:
        def __init__(self, jobs):
            sizes.append(jobs)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            order.append("all done")

        def map(self, work, files):
            order.extend(path.stem for path in files)
            return [[f"{path.stem} is wrong"] if path.stem == "b" else [] for path in files]

    monkeypatch.setattr(notebooks, "ProcessPoolExecutor", Pool)
    assert call(monkeypatch, "--jobs", 3, *sorted(book.glob("*.ipynb"))) == 1
    assert order == ["a", "b", "c", "all done", "ledger", "all done"] and sizes == [3, 3]
    told = capsys.readouterr()
    assert told.err == "b is wrong\n"
    said = [("done", "a"), ("failed", "b"), ("done", "c"), ("done", "ledger")]
    assert [tuple(line.split()) for line in told.out.splitlines()] == [
        (word, f"{name}.ipynb") for word, name in said
    ]
    assert call(monkeypatch, book / "a.ipynb") == 0 and sizes[-1] == 2
