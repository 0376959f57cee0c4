"""In JupyterLab, a real server: an explorable mounts, and its slider moves the trait in Python."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.request

import pytest
from harness import PATIENCE, ROOT, settle
from playwright.sync_api import TimeoutError

pytestmark = pytest.mark.browser

CODE = [
    "from pgbook.explorables import Objective\nwidget = Objective(theta=1.0)\n"
    'widget.show(number="1.2", caption="It moves when you move it.")',
    "print('python has', widget.theta)",
    "widget.theta = -2.0",
]


def write_notebook(path):
    """Write a notebook of the cells above."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{i}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for i, source in enumerate(CODE)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "cells": cells}
    path.write_text(json.dumps({**notebook, "metadata": {"kernelspec": kernel}}), "utf-8")


@contextlib.contextmanager
def jupyterlab(folder):
    """Run JupyterLab on a folder, with settings and files of its own; gives its address."""
    own = {
        f"JUPYTER_{name}_DIR": str(folder / ".own" / name) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"{folder}"]
    command += ["--ServerApp.port=0", "--IdentityProvider.token=", "--ServerApp.password="]
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=None"]
    log = folder / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, "--ServerApp.log_level=INFO"],
            cwd=folder,
            env={**os.environ, **own, "PYTHONPATH": str(ROOT / "book")},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield wait_for_address(server, log)
    finally:
        server.terminate()
        server.wait()


def wait_for_address(server, log):
    """Return the address that the server has written in its log, once it answers."""
    while server.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", log.read_text("utf-8"))
        if found:
            with contextlib.suppress(OSError), urllib.request.urlopen(found[0] + "api"):
                return found[0]
        time.sleep(0.3)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text('utf-8')}")


def test_a_slider_moves_the_trait_in_python_and_back(browser, tmp_path):
    write_notebook(tmp_path / "try.ipynb")
    with jupyterlab(tmp_path) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}lab/tree/try.ipynb")
        page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
        element = page.locator("pg-objective")
        run_until(page, 0, element.locator("svg").first)
        assert element.get_attribute("theta") == "1"
        caption = page.locator("figcaption")
        assert caption.inner_text() == "Figure 1.2. It moves when you move it."
        assert caption.bounding_box()["y"] > element.locator("svg").first.bounding_box()["y"]
        slider = element.locator('input[data-pg="theta"]')
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert element.get_attribute("theta") == "1.1"
        settle(page, 18)
        run_until(page, 1, page.get_by_text("python has 1.1", exact=True))
        page.locator(".jp-Cell").nth(2).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        page.wait_for_function("document.querySelector('pg-objective').theta === -2")
        assert float(slider.input_value()) == -2
        page.close()


def run_until(page, number, seen):
    """Run a cell until what it shows is seen: while JupyterLab starts, it may lose a key."""
    for _ in range(PATIENCE // 15_000):
        page.locator(".jp-Cell").nth(number).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        with contextlib.suppress(TimeoutError):
            return seen.wait_for(timeout=15_000)
    return seen.wait_for()
