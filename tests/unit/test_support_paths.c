/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compat/support.h"
#include "tests/lib/invent.h"
#include "tests/lib/mutate.h"

/*
 * A whole invented hypervisor with its own bus, devices and protocol table, from files alone: Lumen. What it
 * understands grows from version to version, as with real ones.
 */
#define HEAD(name, class) \
	"interface: " name "\nclass: " class "\nkind: paravirtual\nabout: " name ".\nsource: here\n"

static const char beam[] = HEAD(
	"beam",
	"bus") "drivers: [{driver: beam_bus, also: [beam], config: [BEAM]}]\n"
	       "speaks:\n"
	       "- {table: beam_versions, of: beam_bus, element: u32, ends: not-descending, depth: normal}\n"
	       "- {driver: beam_bus, unknown-versions: true}\n"
	       "refused-by: [{when: {config: BEAM_HOST}, why: is built to be a host itself, source: here}]\n"
	       "demands:\n"
	       "- {feature: mirror, modes: [tube], when: {string: \"no mirror\", of: beam_bus}, why: tubes need one, source: here}\n"
	       "help: {config: [BEAM=m], shim: [old-beam]}\n";
static const char disk[] = HEAD("beam-disk", "disk") "drivers: [{driver: beam_disk, config: [BEAM_DISK]}]\n"
						     "speaks:\n"
						     "- {table: disk_versions, of: beam_disk, element: u32}\n"
						     "- {driver: beam_disk, unknown-versions: true}\n";
static const char ide[] = HEAD("old-ide", "disk") "speaks: [{config: IDE}]\n";
static const char net[] = HEAD("beam-net", "net") "speaks: [{config: BEAM_NET}]\n";
static const char glow[] = HEAD("glow", "display") "speaks: [{config: GLOW}]\n";
static const char lumen[] =
	"hypervisor: lumen\nname: Lumen Server\nsource: here\n"
	"versions: [{id: \"2008\"}, {id: 2008r2, aliases: [win]}, {id: \"2012\"}]\n"
	"modes:\n"
	"- {id: tube, needs: {bus: required, disk: required, net: required, display: optional}}\n"
	"- {id: led, since: 2008r2, until: 2008r2, arch: [aarch64], loader: strip, needs: {bus: required}}\n"
	"offers:\n"
	"- {interface: beam, meets: host-maximum, at: [{since: \"2008\", versions: [\"0.13\"]}, {since: \"2012\", versions: [\"2.4\"]}]}\n"
	"- {interface: beam-disk, meets: overlap, at: [{versions: [\"1.0\", \"2.0\"]}], modes: [tube], unread-follows: beam}\n"
	"- interface: old-ide\n"
	"  until: 2008r2\n"
	"  modes: [tube]\n"
	"  grade: degraded\n"
	"  refused-by:\n"
	"  - {when: {config: SHY}, why: leaves the disks alone, source: here, way-out: {boot-parameter: [shy=0]}}\n"
	"  - {when: {config: BLIND}, why: is blind, source: here}\n"
	"- {interface: beam-net, modes: [tube]}\n"
	"- {interface: glow, modes: [tube], since: \"2012\"}\n"
	"provides:\n"
	"- {feature: mirror, modes: [tube], since: 2008r2}\n";

struct world {
	struct invented inv;
	struct knowledge *k;
	const struct host *h;
	struct facts *f;
	struct support *s;
};

static struct fact *fact(struct world *w, enum want_kind kind, const char *name, const char *of)
{
	return invent_fact(w->k, w->f, kind, name, of);
}

static void set(struct world *w, const char *config, enum fact_state state)
{
	fact(w, WANT_CONFIG, config, NULL)->state = state;
}

/* A kernel that Lumen likes in all versions. */
static void good_kernel(struct world *w)
{
	fact(w, WANT_DRIVER, "beam_bus", NULL)->state = FACT_PRESENT;
	fact(w, WANT_DRIVER, "beam_disk", NULL)->state = FACT_PRESENT;
	invent_versions(fact(w, WANT_TABLE, "beam_versions", "beam_bus"), "5.2 2.4 1.1 0.13");
	invent_versions(fact(w, WANT_TABLE, "disk_versions", "beam_disk"), "2.0");
	set(w, "BEAM_NET", FACT_PRESENT);
	set(w, "GLOW", FACT_PRESENT);
}

