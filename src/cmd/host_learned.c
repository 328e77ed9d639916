/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/host_guard.h"
#include "cmd/host_words.h"
#include "cmd/output.h"
#include "gate/allow.h"
#include "gate/feeds.h"
#include "gate/learned.h"
#include "report/text.h"

static enum exit_status failed(const struct error *err)
{
	complain("%s", err->text);
	return EXIT_FAILED;
}

static void print_one(const struct text *t, const struct learned_entry *e)
{
	text_line(t, 0, INK_BOLD, "%s %s %s", e->package, e->version, e->arch);
	if (streq(e->lost, LEARNED_KERNEL))
		text_line(t, 2, INK_PLAIN, "kernel %s could not be judged; %s", e->kernel, e->when);
	else
		text_line(t, 2, INK_PLAIN, "kernel %s would lose %s; policy %s; %s", e->kernel, e->lost, e->policy, e->when);
	text_line(t, 2, INK_PLAIN, "%s", e->finding);
}

static enum exit_status list(const struct options *o, const struct learned *l)
{
	struct text t = { .out = stdout, .columns = output_columns(o), .color = output_color(o) };

	if (l->count == 0 && !o->quiet)
		puts("nothing was refused");
	for (size_t i = 0; i < l->count; i++)
		print_one(&t, &l->entries[i]);
	return EXIT_OK;
}

static enum exit_status store(struct learned *l)
{
	struct error err = { 0 };

	return learned_store(l, &err) < 0 ? failed(&err) : EXIT_OK;
}

static enum exit_status clear(const struct options *o, struct learned *l)
{
	enum exit_status status = EXIT_OK;

	if (o->n_args < 2)
		learned_drop(l, NULL, NULL);
	for (size_t i = 1; i < o->n_args; i++) {
		if (learned_drop(l, o->args[i], NULL) > 0)
			continue;
		complain("%s: was not refused", o->args[i]);
		status = EXIT_FAILED;
	}
	state_log(l->root, "cleared from the list of refusals: %s", o->n_args < 2 ? "all" : o->args[1]);
	return status_worse(status, store(l));
}

/* What was judged by other policies is forgotten: the next update judges it anew. */
static enum exit_status renew(const struct options *o, struct learned *l)
{
	_cleanup_(session_end) struct session s = { 0 };
	_cleanup_(guard_done) struct guard g = { 0 };
	enum exit_status status = session_begin(&s, o);

	if (status == EXIT_OK)
		status = guard_load(&g, &s, l->root);
	if (status != EXIT_OK)
		return status;
	learned_drop_stale(l, g.digest);
	return store(l);
}

/* Whether an administrator's word covers all that it would lose. */
static bool may_go(const struct learned_entry *e, const struct strings *allowed)
{
	_cleanup_(strings_done) struct strings lost = { 0 };

	allow_add(&lost, e->lost);
	for (size_t i = 0; i < lost.n; i++)
		if (!allow_covers(allowed, lost.items[i]))
			return false;
	return lost.n > 0;
}

/* What a solver shall pass over: not what is allowed to the next transaction, which would never get to the gate else. */
static enum exit_status exclude(const struct options *o, struct learned *l)
{
	_cleanup_(strings_done) struct strings allowed = { 0 };
	struct error ignored = { 0 };

	/* A file that is not heeded, the gate complains of. */
	allow_load(l->root, o->caller, &allowed, &ignored);
	for (size_t i = l->count; i-- > 0;)
		if (may_go(&l->entries[i], &allowed))
			learned_drop(l, l->entries[i].package, l->entries[i].version);
	feeds_print_exclude(l, stdout);
	return EXIT_OK;
}

enum exit_status run_host_learned(struct options *o)
{
	_cleanup_(learned_done) struct learned l = { 0 };
	const char *word = o->n_args > 0 ? o->args[0] : "list";
	struct error err = { 0 };
	int r = learned_load(o->root ? o->root : "/", &l, &err);

	if (r < 0 && !(streq(word, "clear") && l.lock > 0))
		return failed(&err);
	if (streq(word, "clear"))
		return clear(o, &l);
	if (o->n_args > 1)
		return usage_error(o, "host learned %s takes no more words", word);
	if (streq(word, "list"))
		return list(o, &l);
	if (streq(word, "write"))
		return renew(o, &l);
	if (!streq(word, "exclude"))
		return usage_error(o, "host learned: '%s' is none of list, clear, write, exclude", word);
	return exclude(o, &l);
}
