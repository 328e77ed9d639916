/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/host_gate.h"

#include <errno.h>
#include <sys/utsname.h>

#include "cmd/host_words.h"
#include "gate/allow.h"
#include "gate/learned.h"

static void host_gate_done(struct host_gate *g)
{
	for (size_t i = 0; i < g->n_verdicts; i++)
		ruling_free(g->verdicts[i].ruling);
	free(g->verdicts);
	strings_done(&g->unreadable);
	strings_done(&g->allowed);
	free(g->wanted);
	free(g->old_error);
	guard_done(&g->guard);
	session_end(&g->session);
	kernel_list_done(&g->news);
	kernel_list_done(&g->olds);
	transaction_done(&g->transaction);
}

/* What cannot be opened could be a kernel. */
static void skipped(void *ctx, const char *why)
{
	struct host_gate *g = ctx;

	complain("%s; so it cannot be told whether it is a kernel", why);
	strings_add(&g->unreadable, xstrdup(why));
}

static int gather(struct host_gate *g, struct error *err)
{
	const struct options *o = g->options;
	int r = 0;

	if (o->from && streq(o->from, "apt") && o->n_args == 0)
		r = transaction_read_apt(&g->transaction, stdin, err);
	for (size_t i = 0; r == 0 && i < o->n_args; i++) {
		if (streq(o->args[i], "-"))
			r = transaction_read_paths(&g->transaction, stdin, err);
		else
			transaction_add(&g->transaction, o->args[i]);
	}
	return r < 0 ? r : transaction_open(&g->transaction, skipped, g, err);
}

static void gather_allowed(struct host_gate *g)
{
	struct error err = { 0 };

	allow_add(&g->allowed, g->options->allow);
	allow_add(&g->allowed, g->transaction.allow);
	allow_add(&g->allowed, getenv("HVCOMPAT_ALLOW"));
	if (allow_load(g->root, g->options->caller, &g->allowed, &err) < 0)
		complain("%s", err.text);
}

/* What must be read for all policies; all of it where one of them lets nothing go. */
static void set_wanted(struct host_gate *g)
{
	const struct knowledge *k = g->session.knowledge;

	for (size_t i = 0; i < g->guard.n; i++)
		if (g->guard.policies[i]->drops == DROPS_BLOCK)
			return;
	g->wanted = xcalloc(k->wants.count, sizeof(bool));
	for (size_t i = 0; i < g->guard.n; i++) {
		struct report r = { 0 };
		_cleanup_(freep) __attribute__((unused)) struct selection *selections = policy_selections(g->guard.policies[i], &r);
		_cleanup_(freep) bool *more = selected_wants(k, &r);

		for (size_t j = 0; j < k->wants.count; j++)
			g->wanted[j] |= more[j];
	}
}

/* Whether what the old kernel has decides something. */
static bool compares(const struct host_gate *g)
{
	for (size_t i = 0; i < g->guard.n; i++)
		if (g->guard.policies[i]->drops == DROPS_BLOCK)
			return true;
	return g->guard.drivers.n > 0;
}

static void old_failed(struct host_gate *g, const char *why)
{
	g->old_error = xasprintf("the kernel that is installed cannot be looked at, so it is not known what another would lose: %s", why);
	if (compares(g))
		complain("%s", g->old_error);
}

/* The kernel that runs, if its files are below the root, else the newest installed. */
static void look_at_old(struct host_gate *g)
{
	const struct kernel_options options = { .threads = g->options->jobs, .boxed = true };
	struct error err = { 0 };
	struct utsname u;
	size_t at;
	int r = kernel_open(g->root, &options, &g->olds, &err);

	/* Where none is installed, there is nothing to lose. */
	if (r < 0 && r != -ENOENT)
		old_failed(g, err.text);
	if (r < 0 || g->olds.count == 0)
		return;
	uname(&u);
	for (at = 0; at < g->olds.count && !streq_null(kernel_release(g->olds.kernels[at]), u.release); at++)
		;
	if (at == g->olds.count)
		at--;
	g->old = g->olds.kernels[at];
	if (g->guard.n > 0 && session_look(&g->session, g->old, g->wanted, DEPTH_DEEP, &g->old_look) != EXIT_OK)
		old_failed(g, g->session.errors[g->session.n_errors - 1].message);
}

