"""Stand-ins for packages that a library imports and the audited functions never call."""

import importlib.abc
import importlib.machinery
import sys
import types
from unittest.mock import MagicMock


class Hollow(types.ModuleType):
    """A module that has every name: a class where it is capitalised, else something callable."""

    __path__ = []
    __version__ = "99.0"

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {}) if name[0].isupper() else MagicMock(name=name)
        setattr(self, name, made)
        return made


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the named packages, and everything below them, as hollow modules."""

    def __init__(self, names):
        """The top-level names."""
        self.names = set(names)

    def find_spec(self, name, path=None, target=None):
        """Claim a name that is on the list."""
        if name.split(".")[0] in self.names:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        """Return the stand-in."""
        return Hollow(spec.name)

    def exec_module(self, module):
        """A hollow module runs nothing."""


def stand_in(*names: str) -> None:
    """Import these packages as hollow modules from now on."""
    sys.meta_path.insert(0, Absent(names))
