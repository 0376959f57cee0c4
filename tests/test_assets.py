"""One style sheet and one script a page: nothing that is used is lost, the order stays."""

import re
from types import SimpleNamespace

import pgbook_assets
import pytest

pytestmark = pytest.mark.once

CSS = (
    '@import "a;b.css";a{color:red}@media print{.on{x:y}.off{x:y}}@font-face{src:url(a{b.woff)}'
    '.on,.off p,b{content:"}{"}.off{x:y}@media screen{.off{x:y}}@keyframes spin{from{x:y}to{x:z}}'
)


def test_a_sheet_falls_into_its_rules_whatever_its_strings_hold():
    heads = [head for head, _ in pgbook_assets.blocks(CSS)]
    assert heads[:4] == ['@import "a;b.css";', "a", "@media print", "@font-face"]
    assert heads[4:] == [".on,.off p,b", ".off", "@media screen", "@keyframes spin"]
    rebuilt = "".join(h if i is None else f"{h}{{{i}}}" for h, i in pgbook_assets.blocks(CSS))
    assert rebuilt == CSS


def test_only_what_no_page_can_meet_is_taken_out():
    assert pgbook_assets.pruned(CSS, {"on"}) == (
        '@import "a;b.css";a{color:red}@media print{.on{x:y}}@font-face{src:url(a{b.woff)}'
        '.on,b{content:"}{"}@keyframes spin{from{x:y}to{x:z}}'
    )


@pytest.mark.parametrize(
    ("selector", "kept"),
    [
        (".a .b", True),
        (".a .x", False),
        ("#x", False),
        ("#a:hover", True),
        ("html[data-theme=dark] .a", True),
        (".a:not(.x)", True),
        (".a:is(.x, .y:not(.z)) b", True),
        ('[class*=".x"]', True),
        (r".mt-1\\.5", True),
        ("p", True),
    ],
)
def test_a_selector_is_kept_if_all_that_it_asks_for_stands_somewhere(selector, kept):
    assert pgbook_assets.needed(selector.replace("\\\\", "\\"), {"a", "b"}) is kept


def test_a_comma_within_brackets_parts_no_selectors():
    assert pgbook_assets.selectors('a:is(.x, .y), [b="c,d"] e') == ["a:is(.x, .y)", '[b="c,d"] e']


@pytest.mark.parametrize(
    ("folder", "address", "moved"),
    [
        ("katex", "url(fonts/a.woff2)", "url(katex/fonts/a.woff2)"),
        ("styles", 'url("../vendor/b.woff2")', "url(vendor/b.woff2)"),
        ("styles", "url(data:a)", "url(data:a)"),
        ("styles", 'url("#a")', 'url("#a")'),
        (".", "url(fonts/a.woff2)", "url(fonts/a.woff2)"),
    ],
)
def test_addresses_are_as_seen_from_where_the_sheet_now_stands(folder, address, moved):
    assert pgbook_assets.moved(address, folder) == moved


def test_spans_of_tokens_that_look_like_nothing_go_and_the_others_stay():
    code = (
        '<span class="k">def</span><span class="w"> </span><span class="nf">f</span>'
        '<span class="p">(</span><span class="n">x</span><span class="o">=</span>'
        '<span class="mi">1</span><span class="s2">&quot;a&quot;</span><span class="base">b</span>'
    )
    context = {"body": code, "css_files": [], "script_files": []}
    app = SimpleNamespace(config=SimpleNamespace(pgbook_version="1"))
    pgbook_assets.page(app, "a", "", context, None)
    assert context["body"] == (
        '<span class="k">def</span> <span class="nf">f</span>(x=<span class="mi">1</span>'
        '<span class="s2">&quot;a&quot;</span><span class="base">b</span>'
    )


def test_every_token_that_the_book_styles_keeps_its_span():
    css = (
        pgbook_assets.Path(pgbook_assets.__file__).parent.parent / "static" / "book.css"
    ).read_text("utf-8")
    styled = set()
    for rule in re.findall(r"\.highlight :is\(((?:\.\w+,? ?)+)\)", css):
        styled |= set(re.findall(r"\.(\w+)", rule))
    assert {"k", "nf", "c1", "s2", "mi"} <= styled
    for token in styled:
        span = f'<span class="{token}">x</span>'
        assert pgbook_assets.QUIET_TOKEN.sub("", span) == span, token


def test_a_page_gets_the_two_files_in_place_of_their_parts(monkeypatch):
    said = []
    monkeypatch.setattr(pgbook_assets.logger, "warning", lambda *words: said.append(words[1:]))
    names = ("_static/book.css", "_static/mystnb.0f.css", "_static/new.css")
    scripts = ("_static/doctools.js", "_static/terms.js", None)

    def files(given):
        return [SimpleNamespace(filename=name) for name in given]

    context = {"css_files": files(names), "script_files": files(scripts)}
    app = SimpleNamespace(config=SimpleNamespace(pgbook_version="1"))
    pgbook_assets.page(app, "a", "", context, None)
    assert [file.filename for file in context["css_files"]] == ["_static/new.css"]
    assert [file.filename for file in context["script_files"]] == ["_static/terms.js"]
    assert [str(path) for (path,) in said] == ["_static/new.css"], "it would load after ours"


def test_parts_are_joined_in_their_order_and_removed(tmp_path):
    static = tmp_path / "_static"
    for name in (*pgbook_assets.STYLES, *pgbook_assets.SCRIPTS, *pgbook_assets.EMPTY):
        path = static / name.replace("*", "0")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"/*! {path.stem} */ .on{{x:url(f)}}" if path.suffix == ".css" else path.stem
        )
    asks = static / "scripts" / "bootstrap.js"
    asks.write_text("bootstrap" + "".join(pgbook_assets.UNASKED))
    (tmp_path / "a.html").write_text('<p class="on">')
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(tmp_path))
    pgbook_assets.bundle(app, RuntimeError("stopped"))
    assert not (static / "page.css").exists()
    pgbook_assets.bundle(app, None)
    left = sorted(path.name for path in static.rglob("*") if path.is_file())
    assert left == ["page.css", "page.js"]
    css, js = ((static / name).read_text("utf-8") for name in left)
    assert re.findall(r"/\*! (\S+) \*/", css) == [
        *("basic", "pydata-sphinx-theme", "pygments", "sphinx-book-theme"),
        *("mystnb.0", "copybutton", "katex.min", "heights", "book"),
    ]
    assert css.count(".on{") == 9 and "url(katex/f)" in css and "url(styles/f)" in css
    names = [re.sub(r".*/|\.js$", "", name) for name in pgbook_assets.SCRIPTS]
    assert js.replace(pgbook_assets.NOTHING, "").split(";\n") == names
    pgbook_assets.bundle(app, None)  # nothing was copied
    assert (static / "page.css").read_text("utf-8") == css


def test_a_theme_that_asks_in_another_way_stops_the_build():
    asked = "".join(pgbook_assets.UNASKED)
    assert pgbook_assets.silenced(f"({asked})") == f"({pgbook_assets.NOTHING * 2})"
    for wrong in (asked + pgbook_assets.UNASKED[0], pgbook_assets.UNASKED[1], ""):
        with pytest.raises(pgbook_assets.ExtensionError, match="once in the theme, got"):
            pgbook_assets.silenced(wrong)