/* --- what is decided -------------------------------------------------------------------------- */

bool gate_refuses(const struct gate_verdict *v)
{
	return v->ruling->result != RULING_ALLOWED && !v->overridden;
}

void gate_lost(const struct ruling *r, struct strings *lost)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (!strings_have(lost, r->findings[i].lost))
			strings_add(lost, xstrdup(r->findings[i].lost));
	if (r->n_findings == 0 && !strings_have(lost, LEARNED_KERNEL))
		strings_add(lost, xstrdup(LEARNED_KERNEL));
}

/* Of what would be lost that which nobody allowed. Owned; NULL: none of it. */
static char *not_allowed(const struct host_gate *g, const struct ruling *r)
{
	_cleanup_(strings_done) struct strings lost = { 0 }, open = { 0 };

	gate_lost(r, &lost);
	for (size_t i = 0; i < lost.n; i++)
		if (!allow_covers(&g->allowed, lost.items[i]))
			strings_add(&open, xstrdup(lost.items[i]));
	return open.n ? strings_join(open.items, open.n, ", ") : NULL;
}

static struct gate_verdict *add_verdict(struct host_gate *g, const char *release, struct ruling *ruling)
{
	ARRAY_GROW(g->verdicts, g->n_verdicts);
	g->verdicts[g->n_verdicts] = (struct gate_verdict){ .release = release, .ruling = ruling };
	return &g->verdicts[g->n_verdicts++];
}

/* What nobody has allowed of what it would lose; NULL: it may pass. Says and logs that it was allowed. Owned. */
static char *weigh(struct host_gate *g, struct gate_verdict *v)
{
	_cleanup_(strings_done) struct strings all = { 0 };
	_cleanup_(freep) char *lost = NULL, *what = NULL;
	char *open = not_allowed(g, v->ruling);

	gate_lost(v->ruling, &all);
	lost = strings_join(all.items, all.n, "; ");
	what = v->ruling->result == RULING_FAILED ? xstrdup("cannot be judged") : xasprintf("would lose %s", lost);
	if (!open) {
		v->overridden = true;
		complain("kernel %s %s, which was allowed for this transaction", v->release, what);
		state_log(g->root, "allowed by override: kernel %s may lose %s; policy %s", v->release, lost,
			  v->ruling->policy ? v->ruling->policy : "not known");
	} else {
		state_log(g->root, "refused: kernel %s %s; policy %s", v->release, what,
			  v->ruling->policy ? v->ruling->policy : "not known");
	}
	return open;
}

static enum exit_status decide_one(struct host_gate *g, const char *release, const struct look *look,
				   const struct policy *policy)
{
	const struct support *old_support = NULL;
	_cleanup_(decision_freep) struct decision *d = NULL;
	_cleanup_(freep) char *open = NULL;
	struct gate_verdict *v;

	if (g->old_look && streq_null(g->old_look->facts->arch, look->facts->arch))
		old_support = g->old_look->support;
	d = decide(old_support, look->support, policy, g->options->today);
	v = add_verdict(g, release, ruling_of(d, look->support));
	if (d->result == DECISION_ALLOWED)
		return EXIT_OK;
	open = weigh(g, v);
	if (!open)
		return EXIT_OK;
	gate_say_refusal(g, release, d, open);
	return status_of_decision(d->result);
}

/* A kernel that cannot be judged is refused like any other: the update goes on without it, and it is tried again later. */
static enum exit_status give_up(struct host_gate *g, const char *release, const char *why)
{
	struct gate_verdict *v = add_verdict(g, release, ruling_failed("%s", why));
	_cleanup_(freep) char *open = weigh(g, v);

	if (!open)
		return EXIT_OK;
	gate_say_failed(g, release);
	return EXIT_FAILED;
}

