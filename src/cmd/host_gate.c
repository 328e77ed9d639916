/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/host_guard.h"
#include "cmd/host_words.h"

#include <stdarg.h>
#include <sys/utsname.h>
#include <time.h>

#include "gate/allow.h"
#include "gate/learned.h"
#include "gate/ruling.h"
#include "gate/transaction.h"
#include "report/text.h"

/* Judging one transaction on its way to be installed. */
struct host_gate {
	const struct options *options;
	const char *root;
	struct transaction transaction;
	struct session session;
	struct guard guard;
	struct kernel_list olds, news;
	struct look *old_look; /* NULL: nothing is installed that could be compared with */
	bool *wanted;          /* NULL: everything */
	struct strings allowed;
	bool override_used;
	bool unreadable; /* some package could not be opened */
	struct learned_entry *refused; /* what is to be learned; strings owned */
	size_t n_refused;
};

static void host_gate_done(struct host_gate *g)
{
	for (size_t i = 0; i < g->n_refused; i++) {
		free(g->refused[i].lost);
		free(g->refused[i].finding);
	}
	free(g->refused);
	strings_done(&g->allowed);
	free(g->wanted);
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
	g->unreadable = true;
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

/* The kernel that runs, if its files are below the root, else the newest installed. */
static void look_at_old(struct host_gate *g)
{
	struct error err = { 0 };
	struct utsname u;
	size_t at;

	if (kernel_open(g->root, NULL, &g->olds, &err) < 0 || g->olds.count == 0)
		return;
	uname(&u);
	for (at = 0; at < g->olds.count && !streq_null(kernel_release(g->olds.kernels[at]), u.release); at++)
		;
	if (at == g->olds.count)
		at--;
	session_look(&g->session, g->olds.kernels[at], g->wanted, DEPTH_DEEP, &g->old_look);
}

/* --- what is said ----------------------------------------------------------------------------- */

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL, *clean = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	clean = text_clean(text ? text : "");
	fprintf(stderr, "  %s\n", clean);
}

static void add_once(struct strings *list, char *item)
{
	if (strings_have(list, item))
		free(item);
	else
		strings_add(list, item);
}

static char *join(const struct strings *list, const char *between)
{
	struct buf b = { 0 };

	buf_add(&b, "", 0);
	for (size_t i = 0; i < list->n; i++)
		buf_addf(&b, "%s%s", i ? between : "", list->items[i]);
	return b.text;
}

static void say_finding(const struct finding *f)
{
	say("%s", f->message);
	for (size_t i = 0; i < f->n_evidence; i++)
		if (!f->evidence[i].old && f->evidence[i].expected && f->evidence[i].found)
			say("  %s: expected %s, found %s", f->evidence[i].place ? f->evidence[i].place : "evidence",
			    f->evidence[i].expected, f->evidence[i].found);
	for (size_t i = 0; f->help && f->help[i] && i < 2; i++)
		say("  help: %s", f->help[i]);
}

/* The blocking findings that nobody allowed, and what they would lose; all that is lost in `all`. */
static size_t weigh(const struct host_gate *g, const struct decision *d, struct strings *all, struct strings *open)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_findings; i++) {
		char *lost;

		if (!d->findings[i].blocking)
			continue;
		lost = ruling_lost(&d->findings[i]);
		if (!allow_covers(&g->allowed, lost)) {
			add_once(open, xstrdup(lost));
			n++;
		}
		add_once(all, lost);
	}
	return n;
}

static const char *first_message(const struct decision *d)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].blocking)
			return d->findings[i].message;
	return "it cannot be decided whether it would keep what is required";
}

/* --- what is decided -------------------------------------------------------------------------- */

/* The packages of the kernel, and those that come with it, are not to be tried again. */
static void learn(struct host_gate *g, const char *release, const struct decision *d, const char *lost)
{
	_cleanup_(freep) bool *marked = xcalloc(g->transaction.count + 1, sizeof(bool));

	transaction_dependents(&g->transaction, release, marked);
	for (size_t i = 0; i < g->transaction.count; i++) {
		struct transaction_package *p = &g->transaction.packages[i];

		if (!marked[i])
			continue;
		if (!learned_name_good(p->name) || !learned_version_good(p->version)) {
			complain("%s: has a name or version that no list takes; it is not learned", p->path);
			continue;
		}
		ARRAY_GROW(g->refused, g->n_refused);
		g->refused[g->n_refused++] = (struct learned_entry){
			.package = p->name, .version = p->version, .arch = p->arch,
			.family = (char *)p->family,
			.kernel = (char *)release, .finding = xstrdup(first_message(d)), .lost = xstrdup(lost),
			.policy = d->policy->name, .digest = g->guard.digest,
		};
	}
}

static void say_refusal(const struct host_gate *g, const char *release, const struct decision *d, const char *lost)
{
	for (size_t i = 0; i < g->transaction.count; i++) {
		const struct transaction_package *p = &g->transaction.packages[i];

		if (streq_null(p->release, release))
			complain("%s %s is refused: kernel %s %s %s", p->name, p->version, release,
				 d->result == DECISION_BLOCKED ? "would lose" : "is not known to keep", lost);
	}
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].blocking)
			say_finding(&d->findings[i]);
	say("policy: %s, version %u (%s)", d->policy->name, d->policy->version, d->policy->file);
}

