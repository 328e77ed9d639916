#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""on_terminal.py COMMAND...: runs it with a terminal for standard error, prints what it wrote there; exits as it did."""
import os
import pty
import sys

main, terminal = pty.openpty()
child = os.fork()
if child == 0:
    os.dup2(terminal, 2)
    os.close(main)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
os.close(terminal)
text = b""
while True:
    try:
        piece = os.read(main, 4096)
    except OSError:  # the other end is closed
        break
    if not piece:
        break
    text += piece
sys.stdout.buffer.write(text)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
