"""Run a command as on other machines: other vector units, threads, surroundings, one at a time.

    python tools/machines.py [--only NAME ...] COMMAND ...

NumPy and torch choose their kernels by the processor's vector units; here these are taken away.
What this processor lacks is skipped, and said. A setting is seen to take hold before the command
runs in it. The kernels of BLAS (OPENBLAS_CORETYPE) are left alone: some machines need theirs.
"""

import argparse
import ast
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

ATEN = ("default", "avx2", "avx512")
PROBE = """
import os, numpy, torch
units = numpy.show_config(mode="dicts")["SIMD Extensions"]
print(units.get("found", []), units.get("not found", []), sep="; ")
print(torch.backends.cpu.get_cpu_capability().lower())
print(torch.get_num_threads())
print(os.environ.get("CI"), os.environ.get("COLUMNS"))
"""


@dataclass(frozen=True)
class Setting:
    """One variable to set, and the line of `PROBE` that then says so; or what is lacking."""

    name: str
    sets: dict[str, str] = field(default_factory=dict)
    line: int = 0
    says: str = ""
    lacks: str = ""


def settings(numpy_found: list, numpy_lacks: list, torch_unit: str, cores: int) -> list[Setting]:
    """All settings: NumPy down to its baseline, torch up to what it has, threads, surroundings.

    Args:
        numpy_found: the vector units that NumPy would use here, the smallest first.
        numpy_lacks: those that it could use elsewhere.
        torch_unit: the vector unit that torch uses here.
        cores: the number of processors.
    """
    listed = []
    for i, unit in reversed(list(enumerate(numpy_found))):
        gone = {"NPY_DISABLE_CPU_FEATURES": " ".join(numpy_found[i:])}
        says = f"{numpy_found[:i]}; {numpy_found[i:] + numpy_lacks}"
        listed.append(Setting(f"numpy-without-{unit}" if i else "numpy-baseline", gone, 0, says))
    if not numpy_found:
        listed.append(Setting("numpy-baseline", lacks="NumPy goes no further than that here"))
    for unit in numpy_lacks:
        listed.append(Setting(f"numpy-without-{unit}", lacks=f"this processor has no {unit}"))
    for i, unit in enumerate(ATEN):
        has = torch_unit in ATEN[i:]
        lacks = "" if has else f"torch goes no further than {torch_unit} here"
        listed.append(Setting(f"torch-{unit}", {"ATEN_CPU_CAPABILITY": unit}, 1, unit, lacks))
    for count in (1, 2):
        lacks = "" if count <= cores else f"this machine has {cores} core"
        threads = {"OMP_NUM_THREADS": str(count)}
        listed.append(Setting(f"threads-{count}", threads, 2, str(count), lacks))
    # Programs that write for a reader look at these: pytest shortens its lines, but not in CI.
    listed.append(Setting("surroundings", {"CI": "true", "COLUMNS": "60"}, 3, "true 60"))
    return listed


def probe(**sets: str) -> list[str]:
    """Ask NumPy and torch, in a process of its own, what they run on."""
    command, environment = [sys.executable, "-c", PROBE], {**os.environ, **sets}
    return subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()


def here() -> list[Setting]:
    """The settings of this machine."""
    units, torch_unit, *_ = probe(OMP_NUM_THREADS="1")
    found, lacking = map(ast.literal_eval, units.split("; "))
    return settings(found, lacking, torch_unit, os.cpu_count() or 1)


def run(setting: Setting, command: list[str]) -> str:
    """Run the command in one setting; return what came of it, in a few words."""
    if setting.lacks:
        return f"skipped: {setting.lacks}"
    told = " ".join(f"{key}={value!r}" for key, value in setting.sets.items())
    print(f"== {setting.name}: {told}", flush=True)
    says = probe(**{"OMP_NUM_THREADS": "1", **setting.sets})[setting.line]
    if says != setting.says:
        return f"failed: expected {setting.says}, got {says}"
    begun = time.monotonic()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **setting.sets}
    code = subprocess.run(command, env=environment).returncode
    return f"{'failed' if code else 'passed'} in {time.monotonic() - begun:.0f} s"


def main() -> int:
    """Read the command line; the exit code says whether the command passed in every setting."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", action="append", help="one of the settings, by its name")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    listed = here()
    names = [setting.name for setting in listed]
    if unknown := set(options.only or ()) - set(names):
        parser.error(f"--only: expected one of {', '.join(names)}, got {', '.join(unknown)}")
    wanted = [s for s in listed if not options.only or s.name in options.only]
    results = {s.name: run(s, options.command) for s in wanted}
    print("== as on other machines")
    for name, result in results.items():
        print(f"{name:28}{result}")
    return int(any(result.startswith("failed") for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
