"""Execute notebooks in fresh kernels and normalise what they store.

Running it twice changes nothing: counts, ids, metadata and outputs come out the same, so a diff of
a notebook shows only what a person changed.
"""

import argparse
import ast
import copy
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
ALLOWED_TAGS = {
    "hide-cell",
    "idea",
    "lines",
    "long-proof",
    "margin",
    "nbval-ignore-output",
    "nbval-skip",
    "raises-exception",
    "remove-cell",
    "remove-output",
}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Ids that an editor made up: eight hexadecimal digits, or a UUID.
MADE_UP = re.compile(r"(?=.*\d)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=.*\d)[0-9a-f]{8}")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|root|Users|tmp|work)/\w|[A-Z]:\\Users\\")


def chapters() -> list[Path]:
    """Every notebook of the book in the order of `_toc.yml`, the ledger last."""

    def pages(node):
        if isinstance(node, list):
            for child in node:
                yield from pages(child)
        elif isinstance(node, dict):
            for key, child in node.items():
                if key in ("root", "file"):
                    yield child
                else:
                    yield from pages(child)

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = [ROOT / f"{page}.ipynb" for page in pages(toc)]
    return sorted((f for f in files if f.exists()), key=lambda f: f.stem == "ledger")


def slug(cell) -> str:
    """A kebab-case name from what the cell says."""
    words = cell.source
    if cell.cell_type == "code":
        words = code_name(words)
    words = re.sub(r"\$[^$]*\$|<[^>]*>|\]\([^)]*\)", " ", words)
    parts = re.findall(r"[a-z0-9]+", words.lower().replace("'", ""))
    return "-".join(parts[:5])[:48].strip("-") or cell.cell_type


def code_name(source: str) -> str:
    """The name that a code cell is about: its last definition, assignment or call."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return source
    for node in reversed(body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            return node.name.replace("_", " ")
        if isinstance(node, ast.Assign | ast.Expr):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.value
            return ast.unparse(target).replace("_", " ")
    return "imports" if body else "code"


def stable_ids(cells) -> None:
    """Give each cell a unique kebab-case id, keeping those that a person chose."""
    seen: set[str] = set()
    for cell in cells:
        name = cell.get("id", "")
        if not KEBAB.fullmatch(name) or MADE_UP.fullmatch(name) or name in seen:
            name = slug(cell)
        number, unique = 1, name
        while unique in seen:
            number += 1
            unique = f"{name}-{number}"
        seen.add(unique)
        cell["id"] = unique


def stable_outputs(outputs: list) -> list:
    """One stream of each name, in the order of first appearance; no counts, metadata or widgets."""
    kept, streams = [], {}
    for output in outputs:
        if output.output_type == "stream" and output.name in streams:
            streams[output.name].text += output.text
            continue
        if output.output_type == "stream":
            streams[output.name] = output
        elif output.output_type == "error":
            output.traceback = [f"{output.ename}: {output.evalue}"]
        else:
            output.metadata = {}
            output.data.pop(WIDGET_VIEW, None)
            if not output.data:
                continue
        kept.append(output)
    return kept


def normalise(notebook):
    """Return the notebook with everything that varies from run to run taken out."""
    notebook = copy.deepcopy(notebook)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    stable_ids(notebook.cells)
    count = 0
    for cell in notebook.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").split("\n"))
        tags = list(dict.fromkeys(cell.metadata.get("tags", [])))
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type != "code":
            cell.pop("attachments", None)
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = stable_outputs(cell.outputs)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    return notebook


def text_of(notebook) -> str:
    """The notebook as the one text that it is stored as."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def text_in(output) -> str:
    """All that an output says in words, whatever its kind."""
    data = [part for mime, part in output.get("data", {}).items() if mime != "image/png"]
    parts = [output.get("text", ""), output.get("evalue", ""), *data]
    return "\n".join(map(str, parts))


def problems(notebook) -> list[str]:
    """What no normaliser can mend: tags outside the list, addresses and paths of this machine."""
    found = []
    for cell in notebook.cells:
        for tag in set(cell.metadata.get("tags", [])) - ALLOWED_TAGS:
            found.append(f"{cell.id}: tag {tag!r} is not one of {sorted(ALLOWED_TAGS)}")
        for output in cell.get("outputs", []):
            shown = text_in(output)
            if match := ADDRESS.search(shown) or MACHINE_PATH.search(shown):
                found.append(f"{cell.id}: the output holds {match[0]!r}, other on each machine")
    return found


def execute(path: Path) -> list[str]:
    """Run one notebook in a fresh kernel and store it; return what is wrong with it."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    client = NotebookClient(
        notebook,
        timeout=900,
        startup_timeout=600,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=40"],
        resources={"metadata": {"path": str(BOOK)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        return [f"{path.name}: a cell failed\n{error}"]
    return store(path, notebook)


def store(path: Path, notebook) -> list[str]:
    """Normalise and write, in one step that an interrupt cannot leave half done."""
    notebook = normalise(notebook)
    if found := problems(notebook):
        return [f"{path.name}: {line}" for line in found]
    text = text_of(notebook)
    if text != path.read_text("utf-8"):
        half = path.with_suffix(".tmp")
        half.write_text(text, "utf-8")
        os.replace(half, path)
    return []


def check(path: Path) -> list[str]:
    """What `make notebooks` would change in the stored file, not counting the code's results."""
    notebook = nbformat.read(path, as_version=4)
    found = [f"{path.name}: {line}" for line in problems(notebook)]
    if path.read_text("utf-8") != text_of(normalise(notebook)):
        found.append(f"{path.name}: not normalised; run `make notebooks`")
    return found


def run(files: list[Path], jobs: int) -> list[str]:
    """Execute the files side by side; the ledger waits for all others."""
    found = []
    last = [f for f in files if f.stem == "ledger"]
    for batch in ([f for f in files if f not in last], last):
        with ProcessPoolExecutor(jobs) as pool:
            for path, result in zip(batch, pool.map(execute, batch), strict=True):
                print(f"{'failed' if result else 'done  '}  {path.name}", flush=True)
                found += result
    return found


def main() -> int:
    """Read the command line; the exit code says whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="default: every chapter of _toc.yml")
    parser.add_argument("--check", action="store_true", help="change nothing, name what would")
    parser.add_argument("--list", action="store_true", help="print the chapters and stop")
    parser.add_argument("--no-execute", action="store_true", help="normalise only")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at the same time")
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    files = [f.resolve() for f in options.files] or chapters()
    if options.list:
        print("\n".join(str(f.relative_to(ROOT)) for f in files))
        return 0
    if options.check:
        found = [line for f in files for line in check(f)]
    elif options.no_execute:
        found = [line for f in files for line in store(f, nbformat.read(f, as_version=4))]
    else:
        found = run(files, options.jobs)
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
