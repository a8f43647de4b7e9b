# SPDX-License-Identifier: MIT
"""The kinds of values that settings have, as people write them."""

import re

WORDS = {"on": True, "yes": True, "true": True, "1": True,
         "off": False, "no": False, "false": False, "0": False}
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def parse_bool(text: str) -> bool:
    """on and off, and what else people write for them."""
    try:
        return WORDS[text.strip().lower()]
    except KeyError:
        raise ValueError(f"'{text}' is neither on nor off") from None


def parse_port(text: str) -> int:
    """A port that a service can listen on."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError(f"'{text}' is no port (1 to 65535)")
    return int(text)


def parse_host(text: str) -> str:
    """A host name or an IPv4 address."""
    if not HOST.fullmatch(text):
        raise ValueError(f"'{text}' is no host name")
    return text.lower()


def parse_duration(text: str) -> float:
    """250ms, 30s, 5m or 2h, in seconds."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h)", text)
    if match is None:
        raise ValueError(f"'{text}' is no duration (like 250ms, 30s, 5m)")
    return int(match[1]) * SECONDS[match[2]]
