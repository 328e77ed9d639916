/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_SCHEMA_H
#define HVCOMPAT_COMPAT_SCHEMA_H

#include <cyaml/cyaml.h>

#include "compat/arena.h"
#include "compat/knowledge.h"

/* The shape of the files (docs/knowledge.md), for libcyaml. All but `class` is optional here: what is missing
 * is told by the linter, all of it at once. */
extern const cyaml_schema_value_t schema_iface;	     /* interfaces/: struct iface */
extern const cyaml_schema_value_t schema_hypervisor; /* hypervisors/: struct host */
extern const cyaml_schema_value_t schema_userspace;  /* userspace/: struct host */

/*
 * Loads one YAML document into `arena`, strictly: unknown and repeated keys, wrong types, aliases and further
 * documents are refused. `file` is for messages. Returns 0; -EINVAL with "FILE:LINE:COLUMN: what is wrong" in
 * `err`; -E2BIG when the document unfolds into more memory than any honest one.
 */
int yaml_load(const char *file, const uint8_t *bytes, size_t n, const cyaml_schema_value_t *schema,
	      struct arena *arena, void **ret, struct error *err);

#endif
