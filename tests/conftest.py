"""Settings that all tests share.

Property tests see the same examples every time, with no deadline and no files. With
`PGBOOK_PLANTED=1` (the planted-bug runner) a failing example is not shrunk: failing is enough.
"""

import os

from hypothesis import Phase, settings

# One thread a process: sums come out in one order, and parallel workers do not crowd each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile(
    "pgbook", derandomize=True, deadline=None, database=None, max_examples=25, print_blob=False
)
settings.register_profile(
    "planted", settings.get_profile("pgbook"), phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("planted" if os.environ.get("PGBOOK_PLANTED") else "pgbook")
