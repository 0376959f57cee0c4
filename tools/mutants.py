"""Plant mutmut's small changes, one at a time, and name those that no test notices.

    python tools/mutants.py [--folder FOLDER | --base COMMIT] [--sample N] [--minutes M]

The changes are mutmut's. Its own runner leaves out what stands outside functions or below a
decorator, and hides the changes from processes that a test starts; `mutant_runs.py` does not. No
docstring, annotation, import, help or error message is changed: their wording is no behaviour.
What was found is kept in `_build/mutants`, so that a run goes on where the last one stopped.
"""

import argparse
import difflib
import hashlib
import json
import math
import random
import subprocess
import sys
import time
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, PositionProvider
from mutant_runs import BUILD, ROOT, Tests, copy_tree, run_mutant
from mutmut.mutation.mutators import mutation_operators

FOLDERS = ("book/pgbook", "tools", "book/_ext")
ITSELF = ("tools/mutants.py", "tools/mutant_runs.py")  # a runner cannot be run on itself
WORDS = m.OneOf(*(m.Name(word) for word in ("help", "description")))
UNREAD = (
    m.Annotation()
    | m.Import()
    | m.ImportFrom()
    | m.Expr(m.SimpleString() | m.ConcatenatedString())
    | m.Arg(keyword=WORDS)
    | m.If(test=m.Comparison(left=m.Name("__name__")))
)


class Mutant(NamedTuple):
    """One small change: where it is, and the file's text with it."""

    path: str
    number: int
    line: int
    change: str
    text: str


def places(node: cst.CSTNode, message: bool = False):
    """Yield the nodes that may be changed, in the order of the text."""
    if m.matches(node, UNREAD):
        return
    message = message or isinstance(node, cst.Raise)
    if not (message and isinstance(node, cst.BaseString)):
        yield node
        for child in node.children:
            yield from places(child, message)


def change(old: str, new: str) -> str:
    """The lines that differ, as one line."""
    diff = list(difflib.ndiff(old.splitlines(), new.splitlines()))
    sides = (" ".join(line[2:].strip() for line in diff if line[0] == sign) for sign in "-+")
    return " → ".join(sides)


def mutants_of(path: str, source: str):
    """Return how many changes a file has, and a function that gives the one with a number."""
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    where = wrapper.resolve(PositionProvider)
    found = [
        (node, new)
        for node in places(wrapper.module)
        for kind, operator in mutation_operators
        if isinstance(node, kind)
        for new in operator(node)
    ]

    def mutant(number: int) -> Mutant | None:
        node, new = found[number]
        text = wrapper.module.deep_replace(node, new).code
        try:
            compile(text, path, "exec")
        except SyntaxError:
            return None
        line = where[node].start.line if node in where else 0
        return Mutant(path, number, line, change(source, text), text) if text != source else None

    return len(found), mutant


def sample(paths: list[str], size: int, seed: int) -> list[Mutant]:
    """Draw `size` changes of the files without replacement, all of them if there are fewer."""
    makers = {path: mutants_of(path, (ROOT / path).read_text("utf-8")) for path in paths}
    every = [(path, number) for path, (count, _) in makers.items() for number in range(count)]
    random.Random(seed).shuffle(every)
    drawn = []
    for path, number in every:
        if len(drawn) < size and (mutant := makers[path][1](number)):
            drawn.append(mutant)
    print(f"{len(drawn)} of {len(every)} changes in {len(paths)} files, seed {seed}")
    return drawn


def interval(killed: int, all_: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z, p = 1.959964, killed / all_
    middle = (p + z * z / (2 * all_)) / (1 + z * z / all_)
    half = z / (1 + z * z / all_) * math.sqrt(p * (1 - p) / all_ + z * z / (4 * all_**2))
    return middle - half, middle + half


def files(options) -> list[str]:
    """The Python files of the folder, or those that changed since the base."""
    known = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout.splitlines()
    if not options.folder:
        diff = ["git", "diff", "--name-only", options.base, "--"]
        changed = subprocess.run(diff, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        known = set(known) & set(changed.splitlines())
    folders = [options.folder] if options.folder else FOLDERS
    return sorted(
        path
        for path in known
        if path.endswith(".py") and path.startswith(tuple(f"{f}/" for f in folders))
        if not path.startswith(tuple(options.leave_out)) and path not in ITSELF
    )


def key(mutant: Mutant) -> str:
    """The same for the same change of the same text."""
    return hashlib.sha256(f"{mutant.path} {mutant.text}".encode()).hexdigest()[:16]


def report(results: list[dict], left: int) -> None:
    """Print the survivors and the score."""
    for result in results:
        if result["outcome"] == "survived":
            print(f"survived  {result['path']}:{result['line']}  {result['change']}")
    killed = sum(result["outcome"] != "survived" for result in results)
    if results:
        low, high = interval(killed, len(results))
        print(f"killed {killed} of {len(results)}: {killed / len(results):.1%}", end=" ")
        print(f"(95 %: {low:.1%} to {high:.1%}); {left} not run yet")


def main() -> int:
    """Read the command line; the exit code says whether every change was noticed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", help=f"one of {', '.join(FOLDERS)}, or a part of one")
    parser.add_argument("--base", default="HEAD~1", help="without a folder: what changed since")
    parser.add_argument("--leave-out", nargs="*", default=[], help="paths that begin with this")
    parser.add_argument("--sample", type=int, default=200, help="how many changes at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=math.inf, help="then stop, to go on later")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    paths = files(options)
    drawn = sample(paths, options.sample, options.seed)
    copy_tree()
    tests, store = Tests(paths, end), BUILD / "results.json"
    known = json.loads(store.read_text("utf-8")) if store.exists() else {}
    results = []
    for mutant in drawn:
        old = known.get(key(mutant))
        if not old or (old["outcome"] == "survived" and old["tests"] != tests.state):
            if time.monotonic() > end:
                continue
            outcome = run_mutant(mutant.path, mutant.text, tests.of(mutant.path, mutant.line))
            told = {"path": mutant.path, "line": mutant.line, "change": mutant.change}
            old = known[key(mutant)] = {**told, **outcome, "tests": tests.state}
            store.write_text(json.dumps(known, indent=1), "utf-8")
        results.append(old)
    report(results, len(drawn) - len(results))
    return int(any(result["outcome"] == "survived" for result in results))


if __name__ == "__main__":
    sys.exit(main())
