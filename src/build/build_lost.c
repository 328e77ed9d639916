/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>
#include <fnmatch.h>

/*
 * A setting that olddefconfig drops is dropped without a word, and the line stays in the packager's config and looks
 * right. So each one is held against the result, with the kernel's own parser of Kconfig (kconfig/why.c).
 */

#define MARK	   "# hvcompat: begin"
#define FILES_MAX  (16u << 20)

struct loss {
	char *fields[7]; /* as why.c writes them; point into the text */
};
enum { NAME, KIND, TYPE, PROMPT, GOT, CAUSE, SENTENCE };

/* --- asking */

/* What follows our mark in the Makefile is ours, also if a run before was stopped. */
static int take_out(const struct build *b, struct error *err)
{
	static const char *const ours[] = { "why.c", "why", "why.o", ".why.cmd", ".why.o.cmd", ".why.o.d" };
	_cleanup_(freep) char *makefile = xasprintf("%s/scripts/kconfig/Makefile", b->tree), *text = NULL;
	char *mark;
	int r = fs_read(makefile, FILES_MAX, &text, NULL, err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(ours); i++) {
		_cleanup_(freep) char *file = xasprintf("%s/scripts/kconfig/%s", b->tree, ours[i]);

		r = fs_remove(file, err);
	}
	mark = r == 0 ? strstr(text, MARK) : NULL;
	return mark ? fs_write(makefile, text, (size_t)(mark - text), err) : r;
}

static int put_in(const struct build *b, struct error *err)
{
	_cleanup_(freep) char *makefile = xasprintf("%s/scripts/kconfig/Makefile", b->tree), *text = NULL;
	_cleanup_(freep) char *more_file = xasprintf("%s/why.mk", b->request->kconfig), *more = NULL;
	_cleanup_(freep) char *source = xasprintf("%s/why.c", b->request->kconfig), *program = NULL;
	_cleanup_(freep) char *target = xasprintf("%s/scripts/kconfig/why.c", b->tree), *both = NULL;
	int r = fs_read(makefile, FILES_MAX, &text, NULL, err);

	if (r == 0)
		r = fs_read(more_file, FILES_MAX, &more, NULL, err);
	if (r == 0)
		r = fs_read(source, FILES_MAX, &program, NULL, err);
	if (r == 0)
		r = fs_write(target, program, strlen(program), err);
	if (r < 0)
		return r;
	both = xasprintf("%s%s", text, more);
	return fs_write(makefile, both, strlen(both), err);
}

/* A string without its quotes and escapes, as Kconfig's parser holds it. Owned. */
static char *unquoted(const char *value)
{
	size_t n = strlen(value), m = 0;
	char *plain = xstrdup(value);

	if (*value != '"' || n < 2)
		return plain;
	for (size_t i = 1; i + 1 < n; i++) {
		if (value[i] == '\\' && i + 2 < n)
			i++;
		plain[m++] = value[i];
	}
	plain[m] = '\0';
	return plain;
}

static int write_requests(const struct build *b, const char *file, struct error *err)
{
	_cleanup_(buf_done) struct buf text = { 0 };

	buf_add(&text, "", 0);
	for (size_t i = 0; i < b->settings.n; i++) {
		const struct setting *s = &b->settings.list[i];
		_cleanup_(freep) char *value = unquoted(s->value);

		buf_addf(&text, "%zu %s %s\n", s->asker, s->name, value);
	}
	return fs_write(file, text.text, text.len, err);
}

static int ask(struct build *b, char **ret_answers, struct error *err)
{
	_cleanup_(freep) char *requests = xasprintf("%s/requests", b->work);
	_cleanup_(freep) char *answers = xasprintf("%s/answers", b->work);
	int r = take_out(b, err);

	if (r == 0)
		r = put_in(b, err);
	if (r == 0)
		r = write_requests(b, requests, err);
	if (r < 0)
		return r;
	unlink(answers);
	setenv("WHY_REQUESTS", requests, 1);
	setenv("WHY_ANSWERS", answers, 1);
	r = run_make(b, (const char *const[]){ "whyconfig", NULL }, err);
	if (r < 0)
		error_prefix(err, "the program that asks the source's Kconfig could not be built or run");
	else
		r = fs_read(answers, FILES_MAX, ret_answers, NULL, err);
	return take_out(b, err) < 0 && r == 0 ? -EIO : r;
}

/* Cuts the next line of the answers into its fields. Returns what follows it, or NULL at the end. */
static char *next_loss(char *text, struct loss *ret)
{
	char *end = text ? strchr(text, '\n') : NULL;
	size_t i = 0;

	if (!end)
		return NULL;
	*end = '\0';
	for (char *field = text; field && i < ARRAY_SIZE(ret->fields); i++) {
		char *tab = i + 1 < ARRAY_SIZE(ret->fields) ? strchr(field, '\t') : NULL;

		ret->fields[i] = field;
		if (tab)
			*tab++ = '\0';
		field = tab;
	}
	while (i < ARRAY_SIZE(ret->fields))
		ret->fields[i++] = end;
	return end + 1;
}

/* --- what is a loss */

/*
 * By Kconfig's convention these say what an architecture or a compiler can do, and nobody sets them. Where such a
 * one is gone from the source, nothing can tell any more that it had no prompt. A module is no capability.
 */
