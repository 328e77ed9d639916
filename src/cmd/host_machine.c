/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/host_machine.h"

#include <errno.h>

#include "base/fs.h"
#include "base/scratch.h"
#include "cmd/verbs.h"

#define POLICY_FILE "this-machine.yaml" /* named as the policy that is in it */

bool machine_is_bare(const struct machine *m)
{
	return !m->host && streq(m->detect_virt, "none");
}

/* What the running kernel supports on that host; NULL where its files cannot be read. Looks and says nothing else. */
static struct support *judge_running(struct session *s, const struct host *h, struct kernel_list *list,
				     struct facts **facts)
{
	const struct knowledge *k = s->knowledge;
	_cleanup_(freep) bool *wanted = xcalloc(k->wants.count, sizeof(bool));
	struct kernel_options options = { .threads = s->options->jobs, .boxed = true };
	struct selection on = { 0 };
	struct want_list subset;
	struct error err = { 0 };
	int r;

	if (kernel_open_running("/", &options, list, &err) < 0 || list->count != 1 ||
	    selection_make(k, h->name, NULL, NULL, 0, NULL, &on, &err) < 0)
		return NULL;
	selection_wants(k, &on, 1, false, wanted);
	want_list_subset(&k->wants, wanted, &subset);
	r = kernel_read(list->kernels[0], &subset, DEPTH_DEEP, facts, &err);
	want_list_done(&subset);
	selection_done(&on);
	if (r < 0)
		return NULL;
	facts_widen(*facts, &k->wants, wanted);
	return support_judge(k, *facts);
}

static bool in_doubt(const struct machine *m)
{
	return m->host && m->first >= 0 && (m->first != m->last || m->mode < 0);
}

enum exit_status machine_look(struct session *s, const char *root, struct machine **ret, char **yaml, char **note)
{
	_cleanup_(machine_freep) struct machine *m = NULL;
	_cleanup_(kernel_list_done) struct kernel_list list = { 0 };
	_cleanup_(facts_freep) struct facts *facts = NULL;
	_cleanup_(support_freep) struct support *old = NULL;
	struct error err = { 0 };
	int r = machine_read(s->knowledge, root ? root : "/", &m, &err);

	if (r == 0 && in_doubt(m) && (!root || streq(root, "/")))
		old = judge_running(s, m->host, &list, &facts);
	if (r == 0)
		r = machine_policy(m, old, yaml, &err);
	if (r < 0 && r != -ENODATA) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	if (r < 0)
		*note = xstrdup(err.text);
	*ret = TAKE_PTR(m);
	return EXIT_OK;
}

/* Writes the policy into a directory of its own, as a policy's file has its name. Owned; NULL: said. */
static char *write_policy(const char *yaml)
{
	_cleanup_(freep) char *file = NULL;
	struct error err = { 0 };
	char *dir = NULL;
	int r = scratch_make("host", &dir, &err);

	if (r == 0) {
		file = xasprintf("%s/" POLICY_FILE, dir);
		r = fs_write(file, yaml, strlen(yaml), &err);
	}
	if (r == 0)
		return dir;
	complain("%s", err.text);
	scratch_remove(dir);
	return NULL;
}

enum exit_status machine_guard(struct session *s, const char *root, struct buf *seen, struct policy **policy,
			       struct strings *drivers, char **note)
{
	_cleanup_(machine_freep) struct machine *m = NULL;
	_cleanup_(freep) char *yaml = NULL, *file = NULL;
	enum exit_status status = machine_look(s, root, &m, &yaml, note);
	char *dir;

	*policy = NULL;
	for (size_t i = 0; m && !machine_is_bare(m) && i < m->drivers_unknown.n; i++) {
		strings_add(drivers, xstrdup(m->drivers_unknown.items[i]));
		buf_addf(seen, "driver %s\n", m->drivers_unknown.items[i]);
	}
	if (status != EXIT_OK || !yaml)
		return status;
	buf_add(seen, yaml, strlen(yaml));
	dir = write_policy(yaml);
	if (!dir)
		return EXIT_FAILED;
	file = xasprintf("%s/" POLICY_FILE, dir);
	status = session_policy(s, file, policy);
	scratch_remove(dir);
	return status;
}

/* --- the words --------------------------------------------------------------------------------- */

struct seen {
	struct machine *machine;
	char *yaml, *note;
};

static void seen_done(struct seen *n)
{
	machine_free(n->machine);
	free(n->yaml);
	free(n->note);
}

static enum exit_status look(struct session *s, const struct options *o, struct seen *n)
{
	enum exit_status status = session_begin(s, o);

	if (status == EXIT_OK)
		status = session_knowledge(s);
	return status == EXIT_OK ? machine_look(s, o->root, &n->machine, &n->yaml, &n->note) : status;
}

/* Holds the kernels against the machine's policy, as check does. */
static enum exit_status check_here(struct options *o, const struct seen *n)
{
	_cleanup_(freep) char *file = NULL;
	enum exit_status status;
	char *dir;

	if (!n->yaml) {
		complain("%s", n->note);
		return machine_is_bare(n->machine) ? EXIT_OK : EXIT_UNDECIDED;
	}
	dir = write_policy(n->yaml);
	if (!dir)
		return EXIT_FAILED;
	file = xasprintf("%s/" POLICY_FILE, dir);
	o->policy = file;
	status = run_check(o);
	o->policy = NULL;
	scratch_remove(dir);
	return status;
}

static enum exit_status show(struct session *s, FILE *out, const void *what)
{
	const struct seen *shown = what;

	return machine_show(s, shown->machine, shown->yaml, shown->note, out);
}

static enum exit_status print_policy(struct session *s, FILE *out, const void *what)
{
	const struct seen *shown = what;

	(void)s;
	fputs(shown->yaml, out);
	return EXIT_OK;
}

enum exit_status run_host_show(struct options *o)
{
	_cleanup_(session_end) struct session s = { 0 };
	_cleanup_(seen_done) struct seen n = { 0 };
	enum exit_status status;

	if (o->n_args == 0 && o->format != REPORT_TEXT && o->format != REPORT_JSON)
		return usage_error(o, "host tells of the machine in the formats text and json");
	status = look(&s, o, &n);
	if (status != EXIT_OK)
		return status;
	if (o->n_args > 0)
		return check_here(o, &n);
	return session_print_of(&s, show, &n);
}

enum exit_status run_host_policy(struct options *o)
{
	_cleanup_(session_end) struct session s = { 0 };
	_cleanup_(seen_done) struct seen n = { 0 };
	enum exit_status status;

	if (o->n_args > 0)
		return usage_error(o, "host policy takes no argument");
	status = look(&s, o, &n);
	if (status != EXIT_OK)
		return status;
	if (!n.yaml) {
		complain("%s", n.note);
		return EXIT_UNDECIDED;
	}
	return session_print_of(&s, print_policy, &n);
}
