/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/librpm.h"

struct librpm librpm;

static struct library library = LIBRARY_INIT(LIBRARY_RPM, LIBRPM_FUNCTIONS, librpm);

int librpm_load(struct error *err)
{
	return library_load(&library, err);
}
