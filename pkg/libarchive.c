/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/libarchive.h"

struct libarchive libarchive;

static struct library library = LIBRARY_INIT(LIBRARY_ARCHIVE, LIBARCHIVE_FUNCTIONS, libarchive);

int libarchive_load(struct error *err)
{
	return library_load(&library, err);
}
