#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program for which, and for all that it starts, no file can be locked:
no_locks.py PROGRAM WORDS...  The kernel answers flock() with ENOLCK, as file
systems without locks do.  Exits with 77 where that cannot be arranged."""

import ctypes
import errno
import os
import platform
import struct
import sys

FLOCK = {"x86_64": (0xC000003E, 73), "aarch64": (0xC00000B7, 32)}
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


class Program(ctypes.Structure):
    _fields_ = [("n", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def main():
    arch, number = FLOCK.get(platform.machine(), (None, None))
    if arch is None:
        sys.exit(77)
    lines = [
        (LOAD, 0, 0, 4),  # struct seccomp_data: arch
        (EQUAL, 0, 3, arch),
        (LOAD, 0, 0, 0),  # nr
        (EQUAL, 0, 1, number),
        (RETURN, 0, 0, ERRNO | errno.ENOLCK),
        (RETURN, 0, 0, ALLOW),
    ]
    text = ctypes.create_string_buffer(
        b"".join(struct.pack("=HBBI", *line) for line in lines))
    program = Program(len(lines), ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(
            PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0,
            0) != 0:
        sys.exit(77)
    os.execvp(sys.argv[1], sys.argv[1:])


main()
