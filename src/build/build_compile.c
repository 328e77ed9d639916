/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

/* kbuild makes only what is not there yet, so that this goes on where it was stopped. */
int step_compile(struct build *b, struct error *err)
{
	return run_make(b, (const char *const[]){ "all", NULL }, err);
}
