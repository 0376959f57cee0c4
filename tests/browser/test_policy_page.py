"""The pages live under their policy: what it must stop stops, and what they do they still do.

That no page meets its policy is part of every other test: `Watch` fails on what the console says.
"""

import pytest
from harness import Watch, settle

pytestmark = pytest.mark.browser

TRY = """() => new Promise((done) => {
    const met = [];
    addEventListener("securitypolicyviolation", (e) => met.push(e.effectiveDirective));
    const add = (name, given) =>
      document.head.append(Object.assign(document.createElement(name), given));
    add("script", { textContent: "globalThis.ran = true" });
    add("script", { src: "data:text/javascript,globalThis.ran = true" });
    add("iframe", { src: "about:srcdoc", srcdoc: "a" });
    document.body.setAttribute("onclick", "globalThis.ran = true");
    document.body.click();
    fetch("page.css").catch(() => {});
    setTimeout("globalThis.ran = true", 1);
    setTimeout(() => done([met, globalThis.ran ?? null]), 100);
})"""
STOPPED = {"script-src-elem", "script-src-attr", "script-src", "connect-src"}


@pytest.mark.parametrize("how", ["disk", "http"])
def test_what_nobody_wrote_does_not_run_and_is_noticed(browser, site, address, how):
    context = browser.new_context()
    watch = Watch(context)
    page = watch.open(f"{site.as_uri() if how == 'disk' else address}/book/notation.html")
    assert not watch.problems
    met, ran = page.evaluate(TRY)
    assert set(met) >= STOPPED and ran is None
    assert len(watch.problems) >= 4, "the tests of the pages would not notice"
    context.close()


@pytest.mark.parametrize("how", ["disk", "http"])
def test_the_theme_the_search_and_the_printer_work(watch, site, address, how):
    page = watch.open(f"{site.as_uri() if how == 'disk' else address}/book/01_objective.html")
    page.set_viewport_size({"width": 1300, "height": 900})
    themes = set()
    for _ in range(3):  # as the system, light, dark
        page.locator(".bd-header-article .theme-switch-button").click()
        themes.add(page.evaluate("document.documentElement.dataset.mode"))
    assert themes == {"auto", "light", "dark"}
    page.evaluate("() => { globalThis.printed = 0; globalThis.print = () => { printed += 1; }; }")
    page.locator("[data-print]").evaluate("button => button.click()")
    assert page.evaluate("printed") == 1
    page.locator(".bd-sidebar-primary .search-button__button").first.click()
    page.locator("dialog input[type=search]").fill("clip")
    page.keyboard.press("Enter")
    page.locator(".pg-search-results a").first.wait_for()
    settle(page)
