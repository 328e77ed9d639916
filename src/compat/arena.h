/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_ARENA_H
#define HVCOMPAT_COMPAT_ARENA_H

#include "base/util.h"

/*
 * Memory that is given back all at once: what libcyaml makes of the files lives as long as the knowledge. It
 * is bounded, so that a small file which unfolds into much (a list of a million empty mappings) is refused.
 */
struct arena;

struct arena *arena_new(void);
struct arena *arena_free(struct arena *a);
DEFINE_CLEANUP(struct arena *, arena_free)

/* Takes `size` bytes, zeroed. Never NULL: not for sizes that come from input. */
void *arena_take(struct arena *a, size_t size);

/* Allows `bytes` more until the next call, for what arena_cyaml() takes. */
void arena_limit(struct arena *a, size_t bytes);

/* Whether arena_cyaml() had to refuse since arena_limit(). */
bool arena_refused(const struct arena *a);

/* libcyaml's cyaml_mem_fn_t: `ctx` is the arena. NULL past the limit. */
void *arena_cyaml(void *ctx, void *ptr, size_t size);

#endif
