"""Backends by name, ours and strangers'."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from types import ModuleType

PLUGINS = "echotales.backends"
"""Entry-point group; the point's name is what an entry of data/models.toml gives as its backend."""


def has_door(backend: str) -> bool:
    """Whether a module of this name, or a stranger's entry point, is on this machine."""
    if importlib.metadata.entry_points(group=PLUGINS, name=backend):
        return True
    try:
        return importlib.util.find_spec(backend) is not None
    except ModuleNotFoundError:
        return False


def door_of(backend: str) -> ModuleType:
    """Import and return the module that offers `open_backend`; no model library is imported."""
    for point in importlib.metadata.entry_points(group=PLUGINS, name=backend):
        module: ModuleType = point.load()
        return module
    return importlib.import_module(backend)
