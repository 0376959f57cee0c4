"""Settings that all tests share."""

import os

# One thread a process: sums come out in one order, and parallel workers do not crowd each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