static enum exit_status decide_drivers(struct host_gate *g, const char *release, struct kernel *kernel)
{
	_cleanup_(freep) char *open = NULL;
	struct ruling *ruling = NULL;
	struct error err = { 0 };
	struct gate_verdict *v;

	if (gate_judge_drivers(g, kernel, &ruling, &err) < 0) {
		complain("%s", err.text);
		return give_up(g, release, err.text);
	}
	if (!ruling)
		return EXIT_OK;
	v = add_verdict(g, release, ruling);
	open = ruling->result == RULING_ALLOWED ? NULL : weigh(g, v);
	if (!open)
		return EXIT_OK;
	gate_say_lost(g, release, ruling, open);
	return ruling->result == RULING_BLOCKED ? EXIT_BLOCKED : EXIT_UNDECIDED;
}

static enum exit_status judge(struct host_gate *g, const char *release)
{
	_cleanup_(freep) char *arg = NULL;
	enum exit_status status = EXIT_OK;
	struct kernel *kernel = NULL;
	struct look *look = NULL;
	struct error err = { 0 };

	if (transaction_kernel(&g->transaction, release, g->root, &arg, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	if (!arg) {
		if (g->options->verbose)
			complain("modules of kernel %s, of which no image is there: nothing that boots", release);
		return EXIT_OK;
	}
	if (g->old_error && compares(g))
		return give_up(g, release, g->old_error);
	if (session_open_one(&g->session, arg, &g->news, &kernel) != EXIT_OK ||
	    (g->guard.n > 0 && session_look(&g->session, kernel, g->wanted, DEPTH_DEEP, &look) != EXIT_OK))
		return give_up(g, release, g->session.errors[g->session.n_errors - 1].message);
	for (size_t i = 0; i < g->guard.n; i++)
		status = status_worse(status, decide_one(g, release, look, g->guard.policies[i]));
	return status_worse(status, decide_drivers(g, release, kernel));
}

/* --- what is kept ----------------------------------------------------------------------------- */

/* The packages of the kernel, and those that come with it, are not to be tried again. */
static void learn(const struct host_gate *g, const struct gate_verdict *v, struct learned *l)
{
	_cleanup_(freep) bool *marked = xcalloc(g->transaction.count + 1, sizeof(bool));
	_cleanup_(strings_done) struct strings all = { 0 };
	_cleanup_(freep) char *lost = NULL;
	const struct ruling *r = v->ruling;
	const char *why = r->error ? r->error : r->n_findings ? r->findings[0].message :
						"it cannot be decided whether it would keep what is required";

	gate_lost(r, &all);
	lost = strings_join(all.items, all.n, ";");
	transaction_dependents(&g->transaction, v->release, marked);
	for (size_t i = 0; i < g->transaction.count; i++) {
		const struct transaction_package *p = &g->transaction.packages[i];

		if (!marked[i])
			continue;
		if (!learned_name_good(p->name) || !learned_version_good(p->version)) {
			complain("%s: has a name or version that no list takes; it is not learned", p->path);
			continue;
		}
		/* That it could not be judged this time takes nothing from what was found out before. */
		if (r->result == RULING_FAILED && learned_has(l, p->name, p->version))
			continue;
		learned_add(l, &(struct learned_entry){
			.package = p->name, .version = p->version, .arch = p->arch, .family = (char *)p->family,
			.kernel = (char *)v->release, .finding = (char *)why, .lost = lost, .policy = r->policy,
			.digest = (char *)(g->unguarded ? "" : g->guard.digest),
		});
	}
}

/* What was refused once, and is allowed now. */
static void forget(const struct host_gate *g, const struct gate_verdict *v, struct learned *l)
{
	for (size_t i = 0; i < g->transaction.count; i++) {
		const struct transaction_package *p = &g->transaction.packages[i];

		if (streq_null(p->release, v->release) && p->name && p->version)
			learned_drop(l, p->name, p->version);
	}
}

static int store(const struct host_gate *g, struct learned *l, struct error *err)
{
	if (!g->unguarded)
		learned_drop_stale(l, g->guard.digest);
	for (size_t i = 0; i < g->n_verdicts; i++)
		if (g->verdicts[i].ruling->result == RULING_ALLOWED)
			forget(g, &g->verdicts[i], l);
	for (size_t i = 0; i < g->n_verdicts; i++)
		if (gate_refuses(&g->verdicts[i]))
			learn(g, &g->verdicts[i], l);
	return learned_store(l, err);
}

/* That a refusal could not be kept makes it no less one. */
static bool keep(const struct host_gate *g)
{
	_cleanup_(learned_done) struct learned l = { 0 };
	struct error err = { 0 };

	if (learned_load(g->root, &l, &err) < 0) {
		complain("%s", err.text);
		if (l.lock <= 0)
			return false;
		error_clear(&err);
	}
	if (store(g, &l, &err) == 0)
		return true;
	complain("%s", err.text);
	return false;
}

static enum exit_status conclude(struct host_gate *g)
{
	struct error err = { 0 };
	bool refused = false, overridden = false;

	for (size_t i = 0; i < g->n_verdicts; i++) {
		refused |= gate_refuses(&g->verdicts[i]);
		overridden |= g->verdicts[i].overridden;
	}
	if (refused || (g->n_verdicts > 0 && learned_any(g->root)))
		g->kept = keep(g) && refused;
	gate_say_way_out(g);
	if (overridden && allow_use(g->root, g->options->caller, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static enum exit_status judge_all(struct host_gate *g, const char *const *releases, size_t n)
{
	enum exit_status status = session_begin(&g->session, g->options);

	g->session.some_unrecorded = true; /* what is installed, and kernels that are so in part */
	if (status == EXIT_OK)
		status = guard_load(&g->guard, &g->session, g->root);
	g->unguarded = status != EXIT_OK;
	gather_allowed(g);
	if (g->unguarded) {
		status = EXIT_OK;
		for (size_t i = 0; i < n; i++)
			status = status_worse(status, give_up(g, releases[i], "its policies or its knowledge could not be loaded"));
		return status_worse(status, conclude(g));
	}
	if (g->guard.n == 0 && g->guard.drivers.n == 0) {
		if (g->options->verbose)
			complain("no policy to hold a kernel against: %s",
				 g->guard.note ? g->guard.note : "write " HVCOMPAT_SYSCONFDIR "/policy.yaml");
		return EXIT_OK;
	}
	set_wanted(g);
	look_at_old(g);
	for (size_t i = 0; i < n; i++)
		status = status_worse(status, judge(g, releases[i]));
	return status_worse(status, conclude(g));
}

static enum exit_status gate(struct host_gate *g)
{
	_cleanup_(freep) const char **releases = NULL;
	struct error err = { 0 };
	enum exit_status status = EXIT_OK;
	size_t n;

	if (gather(g, &err) < 0) {
		complain("%s", err.text);
		strings_add(&g->unreadable, xstrdup(err.text));
		return EXIT_FAILED;
	}
	n = transaction_releases(&g->transaction, &releases);
	if (n > 0)
		status = judge_all(g, releases, n);
	return status_worse(status, g->unreadable.n ? EXIT_FAILED : EXIT_OK);
}

struct gated {
	const struct host_gate *gate;
	enum exit_status status;
};

static enum exit_status show(struct session *s, FILE *out, const void *what)
{
	const struct gated *gated = what;

	(void)s;
	gate_print_json(gated->gate, gated->status, out);
	return gated->status;
}

enum exit_status run_host_gate(struct options *o)
{
	_cleanup_(host_gate_done) struct host_gate g = {
		.options = o, .root = o->root ? o->root : "/", .session = { .options = o },
	};
	struct gated gated = { .gate = &g };

	if (o->n_args == 0 && !(o->from && streq(o->from, "apt")))
		return usage_error(o, "host gate needs packages, or - for their paths on standard input");
	if (o->format != REPORT_TEXT && o->format != REPORT_JSON)
		return usage_error(o, "host gate writes text or json");
	gated.status = gate(&g);
	return o->format == REPORT_JSON ? session_print_of(&g.session, show, &gated) : gated.status;
}
