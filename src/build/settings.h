/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_SETTINGS_H
#define HVCOMPAT_BUILD_SETTINGS_H

#include "base/error.h"
#include "base/util.h"

/*
 * What was asked of a configuration, and by whom. Of several settings of one option the last one counts, as for
 * kconfig; who asked for it is remembered, for what is lost is told to them.
 */

enum asker { ASKER_BASE, ASKER_SHIM, ASKER_POLICY, ASKER_FRAGMENT, ASKER_BUILD };

struct setting {
	char *name;  /* without CONFIG_ */
	char *value; /* as it is written: y, m, n, 64, 0x100, "text" with its quotes */
	size_t asker; /* index in settings.askers: a later one has the last word */
	size_t when;  /* how many were set before it; a later one wins in a choice, too */
};

struct settings {
	struct setting *list; /* owned; in the order in which they were first set */
	size_t n;
	struct asked_by {
		enum asker kind;
		char *name; /* a file, a make target, a shim, a policy */
	} *askers;
	size_t n_askers;
	size_t *hash; /* private */
	size_t room, count;
};
void settings_done(struct settings *s);

/* Says who sets what follows; the names of later ones have precedence. */
void settings_asker(struct settings *s, enum asker kind, const char *name);

void settings_put(struct settings *s, const char *name, const char *value);

/* NULL: nobody sets it. */
const struct setting *settings_find(const struct settings *s, const char *name);

/*
 * Takes every line of a .config or fragment. -EBADMSG with the line number for what kconfig would not read.
 * `file` is for messages.
 */
int settings_parse(struct settings *s, const char *text, const char *file, struct error *err);

/* The .config of a source, as ASKER_BASE. -E2BIG: it is larger than any. */
int settings_read(struct settings *s, const char *file, struct error *err);

/* "VMI=y", as a shim or the knowledge writes it. */
int settings_parse_word(struct settings *s, const char *word, const char *file, struct error *err);

/* All of it as a .config, in the order in which it was set last. Owned text in `ret`. */
void settings_text(const struct settings *s, struct buf *ret);

/* "shim vmi", "fragment small.config": for sentences. Returns an owned string. */
char *settings_asker_words(const struct settings *s, size_t asker);

#endif
