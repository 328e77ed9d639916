/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_QUERY_PROVIDES_H
#define HVCOMPAT_CMD_QUERY_PROVIDES_H

#include "build/carried.h"
#include "cmd/common.h"

/*
 * `query --provides`, on kernels that were opened: prints the Provides that the package with the image should carry,
 * for one kernel; or holds what packages do carry against what their kernels are: EXIT_BLOCKED where a line is missing
 * or false, EXIT_UNDECIDED where one cannot be told from what was given.
 */
enum exit_status query_provides(struct session *s, const struct kernel_list *list);

/* The package with the image, of those that a kernel was read from. That there is none is said and noted. */
enum exit_status session_package(struct session *s, const struct look *look, struct carried *ret);

#endif