static bool names_capability(const char *name, const char *value)
{
	static const char *const starts[] = { "HAVE_", "ARCH_HAS_", "ARCH_HAVE_", "ARCH_WANT", "ARCH_SUPPORTS",
					      "ARCH_USE_", "ARCH_ENABLE_", "ARCH_CORRECT_", "ARCH_MMAP_", "ARCH_CLOCKSOURCE_",
					      "CC_HAS_", "CC_IS_", "CC_CAN_", "CC_VERSION", "AS_", "LD_IS_", "LD_VERSION", "LD_CAN_", "GCC_VERSION", "CLANG_VERSION",
					      "LLD_VERSION", "TOOLS_SUPPORT_", "GENERIC_", "NEED_", "RUSTC_", "PAHOLE_" };

	if (streq(value, "m"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (startswith(name, starts[i]))
			return true;
	return strstr(name, "_HAVE_") != NULL;
}

static bool is_accepted(const struct build *b, const char *name)
{
	for (size_t i = 0; b->request->accept_lost[i]; i++) {
		const char *pattern = b->request->accept_lost[i];

		if (fnmatch(startswith(pattern, "CONFIG_") ?: pattern, name, 0) == 0)
			return true;
	}
	return false;
}

/*
 * Of the base, what nobody set (it follows from other options) may change, and so may what is off. What a shim, a
 * fragment or the command line asks for must be so; "off" is kept by an option that is not there at all.
 */
static bool is_loss(const struct build *b, const struct setting *s, const struct loss *l)
{
	enum asker kind = b->settings.askers[s->asker].kind;
	bool unknown = streq(l->fields[KIND], "unknown"), off = streq(s->value, "n");

	if (kind == ASKER_BUILD)
		return streq(s->name, "LOCALVERSION");
	if (!streq(l->fields[CAUSE], "-")) /* somebody who has the last word asked for what is behind it */
		return false;
	if (unknown && off)
		return false;
	/* The knowledge lists the names that an option had over the years. */
	if (unknown && kind == ASKER_POLICY)
		return false;
	if (kind != ASKER_BASE)
		return true;
	if (unknown)
		return !names_capability(s->name, s->value);
	return streq(l->fields[PROMPT], "1") && !off;
}

static char *describe(const struct build *b, const struct setting *s, const struct loss *l)
{
	_cleanup_(freep) char *who = settings_asker_words(&b->settings, s->asker);
	bool unknown = streq(l->fields[KIND], "unknown"), off = streq(s->value, "n");

	if (off)
		return xasprintf("%s: CONFIG_%s is to be off, and is %s: %s", who, s->name, l->fields[GOT],
				 l->fields[SENTENCE]);
	return xasprintf("%s: CONFIG_%s=%s is lost%s%s: %s", who, s->name, s->value, unknown ? "" : ", it is ",
			 unknown ? "" : *l->fields[GOT] ? l->fields[GOT] : "\"\"", l->fields[SENTENCE]);
}

static void say_remedy(const struct build *b, const struct buf *names)
{
	build_say(b, BUILD_FLAW,
		  "take these settings out of the config, or set what they depend on; to build without them: --accept-lost %s",
		  names->text);
}

int lost_check(struct build *b, struct error *err)
{
	_cleanup_(freep) char *answers = NULL;
	_cleanup_(buf_done) struct buf names = { 0 };
	struct loss l;
	size_t n = 0, followed = 0;
	char *at;
	int r = ask(b, &answers, err);

	if (r < 0)
		return r;
	for (at = next_loss(answers, &l); at; at = next_loss(at, &l)) {
		const struct setting *s = settings_find(&b->settings, l.fields[NAME]);
		_cleanup_(freep) char *text = s ? describe(b, s, &l) : NULL;
		bool accepted = s && is_accepted(b, s->name);

		if (!s || !is_loss(b, s, &l) || accepted) {
			dprintf(b->log, "hvcompat: %s: %s\n", accepted ? "accepted" : "follows from the rest",
				text ? text : l.fields[NAME]);
			followed++;
			continue;
		}
		build_say(b, BUILD_FLAW, "%s", text);
		buf_addf(&names, "%s%s", n++ ? "," : "", s->name);
	}
	if (followed > 0)
		build_say(b, BUILD_NOTE, "%zu option%s in a way that follows from the rest; the log has the names", followed,
			  followed == 1 ? " differs" : "s differ");
	if (n == 0)
		return 0;
	say_remedy(b, &names);
	return error_set(err, EINVAL, "%zu option%s did not survive the source's own configuration", n, n == 1 ? "" : "s");
}

/* Whether somebody asks for "m" who cannot know what this source has. */
static bool may_round_up(const struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		enum asker kind = s->askers[s->list[i].asker].kind;

		if ((kind == ASKER_SHIM || kind == ASKER_POLICY) && streq(s->list[i].value, "m"))
			return true;
	}
	return false;
}

bool lost_round_up(struct build *b)
{
	_cleanup_(freep) char *answers = NULL;
	bool any = false;
	struct loss l;

	if (!may_round_up(&b->settings) || ask(b, &answers, NULL) < 0)
		return false;
	for (char *at = next_loss(answers, &l); at; at = next_loss(at, &l)) {
		struct setting *s = (struct setting *)settings_find(&b->settings, l.fields[NAME]);
		enum asker kind = s ? b->settings.askers[s->asker].kind : ASKER_BASE;

		if (!s || !streq(l.fields[KIND], "nomod") || (kind != ASKER_SHIM && kind != ASKER_POLICY))
			continue;
		free(s->value);
		s->value = xstrdup("y");
		any = true;
	}
	return any;
}
