"""Time the explorables' engine in Chromium, beside the Python trainer on the same task.

Throughput on CartPole-v1, warm; time to the threshold (mean of the last 100 episodes >= 475) over
seeds 0 to 19; the first run in a fresh page. The small language model: tokens a second, and time
until nine tenths of its answers are right. Then for every explorable: the time from a slider's
input to the repainted figure, and the longest task over 50 ms on the main thread.

Run: python benchmarks/engine.py [--seeds 20] [--small]
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [
    str(ROOT / part) for part in ("book", "tools", "tests", "tests/browser", "book/_ext")
]

import js_tools  # noqa: E402
import recording  # noqa: E402
from harness import QUIET, browser_path, served, write_page  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from registry import ROWS  # noqa: E402

MODELS = {
    "linear": {"hidden": 0, "learningRate": 0.2, "episodes": 8},
    "16 hidden units": {"hidden": 16, "learningRate": 0.03, "episodes": 8},
}
COMMON = {"gamma": 1, "psi": "reward_to_go_minus_mean"}
ENGINE = "book/pgbook/explorables/js/engine"

RUN = """(settings) => {
  const start = performance.now(), learner = new engine.Reinforce(settings);
  while (!learner.solved && learner.envSteps < 1e6) learner.playEpisode();
  return { solved: learner.solved, steps: learner.envSteps, ms: performance.now() - start };
}"""
LESSON = """(plan) => {
  const start = performance.now(), lesson = new engine.Lesson(plan);
  let tokens = 0;
  do {
    lesson.step();
    tokens += lesson.lengths.at(-1) * plan.answers * engine.BATCH;
  } while (lesson.right.at(-1) < 0.9 && !lesson.done);
  const learned = lesson.right.at(-1) >= 0.9;
  return { learned, updates: lesson.trained, tokens, ms: performance.now() - start };
}"""
PLAN = {"first": "graded", "then": "graded", "answers": 24, "entropy": 0.05}  # as the figure opens
INPUT_TO_PAINT = """async ([tag, name]) => {
  const el = document.querySelector(tag), input = el.querySelector(`input[data-pg="${name}"]`);
  const paint = el.paint.bind(el), times = [];
  for (let i = 0; i < 60; i++) {
    await new Promise(requestAnimationFrame);
    await new Promise((done) => {
      input.value = Number(input.min) + (i % 20) / 20 * (Number(input.max) - Number(input.min));
      const start = performance.now();
      input.dispatchEvent(new Event("input"));
      const asked = performance.now() - start;
      requestAnimationFrame(() => {
        const begin = performance.now();
        document.body.getBoundingClientRect();
        times.push(asked + performance.now() - begin + (el.lastPaint ?? 0));
        done();
      });
      el.paint = () => {
        const begin = performance.now();
        paint();
        el.lastPaint = performance.now() - begin;
      };
    });
  }
  return times;
}"""
LONG_TASKS = """() => { window.tasks = []; new PerformanceObserver((list) => {
  window.tasks.push(...list.getEntries().map((entry) => entry.duration)); }
).observe({ entryTypes: ["longtask"] }); }"""


def write_engine(folder: Path) -> None:
    """Write a page with the engine alone."""
    modules = ("reinforce", "lesson", "writer")
    contents = "".join(f'export * from "./{name}.js";' for name in modules)
    options = {
        "stdin": {"contents": contents, "resolveDir": ENGINE},
        "outfile": str(folder / "engine.js"),
        "bundle": True,
        "minify": True,
        "format": "iife",
        "globalName": "engine",
    }
    script = f"import('esbuild').then((esbuild) => esbuild.build({json.dumps(options)}))"
    done = js_tools.run([*js_tools.node_commands()[0], "-e", script])
    if done.returncode:
        raise RuntimeError(done.stderr)
    text = '<!doctype html><link rel="icon" href="data:,"><script src="engine.js"></script>'
    (folder / "engine.html").write_text(text, "utf-8")


def time_engine(browser, address: str, seeds: int) -> None:
    """Print throughput and time to the threshold, warm and cold."""
    print(f"{'policy':<18}{'solved':>9}{'ms, median':>12}{'worst':>11}{'M steps/s':>11}{'cold':>8}")
    for name, model in MODELS.items():
        settings = {**COMMON, **model}
        page = browser.new_page()
        page.goto(f"{address}/engine.html")
        cold = page.evaluate(RUN, {**settings, "seed": 0})["ms"]
        for seed in range(100, 100 + min(seeds, 10)):
            page.evaluate(RUN, {**settings, "seed": seed})
        runs = [page.evaluate(RUN, {**settings, "seed": seed}) for seed in range(seeds)]
        speed = sum(run["steps"] for run in runs) / sum(run["ms"] for run in runs) / 1000
        times, solved = [run["ms"] for run in runs], sum(run["solved"] for run in runs)
        print(
            f"{name:<18}{f'{solved}/{seeds}':>9}{median(times):>12.1f}{max(times):>11.1f}"
            f"{speed:>11.1f}{cold:>8.0f}"
        )
        page.close()


def time_text(browser, address: str, seeds: int) -> None:
    """Print how fast the language model writes and learns; the first run in a fresh page apart."""
    page = browser.new_page()
    page.goto(f"{address}/engine.html")
    cold = page.evaluate(LESSON, {**PLAN, "seed": 0})["ms"]
    runs = [page.evaluate(LESSON, {**PLAN, "seed": seed}) for seed in range(seeds)]
    page.close()
    speed = sum(run["tokens"] for run in runs) / sum(run["ms"] for run in runs)
    learned = [run for run in runs if run["learned"]]
    times, updates = ([run[key] for run in learned] for key in ("ms", "updates"))
    print(
        f"language model: {len(learned)}/{seeds} learn, median {median(updates):.0f} updates, "
        f"{median(times):.0f} ms, worst {max(times):.0f}, cold {cold:.0f}; "
        f"{speed:.0f} thousand tokens a second"
    )


def time_explorables(browser, folder: Path, address: str, names: list[str]) -> None:
    """Print for each explorable the time from input to paint, and the tasks that block the page."""
    print(
        f"{'explorable':<18}{'paint, ms':>11}{'worst':>8}{'blocking, opening':>20}{'dragged':>10}"
    )
    for name in names:
        row = ROWS[name]
        write_page(folder, row.make().to_html())
        page = browser.new_page()
        page.add_init_script(f"({LONG_TASKS})()")
        page.goto(f"{address}/page.html")
        page.wait_for_selector(f"{row.tag} svg")
        page.wait_for_function(
            f"() => {{ const el = document.querySelector('{row.tag}'); return {row.settle}; }}"
        )
        page.wait_for_timeout(500)
        opening = page.evaluate("tasks.splice(0)")
        times = sorted(page.evaluate(INPUT_TO_PAINT, [row.tag, row.slider]))
        page.wait_for_timeout(1000)
        longest = [max(tasks, default=0) for tasks in (opening, page.evaluate("tasks"))]
        opened, dragged = (f"{task:.0f} ms" if task else "none" for task in longest)
        print(f"{name:<18}{median(times):>11.1f}{times[-1]:>8.1f}{opened:>20}{dragged:>10}")
        page.close()


def time_python(seeds: int) -> None:
    """Print the Python trainer's numbers on the same task: linear, same batch and weight."""
    from pgbook.trainer import Config, Trainer

    Trainer(Config())  # the first optimiser of a process loads a large part of torch
    times, steps, solved = [], 0, 0
    for seed in range(seeds):
        config = Config(
            seed=seed,
            hidden=(),
            episodes=MODELS["linear"]["episodes"],
            learning_rate=MODELS["linear"]["learningRate"],
            psi=COMMON["psi"],
            observation_scale=(2.4, 3.0, 0.21, 3.0),
            threshold=475.0,
        )
        start = time.perf_counter()
        trainer = Trainer(config)
        records = list(trainer)
        times.append(1000 * (time.perf_counter() - start))
        steps, solved = steps + records[-1].env_steps, solved + trainer.solved
    print(
        f"{'Python, linear':<18}{f'{solved}/{seeds}':>9}{median(times):>12.1f}{max(times):>11.1f}"
        f"{steps / sum(times) / 1000:>11.2f}"
    )


def main() -> None:
    """Parse the command line, measure, print."""
    parser = recording.options(__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="seeds 0 to SEEDS - 1")
    given = parser.parse_args()
    seeds, names = (1, [*ROWS][:1]) if given.small else (given.seeds, [*ROWS])
    js_tools.install()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        write_engine(folder)
        browser = playwright.chromium.launch(executable_path=browser_path(), args=QUIET)
        with served(folder) as address:
            time_engine(browser, address, seeds)
            time_python(seeds)
            time_text(browser, address, seeds)
            time_explorables(browser, folder, address, names)
        browser.close()


if __name__ == "__main__":
    main()
