/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>

#include "compat/lint.h"
#include "prove/recipe_private.h"

#define SECONDS_MAX 3600
#define RETRIES_MAX 9

/* What the init can look at, and which kinds of devices it tries (src/prove/init/). */
static const char *const probe_words[] = { "machine", "clock", "memory", "vdso", "cgroup", "vsyscall", "ldt", "x32", "log" };
static const char *const device_words[] = { "disk", "net" };

void recipe_flaw(struct recipe_vet *v, const struct step *way, const char *fmt, ...)
{
	_cleanup_(freep) char *what = NULL, *line = NULL;
	struct position at = places_find(v->places, way);
	va_list args;

	va_start(args, fmt);
	what = xvasprintf(fmt, args);
	va_end(args);
	line = xasprintf("%s:%zu:%zu: %s", v->family->file, at.line, at.column, what);
	error_set(v->err, EINVAL, "%s", line);
	if (v->report)
		v->report(v->ctx, line);
	v->flaws++;
}

static void required(struct recipe_vet *v, const struct step *way, const char *key, bool there)
{
	if (!there)
		recipe_flaw(v, way, "key '%s' is missing", key);
}

static void words(struct recipe_vet *v, const struct step *way, char *const *list, unsigned n, const char *const *known,
		  size_t n_known, const char *what)
{
	for (unsigned i = 0; i < n; i++) {
		size_t at = 0;

		while (at < n_known && !streq(list[i], known[at]))
			at++;
		if (at == n_known)
			recipe_flaw(v, ITEM(way, i), "unknown %s '%s'", what, list[i]);
	}
}

static const struct recipe_file *file_of(const struct recipe *r, const char *name, size_t n)
{
	for (unsigned i = 0; i < r->files_count; i++)
		if (r->files[i].name && strlen(r->files[i].name) == n && strncmp(r->files[i].name, name, n) == 0)
			return &r->files[i];
	return NULL;
}

/* Each {…} of a text must be something that is put in its place. */
static void marks(struct recipe_vet *v, const struct step *way, const struct recipe *r, const char *text, const char *known)
{
	for (const char *s = text; (s = strchr(s, '{')) != NULL; s++) {
		size_t n = strcspn(s, "}");
		char mark[80];
		bool file = startswith(s, "{file:") && file_of(r, s + 6, n - 6);

		snprintf(mark, sizeof(mark), " %.*s} ", (int)(n < 70 ? n : 70), s);
		if (s[n] != '}' || (!file && !strstr(known, mark)))
			recipe_flaw(v, way, "nothing is put in the place of '%.*s'; there are%sand {file:NAME} of needs-files",
				    (int)(n + 1), s, known);
	}
}

static void vet_expect(struct recipe_vet *v, const struct step *way, const struct recipe_expect *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		required(v, ITEM(way, i), "seen", list[i].seen);
		required(v, ITEM(way, i), "is", list[i].is);
	}
}

static void vet_watch(struct recipe_vet *v, const struct step *way, struct recipe *r)
{
	for (unsigned i = 0; i < r->watch_count; i++) {
		struct recipe_watch *w = &r->watch[i];
		char why[160];
		int code;

		required(v, ITEM(way, i), "text", w->text);
		required(v, ITEM(way, i), "why", w->why);
		code = regcomp(&w->compiled, w->text ? w->text : "", REG_EXTENDED | REG_NOSUB);
		if (!code)
			continue;
		regerror(code, &w->compiled, why, sizeof(why));
		recipe_flaw(v, ITEM(way, i), "'%s' is no regular expression: %s", w->text, why);
		regcomp(&w->compiled, "", REG_EXTENDED | REG_NOSUB);
	}
}

static void vet_files(struct recipe_vet *v, const struct step *way, const struct recipe *r)
{
	for (unsigned i = 0; i < r->files_count; i++) {
		const struct recipe_file *f = &r->files[i];

		required(v, ITEM(way, i), "name", f->name);
		required(v, ITEM(way, i), "package", f->package);
		required(v, ITEM(way, i), "member", f->member);
		if (f->name && (f->name[strspn(f->name, "abcdefghijklmnopqrstuvwxyz0123456789-.")] || f->name[0] == '.'))
			recipe_flaw(v, ITEM(way, i), "'%s' is no name for a file: lower case letters, digits, '-' and '.'", f->name);
	}
}

