/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/policy_package.h"
#include "build/policy_terms.h"
#include "cmd/dirs.h"
#include "cmd/query_provides.h"
#include "cmd/verbs.h"
#include "report/text.h"

#include <errno.h>
#include <sys/utsname.h>

/* --- options; those that no other word of the verb has live here */

static struct {
	bool deb, rpm;
	const char *name, *kernel, *out, *revision, *maintainer;
} request = { .kernel = "kernel-core", .out = ".", .revision = "1", .maintainer = "hvcompat policy <root@localhost>" };

static int apply_package_format(struct options *o, const char *arg)
{
	(void)o;
	request.deb = streq(arg, "deb");
	request.rpm = streq(arg, "rpm");
	return request.deb || request.rpm ? 0 : -EINVAL;
}

#define APPLY_TEXT(member)                                            \
	static int apply_##member(struct options *o, const char *arg) \
	{                                                             \
		(void)o;                                              \
		request.member = arg;                                 \
		return *arg ? 0 : -EINVAL;                            \
	}

APPLY_TEXT(name)
APPLY_TEXT(kernel)
APPLY_TEXT(out)
APPLY_TEXT(revision)
APPLY_TEXT(maintainer)

const struct option_def policy_package_options[] = {
	{ "policy", 'p', "NAME", "package: the policy, by name or as a file", apply_policy, "POLICY" },
	{ "format", 'f', "FORMAT", "package: deb or rpm", apply_package_format, "deb rpm" },
	{ "name", 0, "NAME", "package: its name (hvcompat-policy-POLICY)", apply_name },
	{ "kernel", 0, "NAME", "package: rpm, without KERNEL: the package with the image (kernel-core)", apply_kernel },
	{ "arch", 0, "ARCH", "package: rpm, without KERNEL: x86_64, i686 or aarch64 (this machine's)", apply_arch,
	  ARCH_WORDS },
	{ "out", 0, "DIR", "package: where it goes (the current directory)", apply_out, "DIR" },
	{ "revision", 0, "R", "package: behind the policy's version (1)", apply_revision },
	{ "maintainer", 0, "NAME", "package: 'Name <address>'", apply_maintainer },
	{ NULL },
};

/* --- which packages must stay out */

struct blocks {
	struct policy_block *list;
	size_t n;
	struct carried *metas; /* packages that were given and hold no part of a kernel */
	size_t n_metas;
};

static void blocks_done(struct blocks *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->list[i].name);
		free(b->list[i].version);
		free(b->list[i].why);
	}
	for (size_t i = 0; i < b->n_metas; i++)
		carried_done(&b->metas[i]);
	free(b->list);
	free(b->metas);
}

static void block(struct blocks *b, const struct carried *c, char *why)
{
	ARRAY_GROW(b->list, b->n);
	b->list[b->n++] = (struct policy_block){ xstrdup(c->name), xstrdup(c->version), why };
}

static bool is_blocked(const struct blocks *b, const struct carried *c)
{
	for (size_t i = 0; i < b->n; i++)
		if (streq(b->list[i].name, c->name) && streq(b->list[i].version, c->version))
			return true;
	return false;
}

/*
 * Debian's images have their release in the name, so a name that is asked for is the one that is blocked. An .rpm asks
 * for a capability, and its solver sees for itself that nothing is left to meet it.
 */
static const char *asks_for(const struct blocks *b, const struct carried *meta)
{
	for (size_t i = 0; meta->deb && i < b->n; i++)
		if (strings_have(&meta->requires, b->list[i].name))
			return b->list[i].name;
	return NULL;
}

static void block_metas(struct blocks *b)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < b->n_metas; i++) {
			const char *name = is_blocked(b, &b->metas[i]) ? NULL : asks_for(b, &b->metas[i]);

			if (!name)
				continue;
			block(b, &b->metas[i], xasprintf("brings in %s", name));
			more = true;
		}
	}
}

/* A kernel, or a package that only names one. */
static enum exit_status open_argument(struct session *s, const char *arg, struct kernel_list *list, struct blocks *b)
{
	struct carried c = { 0 };
	struct error err = { 0 };

	if (access(arg, F_OK) == 0 && carried_read(arg, &c, &err) == 0 && c.name && !c.kernel) {
		ARRAY_GROW(b->metas, b->n_metas);
		b->metas[b->n_metas++] = c;
		return EXIT_OK;
	}
	carried_done(&c);
	return session_open(s, arg, list);
}

static enum exit_status judge_kernel(struct session *s, struct kernel *k, const struct policy *p, const bool *wanted,
				     struct blocks *b)
{
	_cleanup_(decision_freep) struct decision *d = NULL;
	struct carried c = { 0 };
	struct look *look;
	enum exit_status status = session_look(s, k, wanted, DEPTH_DEEP, &look);

