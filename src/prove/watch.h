/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_WATCH_H
#define HVCOMPAT_PROVE_WATCH_H

#include "prove/recipe.h"

/* Reads what a boot says, line by line, into its record. Nothing else tells how it went: exit statuses prove nothing. */

struct watch_stream { /* one stream: the line that is being said */
	char line[4096];
	size_t n;
};

struct watch {
	const struct recipe *recipe;
	struct record *record;
	struct watch_stream console, complaints; /* stdout, stderr */
	unsigned begins; /* of the init */
	bool ended;      /* the init has run to its end */
	const struct recipe_watch *hit; /* the first text of the recipe that was said, before the init's end */
	char *hit_line;
	struct buf head, tail;      /* the console: its beginning, and the last of what came behind */
	struct buf said;            /* the last of stderr */
	char last[256];             /* the last line of the console that says something */
};
void watch_done(struct watch *w);

/* Bytes of the console, or of what the program complains of. */
void watch_console(struct watch *w, const char *bytes, size_t n);
void watch_complaint(struct watch *w, const char *bytes, size_t n);

/* Whether nothing that could still come changes the outcome. */
bool watch_decided(const struct watch *w);

/* How the program ended. */
struct watch_end {
	bool expired;  /* its time was up */
	double silent; /* seconds since it last said something */
	int status;    /* as waitpid() has it */
};

/* Fills outcome, why, console and (disk, by what arrived in it: `arrived`) of the record. */
void watch_judge(struct watch *w, const struct watch_end *end, bool arrived);

#endif