static void vet_path(struct recipe_vet *v, const struct step *way, const char *path)
{
	required(v, way, "path", path);
	if (path && (path[0] != '/' || strstr(path, "//") || strstr(path, "..") || endswith(path, "/")))
		recipe_flaw(v, STEP(way, "path"), "'%s' is no path of a file in the guest: write it from '/' on", path);
}

static void vet_nested(struct recipe_vet *v, const struct step *way, const struct recipe *r)
{
	const struct recipe_nested *n = r->nested;
	bool init = false;

	if (!n)
		return;
	required(v, way, "kernel", n->kernel);
	if (r->files_count == 0)
		recipe_flaw(v, way, "there is no needs-files, which says from where the outer guest is taken");
	for (unsigned i = 0; i < n->programs_count; i++) {
		const struct step *at = ITEM(STEP(way, "programs"), i);

		required(v, at, "package", n->programs[i].package);
		required(v, at, "member", n->programs[i].member);
		vet_path(v, at, n->programs[i].path);
		init = init || streq_null(n->programs[i].path, "/init");
	}
	for (unsigned i = 0; i < n->texts_count; i++) {
		required(v, ITEM(STEP(way, "texts"), i), "text", n->texts[i].text);
		vet_path(v, ITEM(STEP(way, "texts"), i), n->texts[i].path);
		init = init || streq_null(n->texts[i].path, "/init");
	}
	if (!init)
		recipe_flaw(v, way, "the outer guest has no /init among its programs and texts");
}

/* An interface on trial must be something that the host offers there. */
static void vet_through(struct recipe_vet *v, const struct step *way, const struct recipe_claim *c)
{
	const struct host *h = c->selection.host;

	for (unsigned i = 0; i < c->through_count; i++) {
		const struct iface *iface = knowledge_iface(v->k, c->through[i]);
		bool offered = false;

		for (unsigned n = 0; iface && n < h->offers_count; n++)
			for (unsigned m = 0; m < h->modes_count; m++)
				for (unsigned at = 0; h->offers[n].iface == iface && at < h->versions_count; at++)
					offered |= c->selection.modes[m] && c->selection.versions[at] &&
						   offer_active(&h->offers[n], at, &h->modes[m], NULL);
		if (!iface)
			recipe_flaw(v, ITEM(STEP(way, "through"), i), "unknown interface '%s'", c->through[i]);
		else if (!offered)
			recipe_flaw(v, ITEM(STEP(way, "through"), i), "%s does not offer '%s' there", h->name, c->through[i]);
	}
}

static void vet_claim(struct recipe_vet *v, const struct step *way, struct recipe_claim *c)
{
	const char *name = c->userspace ? c->userspace : c->hypervisor;
	const struct host *h = name ? knowledge_host(v->k, name) : NULL;
	struct error why = { 0 };

	if (!c->hypervisor == !c->userspace)
		recipe_flaw(v, way, "it stands for one 'hypervisor' or one 'userspace'");
	else if (!h || h->userspace != !!c->userspace)
		recipe_flaw(v, way, "unknown %s '%s'", c->userspace ? "userspace" : "hypervisor", name);
	else if (selection_make(v->k, name, c->versions, c->modes, c->modes_count, NULL, &c->selection, &why) < 0)
		recipe_flaw(v, way, "%s", why.text);
	else
		vet_through(v, way, c);
	vet_expect(v, STEP(way, "when"), c->when, c->when_count);
}

