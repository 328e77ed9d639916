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

static enum exit_status add_knowledge(struct session *s, struct buf *seen)
{
	struct error err = { 0 };
	char digest[65];

	for (size_t i = 0; s->dirs[i]; i++) {
		if (fs_fingerprint(s->dirs[i], true, digest, &err) < 0) {
			complain("%s", err.text);
			return EXIT_FAILED;
		}
		buf_addf(seen, "%s %s\n", s->dirs[i], digest);
	}
	return EXIT_OK;
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
	if (status == EXIT_OK)
		status = add_knowledge(s, &seen);
	if (fs_digest(seen.text, seen.len, g->digest, &err) < 0) {
		complain("%s", err.text);
		status = EXIT_FAILED;
	}
	return status;
}
