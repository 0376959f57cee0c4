"""Write the repository's address, set once in `_config.yml`, into every file that needs it."""

import argparse
import json
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
FILES = (
    "_config.yml",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "pyproject.toml",
    "book/index.md",
    "book/teacher.md",
    "book/pgbook/audit/slips.py",
    "book/pgbook/exercises/solutions.py",
    "book/pgbook/explorables/base.py",
)
REPOSITORY = re.compile(r"https://github\.com/[\w-]+/[\w.-]*\w")
SITE = re.compile(r"https://[\w-]+\.github\.io/[\w.-]*\w")


def address() -> str:
    """The one place: `repository.url` in `_config.yml`."""
    return yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]


def site(url: str) -> str:
    """Where GitHub Pages publishes the repository's book."""
    owner, name = url.removeprefix("https://github.com/").split("/")
    return f"https://{owner}.github.io/{name}"


def stamped(text: str, url: str) -> str:
    """The text with every address of a repository and its site replaced by ours."""
    return SITE.sub(site(url), REPOSITORY.sub(url, text))


def stamped_notebook(text: str, url: str) -> str:
    """The notebook with the address in its Colab cell replaced."""
    for cell in json.loads(text)["cells"]:
        if cell.get("id") == "colab":
            for line in cell["source"]:
                old = json.dumps(line, ensure_ascii=False)
                text = text.replace(old, json.dumps(stamped(line, url), ensure_ascii=False))
    return text


def main() -> int:
    """Stamp all files, or with --check name those that differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, name what would")
    check = parser.parse_args().check
    url, differ = address(), []
    for path in [*(ROOT / name for name in FILES), *sorted((ROOT / "book").glob("*.ipynb"))]:
        text = path.read_text("utf-8")
        new = stamped_notebook(text, url) if path.suffix == ".ipynb" else stamped(text, url)
        if new != text:
            differ.append(path.name)
            if not check:
                path.write_text(new, "utf-8")
    print("\n".join(differ) or f"every file names {url}")
    return 1 if check and differ else 0


if __name__ == "__main__":
    sys.exit(main())
