"""Questions that the built page answers, and what a reader has done.

In a notebook a question is text. Here it becomes a form; `static/questions.js` judges the answer
and keeps it in the reader's browser. Without a script the page holds the question and its answer.
"""

import json
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

import pgbook_map
import pgbook_reader
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

BOOK = Path(__file__).parent.parent
ANSWERS = BOOK / "pgbook" / "exercises" / "questions.json"
ITEM = re.compile(r"(?:exercise|question)-(\d+|[a-z])")
IN_A_NOTEBOOK = "In a notebook: "  # begins the last line of a question, which the page leaves out
PLACE = '<div id="pg-progress"></div>'  # where a page wants the table of what was done


class Item(NamedTuple):
    """A question or an exercise: its id, and the cell that holds it."""

    id: str
    cell: str

    @property
    def link(self) -> str:
        """A link to it with its letter or number, for the table of what was done."""
        short = self.id.partition(".")[2]
        kind = "Exercise" if short.isdigit() else "Question"
        return (
            f'<a href="{{page}}.html#{self.cell}" data-id="{self.id}" '
            f'aria-label="{kind} {self.id}">{short}</a>'
        )


@cache
def cells(page: str) -> list[dict]:
    """The cells of a page of the book."""
    return json.loads((BOOK / f"{page}.ipynb").read_text("utf-8"))["cells"]


def number(page: str) -> str:
    """What the ids of a page's exercises begin with: its number, or its letter."""
    return pgbook_reader.prefix(cells(page))


def items(page: str) -> list[Item]:
    """The questions and exercises of a page, in its order."""
    found = [ITEM.fullmatch(cell["id"]) for cell in cells(page)]
    return [Item(f"{number(page)}.{match[1]}", match[0]) for match in found if match]


def dressed(name: str, text: str) -> str:
    """A cell of the exercises as MyST should read it."""
    if name == "exercises":
        return f"{text}\n\n```{{tally}}\n```"
    if match := re.fullmatch(r"exercise-(\d+)", name):
        return f"```{{tick}} {match[1]}\n```\n\n{text}"
    if match := re.fullmatch(r"question-([a-z])", name):
        return f"````{{question}} {match[1]}\n{text}\n````"
    return text


def raw(html: str) -> nodes.raw:
    """HTML as it is."""
    return nodes.raw("", html, format="html")


class OfPage(SphinxDirective):
    """A directive that knows the page that it stands on."""

    @property
    def page(self) -> str:
        """The page's name."""
        return self.env.docname.rpartition("/")[2]

    @property
    def id(self) -> str:
        """The id of the exercise that it stands in."""
        return f"{number(self.page)}.{self.arguments[0]}"


class Tally(OfPage):
    """How many questions and exercises are done: without a script nobody knows of any."""

    def run(self) -> list[nodes.Node]:
        """One line with a link to the table of what was done."""
        ids = " ".join(item.id for item in items(self.page))
        count = f'<span data-of="{ids}">0 of {len(ids.split())}</span> done'
        every = '<a href="way.html#what-you-have-done">all chapters</a>'
        return [raw(f'<p class="pg-tally">{count} · {every}</p>')]


class Tick(OfPage):
    """A box to tick an exercise by hand."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The box, which is also where a link to the exercise leads."""
        box = f'<input type="checkbox" data-id="{self.id}" autocomplete="off">'
        label = f'<span class="visually-hidden">Exercise {self.id}: </span>I did it'
        anchor = f"exercise-{self.arguments[0]}"
        return [raw(f'<div class="pg-tick" id="{anchor}"><label>{box} {label}</label></div>')]