static void vet_starts(struct recipe_vet *v, const struct step *way, struct recipe *r)
{
	if (r->runner == RUNNER_UNSAID)
		r->runner = RUNNER_PROGRAM;
	if (r->kernel == RECIPE_KERNEL_UNSAID)
		r->kernel = RECIPE_KERNEL_STORED;
	if (r->runner == RUNNER_PROGRAM)
		required(v, way, "program", r->program);
	else if (r->program || r->arguments_count > 0 || r->install_count > 0)
		recipe_flaw(v, way, "what a site runs has no 'program', 'arguments' or 'install'");
	for (unsigned i = 0; i < r->arguments_count; i++)
		marks(v, STEP(way, "arguments"), r, r->arguments[i], " {kernel} {initrd} {append} {disk} {accel} ");
	for (unsigned i = 0; i < r->append_count; i++)
		marks(v, STEP(way, "append"), r, r->append[i], " {nonce} ");
	if (r->seconds < 1 || r->seconds > SECONDS_MAX)
		recipe_flaw(v, STEP(way, "seconds"), "'seconds' must be 1 to %d", SECONDS_MAX);
	if (r->retries > RETRIES_MAX)
		recipe_flaw(v, STEP(way, "retries"), "'retries' must be 0 to %d", RETRIES_MAX);
}

static void vet_name(struct recipe_vet *v, const struct step *way, unsigned i)
{
	const struct recipe *r = &v->family->recipes[i];

	required(v, way, "name", r->name);
	required(v, way, "about", r->about);
	if (!r->name)
		return;
	if (r->name[strspn(r->name, "abcdefghijklmnopqrstuvwxyz0123456789-.")] || strlen(r->name) > 60)
		recipe_flaw(v, STEP(way, "name"), "'%s' is no name: lower case letters, digits, '-' and '.'", r->name);
	if (knowledge_host(v->k, r->name))
		recipe_flaw(v, STEP(way, "name"), "'%s' is the name of a hypervisor or userspace, which --on takes too", r->name);
	for (unsigned j = 0; j < i; j++)
		if (streq_null(v->family->recipes[j].name, r->name))
			recipe_flaw(v, STEP(way, "name"), "there is another recipe '%s'", r->name);
	for (size_t f = 0; f < v->list->n_families; f++)
		for (unsigned j = 0; j < v->list->families[f]->recipes_count; j++)
			if (!streq_null(v->list->families[f]->name, v->family->name) &&
			    streq_null(v->list->families[f]->recipes[j].name, r->name))
				recipe_flaw(v, STEP(way, "name"), "there is a recipe '%s' in %s, too", r->name,
					    v->list->families[f]->file);
}

static void vet_recipe(struct recipe_vet *v, const struct step *way, unsigned i)
{
	struct recipe *r = &v->family->recipes[i];
	bool known = !r->like;

	vet_name(v, way, i);
	for (unsigned j = 0; j < i && !known; j++)
		known = streq_null(v->family->recipes[j].name, r->like);
	if (!known)
		recipe_flaw(v, STEP(way, "like"), "no recipe '%s' stands before this one", r->like);
	required(v, way, "arch", r->arch_count > 0);
	required(v, way, "stands-for", r->claims_count > 0);
	words(v, STEP(way, "arch"), r->arch, r->arch_count, arch_names, ARCHES, "architecture");
	words(v, STEP(way, "devices"), r->devices, r->devices_count, device_words, ARRAY_SIZE(device_words), "device");
	words(v, STEP(way, "probes"), r->probes, r->probes_count, probe_words, ARRAY_SIZE(probe_words), "probe");
	vet_files(v, STEP(way, "needs-files"), r);
	vet_nested(v, STEP(way, "nested"), r);
	vet_starts(v, way, r);
	vet_expect(v, STEP(way, "expect"), r->expect, r->expect_count);
	vet_watch(v, STEP(way, "watch"), r);
	for (unsigned j = 0; j < r->claims_count; j++)
		vet_claim(v, ITEM(STEP(way, "stands-for"), j), &r->claims[j]);
}

void recipe_vet_family(struct recipe_vet *v, struct recipe_family *f)
{
	const char *base = path_base(f->file);
	_cleanup_(freep) char *name = xstrndup(base, strlen(base) - strlen(".yaml"));

	if (!streq_null(f->name, name))
		recipe_flaw(v, STEP(NULL, "proof"), "write \"proof: %s\", as the file is called", name);
	required(v, NULL, "about", f->about);
	required(v, NULL, "source", f->source);
	required(v, NULL, "recipes", f->recipes_count > 0);
	for (unsigned i = 0; i < f->recipes_count; i++)
		vet_recipe(v, ITEM(STEP(NULL, "recipes"), i), i);
}