static int begin(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	invent_begin(&w->inv);
	invent_file(&w->inv, "a/interfaces/beam.yaml", beam);
	invent_file(&w->inv, "a/interfaces/beam-disk.yaml", disk);
	invent_file(&w->inv, "a/interfaces/old-ide.yaml", ide);
	invent_file(&w->inv, "a/interfaces/beam-net.yaml", net);
	invent_file(&w->inv, "a/interfaces/glow.yaml", glow);
	invent_file(&w->inv, "a/hypervisors/lumen.yaml", lumen);
	if (invent_load(&w->inv, &w->k) < 0)
		fail_msg("%s", w->inv.lines.text);
	w->h = knowledge_host(w->k, "lumen");
	w->f = invent_facts(w->k, "x86_64");
	good_kernel(w);
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	support_free(w->s);
	facts_free(w->f);
	knowledge_free(w->k);
	invent_end(&w->inv);
	free(w);
	return 0;
}

/* Judges anew and looks at one version in mode tube. */
static const struct verdict *at(struct world *w, const char *version)
{
	const struct verdict *v;

	support_free(w->s);
	w->s = support_judge(w->k, w->f);
	v = support_find(w->s, w->h, (unsigned)host_version_index(w->h, version), 0);
	assert_non_null(v);
	return v;
}

static enum status status_at(struct world *w, const char *version)
{
	return at(w, version)->status;
}

static const struct path *path_at(struct world *w, const char *version, const char *interface)
{
	const struct verdict *v = at(w, version);

	for (size_t i = 0; i < v->n_paths; i++)
		if (streq(v->paths[i].offer->interface, interface))
			return &v->paths[i];
	return NULL;
}

static void test_supported(void **state)
{
	const struct verdict *v = at(*state, "2012");

	assert_int_equal(v->status, STATUS_SUPPORTED);
	assert_int_equal(v->n_paths, 4); /* old-ide is gone there */
	assert_string_equal(v->paths[0].offer->interface, "beam");
	assert_string_equal(v->paths[1].offer->interface, "beam-disk");
	assert_string_equal(v->paths[2].offer->interface, "beam-net");
	assert_string_equal(v->paths[3].offer->interface, "glow");
	assert_string_equal(v->paths[0].expected, "<= 2.4");
	assert_string_equal(v->paths[0].found, "5.2 2.4 1.1 0.13");
	assert_string_equal(v->paths[2].expected, "present");
	for (size_t i = 0; i < v->n_paths; i++) {
		assert_int_equal(v->paths[i].status, STATUS_SUPPORTED);
		assert_null(v->paths[i].reason);
		assert_null(v->paths[i].help[0]);
		assert_int_equal(v->paths[i].n_evidence, 1);
	}
	assert_int_equal(status_at(*state, "2008"), STATUS_SUPPORTED); /* no display offered: no need */
	assert_int_equal(status_at(*state, "win"), STATUS_SUPPORTED);
}

/* What Debian's 6.1 did to Windows Server 2008: the old versions left the table. */
static void test_host_maximum(void **state)
{
	struct world *w = *state;
	const struct path *p;

	invent_versions(fact(w, WANT_TABLE, "beam_versions", "beam_bus"), "5.3 5.2 5.1 5.0 4.1 4.0 3.0 2.4");
	assert_int_equal(status_at(w, "2012"), STATUS_SUPPORTED);
	assert_int_equal(status_at(w, "2008r2"), STATUS_UNSUPPORTED);
	p = path_at(w, "2008r2", "beam");
	assert_int_equal(p->status, STATUS_UNSUPPORTED);
	assert_string_equal(p->expected, "<= 0.13");
	assert_string_equal(p->found, "5.3 5.2 5.1 5.0 4.1 4.0 3.0 2.4");
	assert_string_equal(p->reason, "speaks beam 5.3 … 2.4; Lumen Server 2008r2 accepts at most 0.13");
	assert_string_equal(p->help[0]->shim[0], "old-beam");
	/* an empty table speaks nothing */
	invent_versions(fact(w, WANT_TABLE, "beam_versions", "beam_bus"), "");
	assert_int_equal(status_at(w, "2012"), STATUS_UNSUPPORTED);
	/* no table: the driver is there, in whatever versions */
	fact(w, WANT_TABLE, "beam_versions", "beam_bus")->state = FACT_UNKNOWN;
	assert_int_equal(status_at(w, "2012"), STATUS_UNKNOWN);
}

