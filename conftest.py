"""`pytest --nbval` compares what is claimed, not the last digit; see `tools/same_outputs.py`."""

pytest_plugins = ["same_outputs"]
