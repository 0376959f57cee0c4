"""The command line: `python -m pgbook.audit mymodule:my_loss`, or `pgbook-audit`."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from pgbook.audit.auditor import SAMPLING, audit

EXITS = """\
exit codes: 0 the update is the gradient (with --up-to-scale: or a positive multiple of it),
1 it is not, 2 the loss cannot be found or called, or the command is wrong"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit a loss named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="pgbook-audit",
        description="Say whether a loss's expected update is the policy gradient, exactly.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("loss", metavar="module:function", help="a function of a batch")
    parser.add_argument(
        "--update",
        action="store_true",
        help="the function returns minus the gradient for batch.theta instead of a loss",
    )
    parser.add_argument(
        "--objective",
        help="J, J_gamma, either with '- 0.1 KL' or '+ 0.01 entropy', or pass@2",
    )
    parser.add_argument("--sampling", choices=SAMPLING, default=SAMPLING[0])
    parser.add_argument(
        "--sizes", type=int, nargs="+", metavar="K", help="group sizes, the main one first"
    )
    parser.add_argument(
        "--up-to-scale", action="store_true", help="a positive multiple of the gradient passes too"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    try:
        function = _find(options.loss)
        report = audit(
            **{"update" if options.update else "loss": function},
            objective=options.objective,
            sampling=options.sampling,
            sizes=options.sizes and tuple(options.sizes),
        )
    except ValueError as error:
        print(f"pgbook-audit: {error}", file=sys.stderr)
        return 2
    print(report.to_json() if options.json else report.text(seconds=True))
    passes = ("gradient", "scaled") if options.up_to_scale else ("gradient",)
    return 0 if report.verdict in passes else 1


def _find(name):
    """Import module:function, with the working directory on the path as `python -m` has it."""
    module, _, function = name.partition(":")
    if not module or not function:
        raise ValueError(f"expected module:function, got {name!r}")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = importlib.import_module(module)
        for part in function.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"expected to find {name!r}, got {error}") from error
    if not callable(found):
        raise ValueError(f"expected {name!r} to be a function, got {type(found).__name__}")
    return found


if __name__ == "__main__":
    sys.exit(main())