/* docs/knowledge.md, "Meeting". */
static void test_meets(void **state)
{
	struct world *w = *state;
	struct offer *o = (struct offer *)&w->h->offers[1];
	static const struct {
		enum meets meets;
		const char *spoken; /* the host has 1.0 and 2.0 */
		enum status status;
	} rows[] = {
		{ MEETS_HOST_MAXIMUM, "2.1 2.0", STATUS_SUPPORTED },
		{ MEETS_HOST_MAXIMUM, "0.5", STATUS_SUPPORTED },
		{ MEETS_HOST_MAXIMUM, "2.1", STATUS_UNSUPPORTED },
		{ MEETS_OVERLAP, "3.0 1.0", STATUS_SUPPORTED },
		{ MEETS_OVERLAP, "3.0 1.5", STATUS_UNSUPPORTED },
		{ MEETS_EQUAL, "2.0 1.0", STATUS_SUPPORTED },
		{ MEETS_EQUAL, "1.0", STATUS_UNSUPPORTED },
		{ MEETS_EQUAL, "1.0 2.0 3.0", STATUS_UNSUPPORTED },
		{ MEETS_SUPERSET, "1.0 2.0 3.0", STATUS_SUPPORTED },
		{ MEETS_SUPERSET, "1.0 3.0", STATUS_UNSUPPORTED },
		{ MEETS_PRESENCE, "9.9", STATUS_SUPPORTED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		o->meets = rows[i].meets;
		invent_versions(fact(w, WANT_TABLE, "disk_versions", "beam_disk"), rows[i].spoken);
		assert_int_equal(path_at(w, "2012", "beam-disk")->status, rows[i].status);
	}
}

static void test_absent(void **state)
{
	struct world *w = *state;
	const struct path *p;

	set(w, "BEAM_NET", FACT_ABSENT);
	p = path_at(w, "2012", "beam-net");
	assert_int_equal(p->status, STATUS_UNSUPPORTED);
	assert_string_equal(p->expected, "present");
	assert_string_equal(p->found, "absent");
	assert_string_equal(p->reason, "the kernel does not speak beam-net (CONFIG_BEAM_NET is not set)");
	assert_int_equal(p->n_evidence, 1);
	assert_int_equal(status_at(w, "2012"), STATUS_UNSUPPORTED);
	set(w, "BEAM_NET", FACT_UNKNOWN);
	assert_int_equal(status_at(w, "2012"), STATUS_UNKNOWN);
	assert_int_equal(at(w, "2012")->needs[CLASS_NET], STATUS_UNKNOWN);
	assert_int_equal(at(w, "2012")->needs[CLASS_BUS], STATUS_SUPPORTED);
	/* unsupported for certain, whatever else is unknown */
	invent_versions(fact(w, WANT_TABLE, "beam_versions", "beam_bus"), "5.3");
	assert_int_equal(status_at(w, "2012"), STATUS_UNSUPPORTED);
}

static void test_optional(void **state)
{
	struct world *w = *state;

	set(w, "GLOW", FACT_ABSENT);
	assert_int_equal(status_at(w, "2012"), STATUS_DEGRADED);
	assert_int_equal(status_at(w, "2008r2"), STATUS_SUPPORTED);
	set(w, "GLOW", FACT_UNREAD);
	assert_int_equal(status_at(w, "2012"), STATUS_DEGRADED);
	assert_int_equal(at(w, "2012")->needs[CLASS_DISPLAY], STATUS_UNKNOWN);
}

/* The best path counts; one that is degraded by its grade, or by a refusal with a way out, degrades. */
static void test_degraded(void **state)
{
	struct world *w = *state;
	const struct path *p;

	fact(w, WANT_TABLE, "disk_versions", "beam_disk")->state = FACT_ABSENT;
	set(w, "IDE", FACT_PRESENT);
	assert_int_equal(status_at(w, "2008"), STATUS_DEGRADED);
	assert_int_equal(status_at(w, "2012"), STATUS_UNSUPPORTED); /* offered until 2008r2 */
	assert_null(path_at(w, "2008", "old-ide")->help[0]);
	set(w, "SHY", FACT_PRESENT);
	p = path_at(w, "2008", "old-ide");
	assert_int_equal(p->status, STATUS_DEGRADED);
	assert_string_equal(p->help[0]->boot_parameter[0], "shy=0");
	assert_string_equal(p->reason, "the kernel leaves the disks alone (CONFIG_SHY=y)");
	set(w, "BLIND", FACT_UNKNOWN);
	assert_int_equal(path_at(w, "2008", "old-ide")->status, STATUS_UNKNOWN);
	set(w, "BLIND", FACT_PRESENT);
	p = path_at(w, "2008", "old-ide");
	assert_int_equal(p->status, STATUS_UNSUPPORTED);
	assert_string_equal(p->reason, "the kernel is blind (CONFIG_BLIND=y)");
	assert_int_equal(p->n_evidence, 3); /* IDE, SHY and BLIND */
	/* a way out that is not known to be needed is not known to be enough */
	set(w, "BLIND", FACT_ABSENT);
	set(w, "SHY", FACT_UNKNOWN);
	assert_int_equal(path_at(w, "2008", "old-ide")->status, STATUS_UNKNOWN);
}

static void test_demands(void **state)
{
	struct world *w = *state;
	const struct path *p;

	fact(w, WANT_STRING, "no mirror", "beam_bus")->state = FACT_PRESENT;
	assert_int_equal(status_at(w, "2008r2"), STATUS_SUPPORTED); /* provides it from then on */
	p = path_at(w, "2008", "beam");
	assert_int_equal(p->status, STATUS_UNSUPPORTED);
	assert_string_equal(
		p->reason,
		"the kernel insists on mirror, which Lumen Server 2008 does not provide (tubes need one)");
	assert_string_equal(p->found, "needs mirror");
	assert_int_equal(p->n_evidence, 2);
	/* What was expected is said of the string that demands, not of the table that is fine. */
	assert_int_equal(p->n_asked, 1);
	assert_ptr_equal(&w->f->facts[p->asked[0]], fact(w, WANT_STRING, "no mirror", "beam_bus"));
	fact(w, WANT_STRING, "no mirror", "beam_bus")->state = FACT_UNREAD;
	assert_int_equal(status_at(w, "2008"), STATUS_UNKNOWN);
	assert_int_equal(status_at(w, "2008r2"), STATUS_SUPPORTED);
}

static void test_refused_interface(void **state)
{
	struct world *w = *state;
	const struct path *p;

	set(w, "BEAM_HOST", FACT_PRESENT);
	p = path_at(w, "2012", "beam");
	assert_int_equal(p->status, STATUS_UNSUPPORTED);
	assert_string_equal(p->reason, "the kernel is built to be a host itself (CONFIG_BEAM_HOST=y)");
	assert_string_equal(p->expected, "not refused");
}

static void test_modes_and_arch(void **state)
{
	struct world *w = *state;
	const struct verdict *v;

	at(w, "2008");
	assert_int_equal(w->s->n_verdicts, 3); /* tube in each version; led exists on aarch64 only */
	strcpy(w->f->arch, "i686");
	at(w, "2008");
	assert_int_equal(w->s->n_verdicts, 3);
	free(w->f->arch);
	w->f->arch = xstrdup("aarch64");
	at(w, "2008");
	assert_int_equal(w->s->n_verdicts, 4);
	v = &w->s->verdicts[2];
	assert_int_equal(v->version, 1);
	assert_int_equal(v->mode, 1);
	assert_int_equal(v->n_paths, 1); /* needs a bus alone */
	assert_null(support_find(w->s, w->h, 0, 1));
	free(TAKE_PTR(w->f->arch)); /* judged on evidence alone */
	at(w, "2008");
	assert_int_equal(w->s->n_verdicts, 4);
}

/* A quick look at the disk's versions was not taken: the bus answers for it, unless the reading was deep. */
static void test_unread_follows(void **state)
{
	struct world *w = *state;
	const struct path *p;

	fact(w, WANT_TABLE, "disk_versions", "beam_disk")->state = FACT_UNREAD;
	w->f->depth = DEPTH_NORMAL;
	p = path_at(w, "2012", "beam-disk");
	assert_int_equal(p->status, STATUS_SUPPORTED);
	assert_true(p->inferred);
	assert_true(at(w, "2012")->inferred);
	assert_int_equal(at(w, "2012")->status, STATUS_SUPPORTED);
	invent_versions(fact(w, WANT_TABLE, "beam_versions", "beam_bus"), "5.3 2.4");
	p = path_at(w, "2008", "beam-disk");
	assert_int_equal(p->status, STATUS_UNSUPPORTED);
	assert_true(p->inferred);
	assert_string_equal(
		p->reason, "inferred from beam: speaks beam 5.3 2.4; Lumen Server 2008 accepts at most 0.13");
	/* nothing to infer from */
	fact(w, WANT_TABLE, "beam_versions", "beam_bus")->state = FACT_UNREAD;
	p = path_at(w, "2012", "beam-disk");
	assert_int_equal(p->status, STATUS_UNKNOWN);
	assert_false(p->inferred);
	/* sought and not found out: that is no matter of depth */
	invent_versions(fact(w, WANT_TABLE, "beam_versions", "beam_bus"), "2.4");
	fact(w, WANT_TABLE, "disk_versions", "beam_disk")->state = FACT_UNKNOWN;
	assert_int_equal(path_at(w, "2012", "beam-disk")->status, STATUS_UNKNOWN);
	/* a verdict of record never infers */
	fact(w, WANT_TABLE, "disk_versions", "beam_disk")->state = FACT_UNREAD;
	w->f->depth = DEPTH_DEEP;
	assert_int_equal(path_at(w, "2012", "beam-disk")->status, STATUS_UNKNOWN);
	assert_int_equal(status_at(w, "2012"), STATUS_UNKNOWN);
}

static void test_labels(void **state)
{
	struct world *w = *state;
	_cleanup_(freep) char *label = verdict_label(w->h, 1, 0), *bare = NULL;
	struct host_version any = { .id = "any" };
	struct mode nameless = { .id = "" };
	struct host h = { .name = "glibc-before-2.14",
			  .versions = &any,
			  .versions_count = 1,
			  .modes = &nameless,
			  .modes_count = 1 };

	assert_string_equal(label, "lumen:2008r2/tube");
	bare = verdict_label(&h, 0, 0);
	assert_string_equal(bare, "glibc-before-2.14");
}

/* No verdict "supported" survives the loss of any one fact that it rests on, where there is one way only. */
static void test_single_facts(void **state)
{
	static const enum fact_state states[] = { FACT_ABSENT, FACT_UNKNOWN, FACT_UNREAD };
	struct world *w = *state;
	const struct verdict *v = at(w, "2012");
	_cleanup_(support_freep) struct support *before = TAKE_PTR(w->s);
	unsigned tried = 0;

	(void)before; /* what `v` points into */
	for (size_t p = 0; p < v->n_paths; p++)
		for (size_t e = 0; e < v->paths[p].n_evidence; e++)
			for (size_t s = 0; s < ARRAY_SIZE(states); s++) {
				struct fact *f = &w->f->facts[v->paths[p].evidence[e]];
				enum fact_state old = f->state;

				f->state = states[s];
				assert_int_not_equal(status_at(w, "2012"), STATUS_SUPPORTED);
				f->state = old;
				tried++;
			}
	assert_int_equal(tried, 12); /* four paths of one fact each, three states */
	assert_int_equal(status_at(w, "2012"), STATUS_SUPPORTED);
}

static void print(void *ctx, const char *sentence)
{
	(void)ctx;
	print_message("%s\n", sentence);
}

static struct mutation_count mutate(struct world *w, void (*say)(void *ctx, const char *sentence))
{
	struct mutation_job job = { .k = w->k, .facts = w->f, .say = say };

	return mutate_all(&job);
}

static void test_mutation(void **state)
{
	struct mutation_count count = mutate(*state, print);
	const struct mutation_cell *all = count.cells[MUTATE_UNKNOWN];

	assert_int_equal(count.sum.failures, 0);
	assert_int_equal(all[MUTATED_INTERFACE].mutations, 4); /* beam, beam-disk, beam-net, glow */
	assert_int_equal(all[MUTATED_INTERFACE].fell, 3 + 3 + 3 + 1);
	assert_int_equal(all[MUTATED_INTERFACE].stood + all[MUTATED_INTERFACE].opened, 0);
	assert_int_equal(count.cells[MUTATE_MOVED][MUTATED_DRIVER].stood, 0);
	assert_true(count.cells[MUTATE_SHORTENED][WANT_TABLE].fell > 0);
	assert_true(count.cells[MUTATE_SHORTENED][WANT_TABLE].stood > 0);
}

/* The mutation itself can fail: here an offer is met whatever the kernel lacks. */
static void test_mutation_finds(void **state)
{
	struct world *w = *state;
	struct rule *speaks = (struct rule *)knowledge_iface(w->k, "beam-net")->speaks, absent = *speaks;
	struct rule both[2] = { *speaks, { .none = &absent, .none_count = 1 } };
	struct rule vacuous = { .any = both, .any_count = 2 }, kept = *speaks;
	struct mutation_count count;

	*speaks = vacuous; /* set or not set: always true */
	count = mutate(w, NULL);
	*speaks = kept;
	assert_true(count.cells[MUTATE_REMOVED][MUTATED_INTERFACE].failures > 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_supported),	   TEST(test_host_maximum),
		TEST(test_meets),	   TEST(test_absent),
		TEST(test_optional),	   TEST(test_degraded),
		TEST(test_demands),	   TEST(test_refused_interface),
		TEST(test_modes_and_arch), TEST(test_unread_follows),
		TEST(test_labels),	   TEST(test_single_facts),
		TEST(test_mutation),	   TEST(test_mutation_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
