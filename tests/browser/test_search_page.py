"""The search of the built book: what a reader types leads to the right section first."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from harness import served
from test_pages import OUTSIDE_MATHS

pytestmark = pytest.mark.browser

FIRST = {
    "gamma": "10_actor_critic.html#where-gamma-t-went",
    "γ^t": "10_actor_critic.html#where-gamma-t-went",
    "gamma^t": "10_actor_critic.html#where-gamma-t-went",
    "importance ratio": "12_trust_regions.html#weighing-somebody-else-s-experience",
    "importance sampling": "12_trust_regions.html#weighing-somebody-else-s-experience",
    "negative rewards": "11_continuous_actions.html#clipping",
    "baseline": "09_baselines.html",
    "Baselines": "09_baselines.html",
    "GAE": "10_actor_critic.html#between-one-step-and-all-of-them",
    "clip": "12_trust_regions.html#the-clip",
    "PPO": "12_trust_regions.html#ppo-is-a-ratio-in-front-of",
    "lambda": "10_actor_critic.html#bias-and-variance-along",
    "5.4": "05_dropping_the_dynamics.html#eq-policy-gradient",
    "(9.1)": "09_baselines.html#eq-baseline-zero-mean",
    "reward-to-go": "08_reward_to_go.html",
    "reward to go": "08_reward_to_go.html",
    "log-derivative": "03_log_derivative_trick.html",
    "Fisher": "12_trust_regions.html#distance-between-policies",
    "natural gradient": ("12_trust_regions.html#a-step-that-does-not-depend-on-the-spelling"),
    "KL": "15_the_leash.html",
    "GRPO": "14_group_rules.html#three-switches",
    "leave-one-out": "09_baselines.html#the-batch-supplies-the-baseline",
    "truncation": "10_actor_critic.html#truncation-is-not-termination",
    "dynamics": "05_dropping_the_dynamics.html",
    "pendulum": "11_continuous_actions.html#a-pendulum-that-learns-to-stand",
    "Psi": "12_trust_regions.html#ppo-is-a-ratio-in-front-of",
    "Adam": "when_it_holds.html#adam-is-another-matter",
    "surrogate loss": "06_policy_gradient_estimator.html#a-loss-for-the-computer",
    "swap integral": "02_gradient_of_an_expectation.html#moving-the-gradient-inside",
    "value function": "09_baselines.html#the-value-function-is-near-it-and-is-not-it",
    "squashing": "11_continuous_actions.html#squashing",
    "advantage": "10_actor_critic.html#what-a-state-is-worth",
    "Williams 1992": "bibliography.html#the-policy-gradient",
    "audit": "audit_your_own.html",
    "your own environment": "your_own.html",
    "Dict observation": "your_own.html#what-the-policy-sees-discrete-and-dict-observations",
    "GIF": "your_own.html#a-gif-of-an-episode-without-a-display",
    **dict.fromkeys(
        ("FrozenLake", "Blackjack", "LunarLander", "MuJoCo"),
        "your_own.html#five-worlds-of-gymnasium",
    ),
    "MountainCar": "your_own.html#what-does-not-work-and-why-mountaincar",
}


@pytest.fixture
def search(site, watch, request):
    """The search's page, from disk or over HTTP."""
    if request.param == "disk":
        yield watch.open((site / "search.html").as_uri())
    else:
        with served(site) as address:
            yield watch.open(f"{address}/search.html")


@pytest.mark.parametrize("search", ["disk", "http"], indirect=True)
def test_what_is_typed_leads_to_its_section_first(search, site):
    found = {}
    for query in FIRST:
        search.get_by_role("main").get_by_role("searchbox").fill(query)
        link = search.locator(".pg-search-results a").first
        found[query] = link.get_attribute("href").removeprefix("book/")
    assert found == FIRST
    for address in set(FIRST.values()):
        name, _, anchor = address.partition("#")
        text = (site / "book" / name).read_text("utf-8")
        assert not anchor or f'id="{anchor}"' in text, address


@pytest.mark.parametrize("search", ["disk"], indirect=True)
def test_a_result_can_be_read_and_says_its_page(search):
    search.goto(f"{search.url}?q=%CE%B3%5Et")  # as the field in the sidebar asks
    first = search.locator(".pg-search-results li").first
    assert first.locator("a").inner_text() == "Where γt went"
    assert first.locator("a sup").inner_text() == "t"
    assert first.locator("span").inner_text() == "10 Actor-critic"
    assert "γt" in first.locator("mark").all_inner_texts()
    shown = search.locator(".pg-search-results").inner_text()
    assert not re.search(r"\\[a-z]+|[ˆˍ]|textcolor", shown), "mathematics as it was typed"
    assert search.locator(".pg-search-count").inner_text().endswith("sections.")


@pytest.mark.parametrize("search", ["disk"], indirect=True)
def test_nothing_found_is_said(search):
    box = search.get_by_role("main").get_by_role("searchbox")
    count = search.locator(".pg-search-count")
    assert count.inner_text() == "Type a word, a symbol or an equation's number."
    box.fill("qwertyuiop")
    assert count.inner_text() == "No section has “qwertyuiop”."
    assert search.locator(".pg-search-results li").count() == 0
    box.fill("?!")
    assert count.inner_text() == "No section has “?!”."


@pytest.mark.parametrize("search", ["http"], indirect=True)
def test_axe_finds_nothing_and_nothing_overflows_a_narrow_page(search):
    search.get_by_role("main").get_by_role("searchbox").fill("variance")
    for theme in ("light", "dark"):
        search.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        found = Axe().run(
            search, context=OUTSIDE_MATHS, options={"preload": False, "resultTypes": ["violations"]}
        )
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"
    search.set_viewport_size({"width": 320, "height": 640})
    widths = "document.documentElement.scrollWidth"
    assert search.evaluate(widths) == 320


def test_without_a_script_the_page_says_where_else_to_look(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "search.html").as_uri())
    assert page.locator("noscript a").get_attribute("href") == "book/notation.html"
    context.close()
