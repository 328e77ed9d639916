/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_POLICY_FILES_H
#define HVCOMPAT_CMD_POLICY_FILES_H

#include "base/error.h"
#include "base/util.h"

/* Names of files, in the order in which they count. */
struct file_list {
	char **files; /* owned */
	size_t n;
};
void file_list_done(struct file_list *list);

/* The names (without .yaml) of all policies in `dirs`, each once, sorted. */
int policy_names(char *const *dirs, struct file_list *ret, struct error *err);

/*
 * The files that make up `name`: a policy, else an interface, a hypervisor or an old userspace. The main file
 * comes first, its drop-ins by name; `hidden` gets those that one of a later directory replaces. -ENOENT:
 * there is none.
 */
int files_of(char *const *dirs, const char *name, struct file_list *ret, struct file_list *hidden,
	     struct error *err);

#endif
