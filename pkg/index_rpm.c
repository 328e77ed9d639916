/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/index_private.h"

#include <errno.h>

int index_open_rpm(const char *dir, const struct index_options *o, struct index_list *list, struct error *err)
{
	(void)o;
	(void)list;
	return error_set(err, EOPNOTSUPP, "%s: repositories of rpm packages are not read yet", dir);
}
