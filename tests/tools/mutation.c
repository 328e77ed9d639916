/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mutation count|all POLICIES KERNEL...: for each requirement in the knowledge that a real kernel meets, its facts with that
 * evidence damaged in each way must not be judged as meeting it (tests/lib/mutate.h). Prints one line for each kind of mutation
 * and class of evidence; fails when anything stood on nothing. "all" tells, too, what stood by other evidence, and what opened.
 *
 * mutation same POLICIES KERNEL MUTATED EDIT...: whether MUTATED, a kernel of whose files some were changed, reads as the facts
 * of KERNEL do once EDITs were made of them: renamed|DRIVER, moved|DRIVER, removed|DRIVER, unset|OPTION, dropped|OPTION,
 * absent|KEY|NAME[|DRIVER], unknown|KEY|NAME[|DRIVER], table|NAME|DRIVER|FIRST|KEEP. Prints what differs.
 */
#include "kernel/kernel.h"
#include "lib/mutate.h"

static void say(void *ctx, const char *sentence)
{
	printf("%s: %s\n", (const char *)ctx, sentence);
}

static void print_cells(const char *label, const struct mutation_count *count)
{
	for (unsigned kind = 0; kind < MUTATION_KINDS; kind++)
		for (unsigned class = 0; class < MUTATION_CLASSES; class++) {
			const struct mutation_cell *c = &count->cells[kind][class];

			if (c->mutations > 0)
				printf("cell %s %s %s %zu %zu %zu %zu %zu %zu %zu\n", label, mutation_name(kind),
				       mutation_class_name(class), c->mutations, c->fell, c->stood, c->opened, c->doubted,
				       c->gates, c->failures);
		}
}

static size_t mutate_kernel(const struct knowledge *k, struct kernel *kernel, bool all, struct error *err)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const char *label = kernel_label(kernel);
	struct mutation_job job = { .k = k, .say = say, .ctx = (void *)label, .all = all };
	struct mutation_count c;

	if (kernel_read(kernel, &k->wants, DEPTH_DEEP, &facts, err) < 0)
		return 1;
	job.facts = facts;
	c = mutate_all(&job);
	print_cells(label, &c);
	printf("%s: %zu mutations, %zu requirements fell, %zu stood by other evidence, %zu opened; %zu pieces of evidence "
	       "change nothing by themselves; %zu failures\n",
	       label, c.sum.mutations, c.sum.fell, c.sum.stood, c.sum.opened, c.untouched, c.sum.failures);
	return c.sum.failures + (c.sum.mutations == 0);
}

/* --- files that were changed, against facts that were ---------------------------------------------------------- */

/* The part of "a|b|c" of that number, from 0; owned; NULL: there is none. The last takes all that is left. */
static char *word(const char *text, unsigned number, bool last)
{
	for (; number > 0 && text; number--) {
		text = strchr(text, '|');
		text = text ? text + 1 : NULL;
	}
	return !text ? NULL : last ? xstrdup(text) : xstrndup(text, strcspn(text, "|"));
}

/* The want of that key, name (of a note, with its type) and driver; -1: none. */
static ssize_t find_want(const struct edit *e, const char *key, const char *name, const char *of)
{
	for (size_t i = 0; i < e->k->wants.count; i++) {
		const struct want *w = &e->k->wants.wants[i];

		_cleanup_(freep) char *note = xasprintf("%s/%u", w->name, w->type);

		if (streq(mutation_class_name(w->kind), key) && streq_null(w->of, of) &&
		    streq(w->kind == WANT_NOTE ? note : w->name, name))
			return (ssize_t)i;
	}
	return -1;
}

static bool edit_want(struct edit *e, const char *text, enum fact_state state)
{
	_cleanup_(freep) char *key = word(text, 1, false), *name = word(text, 2, false), *of = word(text, 3, true);
	ssize_t want = key && name ? find_want(e, key, name, of) : -1;

	if (want >= 0)
		edit_fact(e, (size_t)want, state);
	return want >= 0;
}

static bool edit_table(struct edit *e, const char *text)
{
	_cleanup_(freep) char *name = word(text, 1, false), *of = word(text, 2, false), *first = word(text, 3, false),
			      *keep = word(text, 4, true);
	ssize_t want = keep ? find_want(e, "table", name, of) : -1;

	if (want >= 0)
		edit_versions(e, (size_t)want, strtoul(first, NULL, 10), strtoul(keep, NULL, 10));
	return want >= 0;
}