	if (status == EXIT_OK)
		status = session_package(s, look, &c);
	if (status == EXIT_OK && c.rpm != request.rpm)
		status = session_refuse(s, kernel_label(k), "is no .%s, and the package shall be one",
					request.rpm ? "rpm" : "deb");
	if (status == EXIT_OK) {
		d = decide(NULL, look->support, p, s->options->today);
		if (d->result != DECISION_ALLOWED)
			block(b, &c, xstrdup(d->n_findings > 0 ? d->findings[0].message : "cannot be decided about"));
	}
	carried_done(&c);
	return status;
}

/* All are looked at, and one that cannot be judged is no reason to leave it out of the list: nothing is made. */
static enum exit_status judge_all(struct session *s, const struct policy *p, struct blocks *b)
{
	_cleanup_(kernel_list_done) struct kernel_list kernels = { 0 };
	_cleanup_(freep) struct selection *selections = NULL;
	_cleanup_(freep) bool *wanted = NULL;
	struct report r = { 0 };
	enum exit_status status = EXIT_OK;

	for (size_t i = 1; i < s->options->n_args; i++)
		status = status_worse(status, open_argument(s, s->options->args[i], &kernels, b));
	selections = policy_selections(p, &r);
	wanted = selected_wants(s->knowledge, &r);
	for (size_t i = 0; status == EXIT_OK && i < kernels.count; i++)
		status = judge_kernel(s, kernels.kernels[i], p, wanted, b);
	if (status == EXIT_OK)
		block_metas(b);
	return status;
}

/* --- the package */

static char *package_name(const struct policy *p)
{
	char *s = request.name ? xstrdup(request.name) : xasprintf("hvcompat-policy-%s", p->name);

	for (char *c = s; !request.name && *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c == '_' ? '-' : *c;
	return s;
}

static void tell(FILE *out, const char *text)
{
	_cleanup_(freep) char *clean = text_clean(text);

	fprintf(out, "%s\n", clean);
}

static void tell_all(FILE *out, const struct policy_package *p, const struct policy_terms *t, const char *path)
{
	tell(out, path);
	for (size_t i = 0; i < t->terms.n; i++)
		fprintf(out, "  keeps out: %s without %s\n", p->kernel, t->terms.items[i]);
	for (size_t i = 0; i < p->n_blocks; i++) {
		const struct policy_block *b = &p->blocks[i];
		_cleanup_(freep) char *line = xasprintf("  keeps out: %s %s: %s", b->name, b->version, b->why);

		tell(out, line);
	}
	for (size_t i = 0; i < t->gaps.n; i++) {
		_cleanup_(freep) char *line = xasprintf("  does not see to: %s", t->gaps.items[i]);

		tell(out, line);
	}
}

static const char *arch_of(const struct options *o, struct utsname *u)
{
	if (o->arch)
		return o->arch;
	return uname(u) == 0 ? u->machine : "x86_64";
}

static enum exit_status make(struct session *s, const struct policy *policy, const struct blocks *b, FILE *out)
{
	_cleanup_(freep) char *spec = NULL, *name = package_name(policy), *path = NULL;
	_cleanup_(policy_terms_done) struct policy_terms terms = { 0 };
	struct policy_package p = {
		.rpm = request.rpm, .name = name, .policy = policy->name, .version = policy->version,
		.revision = request.revision, .maintainer = request.maintainer, .kernel = request.kernel,
		.blocks = b->list, .n_blocks = b->n, .out = request.out,
	};
	struct error err = { 0 };
	struct utsname u;

	if (s->options->n_args == 1) {
		policy_terms_of(policy, arch_of(s->options, &u), &terms);
		p.terms = &terms.terms;
	}
	if (b->n == 0 && terms.terms.n == 0) {
		complain("%s", s->options->n_args > 1 ?
				       "the policy blocks none of these: there is nothing to keep out" :
				       "nothing that the policy requires is told by Provides: name the kernels that it "
				       "shall be held against");
		return EXIT_FAILED;
	}
	if (share_find("spec", "spec", &spec, &err) == 0) {
		p.spec = spec;
		policy_package_make(&p, &path, &err);
	}
	if (!path) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	tell_all(out, &p, &terms, path);
	return EXIT_OK;
}

static enum exit_status package(struct session *s, FILE *out)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(blocks_done) struct blocks blocks = { 0 };
	enum exit_status status = session_knowledge(s);

	if (status == EXIT_OK)
		status = session_policy(s, s->options->policy, &policy);
	if (status == EXIT_OK && s->options->n_args > 1)
		status = judge_all(s, policy, &blocks);
	return status == EXIT_OK ? make(s, policy, &blocks, out) : status;
}

enum exit_status run_policy_package(struct options *o)
{
	_cleanup_(session_end) struct session s = { 0 };
	enum exit_status status;

	if (!o->policy)
		return usage_error(o, "policy package needs --policy");
	if (!request.deb && !request.rpm)
		return usage_error(o, "policy package needs --format deb or --format rpm");
	if (request.deb && o->n_args == 1)
		return usage_error(o, "policy package --format deb needs kernels: apt can be kept from those by name, "
				      "and not from what lacks something");
	status = session_begin(&s, o);
	return status == EXIT_OK ? session_print(&s, package) : status;
}