static enum exit_status decide_one(struct host_gate *g, const char *release, const struct look *look,
				   const struct policy *policy)
{
	const struct support *old_support = NULL;
	_cleanup_(decision_freep) struct decision *d = NULL;
	_cleanup_(strings_done) struct strings all = { 0 }, open = { 0 };
	_cleanup_(freep) char *lost = NULL, *still = NULL;

	if (g->old_look && streq_null(g->old_look->facts->arch, look->facts->arch))
		old_support = g->old_look->support;
	d = decide(old_support, look->support, policy, g->options->today);
	if (d->result == DECISION_ALLOWED)
		return EXIT_OK;
	if (weigh(g, d, &all, &open) == 0 && all.n > 0) {
		lost = join(&all, "; ");
		complain("kernel %s would lose %s, which was allowed for this transaction", release, lost);
		state_log(g->root, "allowed by override: kernel %s may lose %s; policy %s", release, lost, policy->name);
		g->override_used = true;
		return EXIT_OK;
	}
	lost = join(&all, ";");
	still = join(&open, ", ");
	say_refusal(g, release, d, still);
	state_log(g->root, "refused: kernel %s would lose %s; policy %s", release, lost, policy->name);
	learn(g, release, d, lost);
	return status_of_decision(d->result);
}

static enum exit_status judge(struct host_gate *g, const char *release)
{
	_cleanup_(freep) char *arg = transaction_kernel(&g->transaction, release, g->root);
	enum exit_status status;
	struct kernel *kernel = NULL;
	struct look *look = NULL;

	if (!arg) {
		if (g->options->verbose)
			complain("modules of kernel %s, of which no image is there: nothing that boots", release);
		return EXIT_OK;
	}
	status = session_open_one(&g->session, arg, &g->news, &kernel);
	if (status == EXIT_OK)
		status = session_look(&g->session, kernel, g->wanted, DEPTH_DEEP, &look);
	for (size_t i = 0; status != EXIT_FAILED && look && i < g->guard.n; i++)
		status = status_worse(status, decide_one(g, release, look, g->guard.policies[i]));
	return status;
}

/* --- what is kept ----------------------------------------------------------------------------- */

static void say_time(char into[32])
{
	time_t now = time(NULL);
	struct tm tm;

	strftime(into, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
}

/* That a refusal could not be kept makes it no less one. */
static bool keep(struct host_gate *g)
{
	_cleanup_(learned_done) struct learned l = { 0 };
	struct error err = { 0 };
	char when[32];

	if (learned_load(g->root, &l, &err) < 0) {
		complain("%s", err.text);
		if (l.lock <= 0)
			return false;
		error_clear(&err);
	}
	say_time(when);
	learned_drop_stale(&l, g->guard.digest);
	for (size_t i = 0; i < g->n_refused; i++) {
		g->refused[i].when = when;
		learned_add(&l, &g->refused[i]);
	}
	if (learned_store(&l, &err) == 0)
		return true;
	complain("%s", err.text);
	return false;
}

static void say_way_out(const struct host_gate *g, bool kept)
{
	_cleanup_(buf_done) struct buf names = { 0 };
	_cleanup_(strings_done) struct strings lost = { 0 };
	_cleanup_(freep) char *all = NULL;
	const char *from = g->options->from ? g->options->from : "";

	for (size_t i = 0; i < g->n_refused; i++) {
		const char *between = streq(g->refused[i].family, "deb") ? "=" : "-";

		buf_addf(&names, " %s%s%s", g->refused[i].package, between, g->refused[i].version);
		for (char *save = NULL, *w = strtok_r(g->refused[i].lost, ";", &save); w; w = strtok_r(NULL, ";", &save))
			add_once(&lost, xstrdup(w));
	}
	all = join(&lost, ";");
	if (kept)
		say("It is noted (hvcompat host learned): run the update again, and it goes on without this kernel.");
	if (streq(from, "apt"))
		say("To install it all the same, once: apt-get -o 'HvCompat::Allow=%s' install%s", all, names.text);
	else if (streq(from, "dpkg"))
		say("To install it all the same, once: HVCOMPAT_ALLOW='%s' dpkg -i …", all);
	else
		say("To install it all the same, once: hvcompat host allow '%s', then the command again", all);
}

static enum exit_status judge_all(struct host_gate *g, const char *const *releases, size_t n)
{
	enum exit_status status = guard_load(&g->guard, &g->session, g->root);
	struct error err = { 0 };

	if (status != EXIT_OK)
		return status;
	if (g->guard.n == 0) {
		if (g->options->verbose)
			complain("no policy to hold a kernel against: %s",
				 g->guard.note ? g->guard.note : "write " HVCOMPAT_SYSCONFDIR "/policy.yaml");
		return EXIT_OK;
	}
	gather_allowed(g);
	set_wanted(g);
	look_at_old(g);
	for (size_t i = 0; i < n; i++)
		status = status_worse(status, judge(g, releases[i]));
	if (g->n_refused > 0)
		say_way_out(g, keep(g));
	if (g->override_used && allow_use(g->root, g->options->caller, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	return status;
}

enum exit_status run_host_gate(struct options *o)
{
	_cleanup_(host_gate_done) struct host_gate g = { .options = o, .root = o->root ? o->root : "/" };
	_cleanup_(freep) const char **releases = NULL;
	struct error err = { 0 };
	enum exit_status status;
	size_t n;

	if (o->n_args == 0 && !(o->from && streq(o->from, "apt")))
		return usage_error(o, "host gate needs packages, or - for their paths on standard input");
	if (gather(&g, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	n = transaction_releases(&g.transaction, &releases);
	status = n > 0 ? session_begin(&g.session, o) : EXIT_OK;
	if (n > 0 && status == EXIT_OK)
		status = judge_all(&g, releases, n);
	return status_worse(status, g.unreadable ? EXIT_FAILED : EXIT_OK);
}
