/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_STATUS_H
#define HVCOMPAT_BASE_STATUS_H

/* What the process says to its caller. hvcompat(1) lists the same five; a test compares the two. */
enum exit_status {
	EXIT_OK = 0,        /* allowed, or supported */
	EXIT_BLOCKED = 1,   /* blocked, not supported, or (diff) something was dropped */
	EXIT_FAILED = 2,    /* the operation failed: I/O, corrupt input */
	EXIT_UNDECIDED = 3, /* evidence is missing or contradicts itself */
	EXIT_USAGE = 64,    /* wrong usage (EX_USAGE of sysexits.h) */
};

#endif
