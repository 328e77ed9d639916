/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/host_words.h"

#include <time.h>

#include "compat/select.h"
#include "gate/allow.h"
#include "gate/learned.h"

#define MINUTES_DEFAULT 60

/* A word that names no host would never be found wanting, and never help: it is a mistake. */
static bool known(const struct knowledge *k, const char *lost)
{
	size_t n = strcspn(lost, ":");

	if (streq(lost, LEARNED_KERNEL) || startswith(lost, "driver:"))
		return true;
	for (size_t i = 0; i < k->n_hosts; i++)
		if (strlen(k->hosts[i]->name) == n && strncmp(k->hosts[i]->name, lost, n) == 0)
			return true;
	return false;
}

static enum exit_status check(struct session *s, const struct strings *lost)
{
	enum exit_status status = session_knowledge(s);

	for (size_t i = 0; status == EXIT_OK && i < lost->n; i++)
		if (!known(s->knowledge, lost->items[i])) {
			complain("%s: no host is called so; write what the refusal names", lost->items[i]);
			return EXIT_USAGE;
		}
	return status;
}

enum exit_status run_host_allow(struct options *o)
{
	_cleanup_(strings_done) struct strings lost = { 0 };
	_cleanup_(session_end) struct session s = { 0 };
	unsigned minutes = o->minutes ? o->minutes : MINUTES_DEFAULT;
	const char *root = o->root ? o->root : "/";
	struct error err = { 0 };
	enum exit_status status;

	for (size_t i = 0; i < o->n_args; i++)
		allow_add(&lost, o->args[i]);
	if (lost.n == 0)
		return usage_error(o, "host allow needs what may be lost, as the refusal names it: HOST or HOST:VERSION");
	if (geteuid() != 0 && !o->root) {
		complain("only root may allow a loss");
		return EXIT_FAILED;
	}
	status = session_begin(&s, o);
	if (status == EXIT_OK)
		status = check(&s, &lost);
	if (status != EXIT_OK)
		return status;
	if (allow_store(root, &lost, time(NULL) + 60 * (time_t)minutes, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < lost.n; i++)
		state_log(root, "for %u minutes, one transaction may lose %s", minutes, lost.items[i]);
	return EXIT_OK;
}