/* False: there is nothing that could be changed so. */
static bool apply(struct edit *e, const char *text)
{
	_cleanup_(freep) char *verb = word(text, 0, false), *rest = word(text, 1, true);
	size_t before = e->changed;

	if (!rest)
		return false;
	if (streq(verb, "absent") || streq(verb, "unknown"))
		return edit_want(e, text, streq(verb, "absent") ? FACT_ABSENT : FACT_UNKNOWN);
	if (streq(verb, "table"))
		return edit_table(e, text);
	if (streq(verb, "unset") || streq(verb, "dropped"))
		edit_config(e, rest, streq(verb, "unset") ? MUTATE_ZEROED : MUTATE_REMOVED);
	else
		edit_driver(e, rest,
			    streq(verb, "moved")     ? MUTATE_MOVED
			    : streq(verb, "renamed") ? MUTATE_RENAMED
						     : MUTATE_REMOVED);
	return e->changed > before;
}

static bool same_fact(const struct fact *a, const struct fact *b)
{
	bool same = a->state == b->state && a->n_versions == b->n_versions;

	for (size_t i = 0; same && i < a->n_versions; i++)
		same = a->versions[i] == b->versions[i];
	return same && (a->state != FACT_PRESENT || a->placement == b->placement) &&
	       (a->placement == PLACEMENT_NOT_REQUIRED) == (b->placement == PLACEMENT_NOT_REQUIRED);
}

static bool has_contradiction(const struct facts *f, const char *what)
{
	for (size_t i = 0; i < f->n_contradictions; i++)
		if (streq(f->contradictions[i].what, what))
			return true;
	return false;
}

static unsigned compare(const struct knowledge *k, const struct facts *edited, const struct facts *read)
{
	unsigned differences = 0;

	for (size_t i = 0; i < k->wants.count; i++) {
		const struct want *w = &k->wants.wants[i];
		const struct fact *a = &edited->facts[i], *b = &read->facts[i];

		if (same_fact(a, b))
			continue;
		printf("%s %s%s%s: edited state %d, placement %d, %zu versions; read %d, %d, %zu (%s)\n",
		       mutation_class_name(w->kind), w->name, w->of ? " of " : "", w->of ? w->of : "", a->state, a->placement,
		       a->n_versions, b->state, b->placement, b->n_versions, b->why ? b->why : b->text ? b->text : "");
		differences++;
	}
	for (size_t i = 0; i < edited->n_contradictions; i++)
		if (!has_contradiction(read, edited->contradictions[i].what)) {
			printf("not read: %s\n", edited->contradictions[i].what);
			differences++;
		}
	for (size_t i = 0; i < read->n_contradictions; i++)
		if (!has_contradiction(edited, read->contradictions[i].what)) {
			printf("not edited: %s\n", read->contradictions[i].what);
			differences++;
		}
	return differences;
}

static struct facts *read_one(const struct knowledge *k, const char *arg, struct error *err)
{
	struct kernel_list list = { 0 };
	struct facts *facts = NULL;

	if (kernel_open(arg, NULL, &list, err) == 0 && list.count == 1)
		kernel_read(list.kernels[0], &k->wants, DEPTH_DEEP, &facts, err);
	kernel_list_done(&list);
	return facts;
}

static int same(const struct knowledge *k, char **argv, struct error *err)
{
	_cleanup_(facts_freep) struct facts *facts = read_one(k, argv[0], err),
					    *read = facts ? read_one(k, argv[1], err) : NULL;
	_cleanup_(freep) bool *touched = xcalloc(k->wants.count, sizeof(*touched));
	struct edit e = { .k = k, .facts = facts, .touched = touched };

	if (!read)
		return 2;
	for (argv += 2; *argv; argv++)
		if (!apply(&e, *argv)) {
			printf("%s changes nothing\n", *argv);
			return 1;
		}
	printf("%zu facts changed\n", e.changed);
	return compare(k, facts, read) > 0;
}

static int count(const struct knowledge *k, char **argv, bool all, struct error *err)
{
	struct kernel_list list = { 0 };
	size_t failures = 0;

	for (; *argv && !err->code; argv++)
		kernel_open(*argv, NULL, &list, err);
	for (size_t i = 0; i < list.count && !err->code; i++)
		failures += mutate_kernel(k, list.kernels[i], all, err);
	kernel_list_done(&list);
	return failures > 0;
}

int main(int argc, char **argv)
{
	const char *dirs[] = { argc > 3 ? argv[2] : "", NULL };
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	struct error err = { 0 };
	int r = 2;

	if (argc < 4 || (streq(argv[1], "same") && argc < 5)) {
		fprintf(stderr, "usage: mutation count|all POLICIES KERNEL...\n"
				"       mutation same POLICIES KERNEL MUTATED EDIT...\n");
		return 64;
	}
	if (knowledge_load(dirs, NULL, NULL, &k, &err) == 0)
		r = streq(argv[1], "same") ? same(k, argv + 3, &err) : count(k, argv + 3, streq(argv[1], "all"), &err);
	if (!err.code)
		return r;
	fprintf(stderr, "mutation: %s\n", err.text);
	return 2;
}
