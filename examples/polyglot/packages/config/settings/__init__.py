# SPDX-License-Identifier: MIT
"""Settings of a service: defaults, then a file, then the environment."""

from .loader import SettingsError, load

__all__ = ["SettingsError", "load"]
