/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_SELECT_H
#define HVCOMPAT_COMPAT_SELECT_H

#include "compat/knowledge.h"

/*
 * Which (host, version, mode) someone means. The short form of command lines is
 * HOST[:VERSIONS][/MODE[,MODE]]: "hyperv:2008r2", "xen:>=4.2/pv", "kvm", "glibc-before-2.14". VERSIONS in
 * full: "all", "2008r2", ">= 4.2", "<= 4.14", "4.2 .. 4.14", or several of these separated by ",".
 */
struct selection {
	const struct host *host;
	bool *versions; /* parallel to host->versions; owned */
	bool *modes;    /* parallel to host->modes; owned */
};
/* 0; -ENOENT: no such host, version, mode or loader; -EINVAL: cannot be read. `err` says what there is. */
int selection_parse(const struct knowledge *k, const char *text, struct selection *ret, struct error *err);

/* The same from the parts of a policy. `versions` NULL: all; `modes` empty: all; `loader` NULL: any. */
int selection_make(const struct knowledge *k, const char *host, const char *versions, char *const *modes,
		   unsigned n_modes, const char *loader, struct selection *ret, struct error *err);
void selection_done(struct selection *s);

/*
 * Marks in `ret_wanted` (parallel to k->wants.wants) what must be read to judge these selections, for n = 0 all
 * hosts; `details` adds the interfaces' details. The want list to read is made with want_list_subset().
 */
void selection_wants(const struct knowledge *k, const struct selection *s, size_t n, bool details, bool *ret_wanted);

/*
 * The marked wants alone, and those drivers that they name: what kernel_read() is given. A deep copy; free with
 * want_list_done().
 */
void want_list_subset(const struct want_list *all, const bool *wanted, struct want_list *ret);

/*
 * Makes facts that answer a subset answer the whole list again, which is what support_judge() takes: what was
 * not asked is FACT_UNREAD. Works in place; `facts` must answer the subset made with the same `wanted`.
 */
void facts_widen(struct facts *facts, const struct want_list *all, const bool *wanted);

#endif
