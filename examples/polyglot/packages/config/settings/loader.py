# SPDX-License-Identifier: MIT
"""Reads the settings from their three layers and checks them."""

import configparser
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional

from .kinds import parse_bool, parse_duration, parse_host, parse_port

PREFIX = "SERVICE_"


class SettingsError(ValueError):
    """A setting that cannot be used; the text says which and why."""


class Field:
    """One setting: its default, and how its text becomes a value."""

    def __init__(self, default: str, parse: Callable[[str], Any]) -> None:
        self.default = default
        self.parse = parse


FIELDS: Dict[str, Field] = {
    "host": Field("127.0.0.1", parse_host),
    "port": Field("8080", parse_port),
    "tls": Field("off", parse_bool),
    "timeout": Field("30s", parse_duration),
}


def read_file(path: Path) -> Dict[str, str]:
    """The settings of the section [service] of an INI file."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
    except (OSError, configparser.Error) as error:
        raise SettingsError(f"{path}: {error}") from error
    if not parser.has_section("service"):
        raise SettingsError(f"{path}: there is no section [service]")
    return dict(parser["service"])


def read_environment(environment: Mapping[str, str]) -> Dict[str, str]:
    """What names like SERVICE_PORT set."""
    return {
        name[len(PREFIX):].lower(): text
        for name, text in environment.items()
        if name.startswith(PREFIX)
    }


def load(
    path: Optional[Path] = None,
    environment: Optional[Mapping[str, str]] = None,
) -> Dict[str, Any]:
    """The settings in force: the environment beats the file."""
    texts = {name: field.default for name, field in FIELDS.items()}
    if path is not None:
        texts.update(read_file(path))
    texts.update(read_environment(environment or {}))
    values: Dict[str, Any] = {}
    for name, text in sorted(texts.items()):
        if name not in FIELDS:
            known = ", ".join(sorted(FIELDS))
            raise SettingsError(f"{name}: unknown; there are {known}")
        try:
            values[name] = FIELDS[name].parse(text)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from error
    return values
