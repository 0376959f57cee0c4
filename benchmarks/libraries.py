"""Whether the losses of well-known libraries are the gradient: the libraries' own code, audited.

Each library has an adapter and a list of exact pins in benchmarks/libraries/, and a virtual
environment of its own in .libraries/, since their pins contradict each other; torch and NumPy are
this repository's. stable-baselines3 is among our own requirements and needs none. What an adapter
calls is the library's; what it replaces, it says.

Every setting is audited by `pgbook.audit` and once more by a second route that shares nothing with
it: another world, written down by hand (tree.py for whole episodes, stream.py for windows). If the
two do not agree, the script says so and ends with status 1.

The record, book/pgbook/data/libraries.json; a run replaces the libraries that it audits:

    not_run      what could not be audited, and why: [{"library", "what", "why"}]
    libraries    {library: {made_by, command, commit, versions, stubs, rows}}; stubs is what of the
                 library is replaced, and why; a row is one function with one setting:
      function   its dotted name
      settings   the options that differ from the library's defaults; sizes fit the world
      default    whether none does
      kind       "loss": a scalar was differentiated; "update": a whole training step was run, and
                 what its optimiser was given was read off
      claim      says: the documentation, in our words; where: its place in that version
      audits     for each sampling scheme, "episodes" (whole ones) or "windows" (fixed pieces of a
                 stream without end):
        objective, verdict, factor, angle (degrees), bias, noise (1 is reward-to-go's), slips,
        by_size ({K: angle, factor}), probability (of batches with an update), reads (the fields
                 that the loss looked at), notes, blocked: as in `pgbook.audit.Report`
        worlds   the same verdict in each of the audit's worlds; "prompts" has two prompts
        second_route  [{world, prompts, group, verdict, factor, angle, endless}]; "endless" has
                 verdict and angle in a group without end: what has gone there fades with the group
        agree    whether the two routes say alike that this is, or is not, the gradient's direction
      divergence_alone  for a row with a reference policy: with all rewards zero, the update beside
                 the gradient of each divergence that it could mean: "reverse", KL(pi || pi_ref) of
                 whole completions; "forward", KL(pi_ref || pi) of them; "frozen" and "frozen
                 forward", the single tokens' divergences, summed, their prefixes held fixed; each
                 with "endless", where what the aggregation turns has gone

A quarter of an hour on one core; with --setup the environments are made first, a gigabyte.

Run: python benchmarks/libraries.py [--setup] [--only ...] [--small] [--out FILE]
"""

import json
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import recording  # noqa: E402

PARTS = ROOT / "benchmarks" / "libraries"
HOMES = ROOT / ".libraries"
OURS = "stable-baselines3"
LIBRARIES = {  # by the name of its package: its adapter
    OURS: "with_sb3",
    "trl": "with_trl",
    "verl": "with_verl",
    "torchrl": "with_torchrl",
    "openrlhf": "with_openrlhf",
    "tianshou": "with_tianshou",
    "skrl": "with_skrl",
}
NOT_RUN = [
    {
        "library": "all",
        "what": "epochs after the first, and several minibatches",
        "why": "rows are dealt at random, and the policy moves between the steps",
    },
    {
        "library": "trl",
        "what": "use_vllm and use_liger_kernel",
        "why": "an engine and kernels that want a graphics card; the losses are other code there",
    },
    {
        "library": "verl",
        "what": "gdpo with several rewards, corrections for another engine's probabilities",
        "why": "the worlds pay one reward, and the policy that acted is the one that learns",
    },
    {
        "library": "torchrl",
        "what": "the losses for language models (GRPOLoss, DAPO, CISPOLoss), KLPENPPOLoss",
        "why": "they want a wrapped language model; not written yet",
    },
    {
        "library": "openrlhf",
        "what": "is_correction_level other than off",
        "why": "the policy that acted is the one that learns",
    },
    {
        "library": "tianshou, skrl",
        "what": "NPG, TRPO and what learns from a replay of old data",
        "why": "their step is no gradient of a loss on fresh data",
    },
]


def python_of(library: str) -> Path | None:
    """Return the Python that has a library, or None if its environment is not there."""
    if library == OURS:
        return Path(sys.executable)
    python = HOMES / library / "bin" / "python"
    return python if python.exists() else None


def set_up(library: str) -> None:
    """Make a library's environment: exactly its pins, with our torch and NumPy behind them."""
    home = HOMES / library
    venv.create(home, with_pip=True)
    place = sysconfig.get_path("purelib", vars={"base": str(home)})
    (Path(place) / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pins = PARTS / f"requirements-{library}.txt"
    quiet = ["install", "--quiet", "--no-cache-dir", "--no-deps", "-r", pins]
    subprocess.run([home / "bin" / "python", "-m", "pip", *quiet], check=True)


def audited(library: str, python: Path, small: bool) -> dict:
    """Return the origin, the stubs and the rows of one library."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.json"
        command = [python, PARTS / "run.py", LIBRARIES[library], out, *["--small"] * small]
        subprocess.run(command, check=True)
        found = json.loads(out.read_text("utf-8"))
    origin = recording.origin(__file__, ["numpy"])
    return {**origin, **found, "versions": origin["versions"] | found["versions"]}


def table(library: str, found: dict) -> str:
    """Return a line for each audit, with a mark where the two routes differ."""
    lines = [f"{library} {found['versions'][library]}"]
    for row in found["rows"]:
        options = ", ".join(f"{k}={v}" for k, v in row["settings"].items()) or "defaults"
        for audit in row["audits"]:
            turn = "" if audit["angle"] is None else f" {audit['angle']:.3g}°"
            doubt = "" if audit["agree"] else "  THE SECOND ROUTE DISAGREES"
            lines.append(
                f"  {row['function']}({options}), {audit['sampling']}: {audit['verdict']}"
                f"{turn}{doubt}"
            )
    return "\n".join(lines)


def merged(path: Path, found: dict) -> str:
    """Return the record with these libraries replaced, each row on a line of its own."""
    before = json.loads(path.read_text("utf-8"))["libraries"] if path.exists() else {}
    every = {name: (before | found)[name] for name in LIBRARIES if name in before | found}
    shell = {name: {**each, "rows": f"@{name}@"} for name, each in every.items()}
    text = json.dumps({"not_run": NOT_RUN, "libraries": shell}, ensure_ascii=False, indent=1)
    for name, each in every.items():
        rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in each["rows"])
        text = text.replace(f'"@{name}@"', f"[\n{rows}\n]")
    return text + "\n"


def main() -> int:
    """Audit what is there, print a table, record it."""
    parser = recording.options(__doc__, "libraries.json")
    parser.add_argument("--setup", action="store_true", help="make the environments that miss")
    parser.add_argument("--only", nargs="+", choices=LIBRARIES, help="default: all; small: ours")
    given = parser.parse_args()
    found = {}
    for library in given.only or ([OURS] if given.small else LIBRARIES):
        if given.setup and python_of(library) is None:
            set_up(library)
        if (python := python_of(library)) is None:
            print(f"{library}: not audited, it has no environment yet (--setup makes one)")
            continue
        found[library] = audited(library, python, given.small)
        print(table(library, found[library]), flush=True)
    if out := recording.target(given):
        out.write_text(merged(out, found), encoding="utf-8")
    audits = [a for each in found.values() for row in each["rows"] for a in row["audits"]]
    return 0 if all(audit["agree"] for audit in audits) else 1


if __name__ == "__main__":
    sys.exit(main())
