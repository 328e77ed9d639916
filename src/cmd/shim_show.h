/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_SHIM_SHOW_H
#define HVCOMPAT_CMD_SHIM_SHOW_H

#include "base/json.h"

#include "build/shim.h"
#include "report/text.h"

/* A shim in words. */

/* Its name, what it is for, and the first sentence of what it restores; `verbose`: where it lies. */
void shim_list_one(const struct text *t, const struct shim *s, bool verbose);

/* All of it. */
void shim_show_one(const struct text *t, const struct shim *s);

/* The same for programs, with the keys of shim.yaml, and "dir". Owned by the caller. */
struct json_object *shim_json(const struct shim *s);

#endif