class Question(OfPage):
    """A question as a form, with what judges its answer."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The text, what to answer with, the verdict, and the answer to look up."""
        self.env.note_dependency(str(ANSWERS))
        question = {"id": self.id, **json.loads(ANSWERS.read_text("utf-8"))[self.id]}
        parsed = nodes.container(classes=["pg-question-text"])
        parsed["ids"] = [f"question-{self.arguments[0]}-text"]
        self.state.nested_parse(self.content, self.content_offset, parsed)
        if not parsed[-1].astext().startswith(IN_A_NOTEBOOK):
            raise self.error(f"expected a last line that begins with {IN_A_NOTEBOOK!r}")
        del parsed[-1]
        asked, shown = self.field(question, parsed)
        if not shown[-1].astext().endswith("."):
            shown.append(nodes.Text("."))
        name, judged = f"question-{self.arguments[0]}", escape(json.dumps(question))
        return [
            raw(f'<form class="pg-question" id="{name}" data-question="{judged}" novalidate>'),
            parsed,
            *asked,
            raw(
                f'<p class="pg-said" id="{name}-said" role="status"></p></div>'
                "<details><summary>Show the answer</summary>"
            ),
            nodes.paragraph(
                "", "", nodes.strong("", "", *shown), nodes.Text(f" {question['why']}")
            ),
            raw("</details></form>"),
        ]

    def field(self, question: dict, text: nodes.container) -> tuple[list, list]:
        """What the reader answers with, and the right answer, as nodes."""
        name = f"question-{self.arguments[0]}"
        button = f'<button aria-describedby="{name}-text">Check</button>'
        if question["kind"] != "choice":
            mode = "decimal" if question["kind"] == "number" else "text"
            box = (
                f'<p class="pg-answer"><label for="{name}-answer">Your answer</label> <input '
                f'id="{name}-answer" name="answer" inputmode="{mode}" autocomplete="off" '
                f'autocapitalize="none" spellcheck="false" maxlength="200" '
                f'aria-describedby="{name}-text {name}-said"> {button}'
                f'<span class="pg-read pg-of-{question["kind"]}"></span></p><div class="pg-do">'
            )
            return [raw(box)], [nodes.literal("", str(question["answer"]))]
        lists = [node for node in text.children if isinstance(node, nodes.enumerated_list)]
        if len(lists) != 1:
            raise self.error(f"expected one numbered list of choices, got {len(lists)}")
        choices = [item[0].children for item in lists[0]]
        text.remove(lists[0])
        asked = [raw(f'<fieldset aria-labelledby="{name}-text">')]
        for place, choice in enumerate(choices, 1):
            asked += [
                raw(f'<label><input type="radio" name="answer" value="{place}">'),
                nodes.inline("", "", *choice),
                raw("</label>"),
            ]
        right = choices[question["answer"] - 1]
        asked.append(raw(f'</fieldset><div class="pg-do">{button}'))
        return asked, [child.deepcopy() for child in right]


def table() -> str:
    """Every page with exercises, a link to each of them, and room for what was done."""
    rows = ""
    for page in pgbook_map.order():
        if (BOOK / f"{page}.ipynb").exists() and (found := items(page)):
            links = "".join(item.link.format(page=page) for item in found)
            ids = " ".join(item.id for item in found)
            title = f'<a href="{page}.html#exercises">{escape(pgbook_map.title(page))}</a>'
            count = f'<td data-of="{ids}">0 of {len(found)}</td>'
            rows += f'<tr><th scope="row">{title}</th><td class="pg-items">{links}</td>{count}</tr>'
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Chapter", "Exercises", "Done"))
    return (
        f'<table class="pg-done-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


BUTTONS = (
    '<div class="pg-progress"><button type="button" data-do="export">Export</button>'
    '<button type="button" data-do="import">Import</button>'
    '<input type="file" accept=".json,application/json" aria-label="A file of progress" hidden>'
    '<button type="button" data-do="forget">Forget all</button><p role="status"></p></div>'
)


def page(app: Sphinx, _name: str, _template: str, context: dict, _doctree) -> None:
    """Write the table where a page wants it; give the pages that need it the script."""
    body = context.get("body", "")
    if PLACE in body:
        body = context["body"] = body.replace(PLACE, table() + BUTTONS)
    if "data-of=" in body:
        app.add_js_file("questions.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register what this module does."""
    app.connect("env-before-read-docs", lambda *_: cells.cache_clear())
    app.add_directive("tally", Tally)
    app.add_directive("tick", Tick)
    app.add_directive("question", Question)
    app.connect("html-page-context", page)
