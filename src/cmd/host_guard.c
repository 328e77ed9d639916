/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/host_guard.h"

#include <limits.h>

#include "base/fs.h"
#include "cmd/host_machine.h"
#include "gate/learned.h"

void guard_done(struct guard *g)
{
	for (size_t i = 0; i < g->n; i++)
		policy_free(g->policies[i]);
	strings_done(&g->drivers);
	free(g->records);
	free(g->note);
	*g = (struct guard){ 0 };
}

/* A policy that is adopted by a link to it keeps its own name. */
static enum exit_status load_admin(struct guard *g, struct session *s, const char *root, struct buf *seen)
{
	_cleanup_(freep) char *path = state_path(root, &HVCOMPAT_SYSCONFDIR[1]), *file = NULL, *real = NULL;
	char digest[65];
	struct error err = { 0 };
	enum exit_status status;

	file = xasprintf("%s/policy.yaml", path);
	if (!fs_exists(file))
		return EXIT_OK;
	real = realpath(file, NULL);
	status = session_policy(s, real ? real : file, &g->policies[g->n]);
	if (status != EXIT_OK)
		return status;
	g->n++;
	/* Its drop-ins lie in the directory beside it, which is looked at as a whole. */
	if (fs_fingerprint(path, true, digest, &err) < 0 || (real && fs_fingerprint(real, true, digest, &err) < 0)) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	buf_addf(seen, "%s %s\n", real, digest);
	return EXIT_OK;
}

static enum exit_status add_seen(const char *path, struct buf *seen)
{
	struct error err = { 0 };
	char digest[65];

	if (fs_fingerprint(path, true, digest, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	buf_addf(seen, "%s %s\n", path, digest);
	return EXIT_OK;
}

/* And the boots on record, which may be below another root. */
static enum exit_status add_knowledge(struct session *s, struct buf *seen)
{
	enum exit_status status = s->boots ? add_seen(s->boots, seen) : EXIT_OK;

	for (size_t i = 0; s->dirs[i] && status == EXIT_OK; i++)
		status = add_seen(s->dirs[i], seen);
	return status;
}

/* What the administrator has had booted, beside the policy that may ask for it. */
static void find_records(struct guard *g, struct session *s, const char *root)
{
	_cleanup_(freep) char *dir = state_path(root, &HVCOMPAT_SYSCONFDIR[1]);

	g->records = xasprintf("%s/records", dir);
	if (!fs_exists(g->records)) {
		free(g->records);
		g->records = NULL;
	}
	s->boots = g->records;
}

enum exit_status guard_load(struct guard *g, struct session *s, const char *root)
{
	_cleanup_(buf_done) struct buf seen = { 0 };
	enum exit_status status = session_knowledge(s);
	struct error err = { 0 };

	*g = (struct guard){ 0 };
	buf_addf(&seen, "hvcompat " HVCOMPAT_VERSION "\n");
	if (status == EXIT_OK)
		status = machine_guard(s, root, &seen, &g->policies[0], &g->drivers, &g->note);
	g->n = g->policies[0] ? 1 : 0;
	if (status == EXIT_OK)
		status = load_admin(g, s, root, &seen);
	find_records(g, s, root);
	if (status == EXIT_OK)
		status = add_knowledge(s, &seen);
	if (fs_digest(seen.text, seen.len, g->digest, &err) < 0) {
		complain("%s", err.text);
		status = EXIT_FAILED;
	}
	return status;
}
