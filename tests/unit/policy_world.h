/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_POLICY_WORLD_H
#define HVCOMPAT_TESTS_POLICY_WORLD_H

/* An invented world for the tests of src/policy: two hypervisors and an old userspace. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/invent.h"
#include "policy/decision.h"
#include "prove/agree.h"
static const char world_chan[] =
	"interface: chan\nclass: bus\nkind: paravirtual\nabout: a bus\nsource: invented\n"
	"drivers: [{driver: chan_drv, config: [CHAN]}]\n"
	"speaks:\n"
	"  - {table: chan_versions, of: chan_drv, element: u32, format: hi16.lo16, ends: not-descending}\n"
	"  - {driver: chan_drv, unknown-versions: true}\n"
	"help: {config: [CHAN=m, CHAN_BUS=y], shim: [old-chan]}\n";

/* A plain driver as an interface. */
#define WORLD_DRIVER(name, class, kind, config)                                                              \
	"interface: " name "\nclass: " class "\nkind: " kind "\nabout: something\nsource: invented\n"        \
					     "drivers: [{driver: " name ", config: [" config                 \
					     "]}]\nspeaks: [{driver: " name "}]\n"                           \
					     "help: {config: [" config "=m]}\n"

#define WORLD_CODEC(name)                                                                                    \
	"interface: pack-" name "\nclass: loader\nkind: boot\nabout: packing\nsource: invented\n"            \
	"speaks: [{payload: " name "}]\nhelp: {config: [KERNEL_X=y]}\n"

/* Rests on a driver of another interface too. */
static const char world_sdisk[] =
	"interface: sdisk\nclass: disk\nkind: paravirtual\nabout: something\nsource: invented\n"
	"drivers: [{driver: sdisk, config: [SDISK]}]\n"
	"speaks: [{all: [{driver: sdisk}, {driver: chan_drv}]}]\n"
	"help: {config: [SDISK=m]}\n";

static const char world_oldcall[] =
	"interface: oldcall\nclass: abi\nkind: abi\nabout: old calls\nsource: invented\n"
	"speaks: [{any: [{config: OLDCALL}, {config: OLDCALL_EMULATED}]}]\n"
	"refused-by:\n"
	"  - when: {none: [{config: OLDCALL}]}\n"
	"    why: answers old calls only when told to\n"
	"    way-out: {boot-parameter: [oldcall=on]}\n"
	"    source: invented\n"
	"help: {config: [OLDCALL=y], text: Ask for it.}\n";

static const char world_alpha[] =
	"hypervisor: alpha\nname: Alpha\nabout: invented\nsource: invented\n"
	"versions: [{id: '1', aliases: [one], source: invented}, {id: '2', source: invented},"
	" {id: '3', source: invented}]\n"
	"modes:\n"
	"  - {id: old, about: with emulations, needs: {bus: required, disk: required, display: optional}}\n"
	"  - {id: new, about: without, since: '2', arch: [x86_64],"
	" needs: {bus: required, disk: required}}\n"
	"offers:\n"
	"  - interface: chan\n"
	"    meets: host-maximum\n"
	"    at: [{since: '1', versions: ['1.0']}, {since: '2', versions: ['2.0']}, {since: '3', versions: "
	"['3.0']}]\n"
	"    source: invented\n"
	"  - {interface: edisk, modes: [old], grade: degraded, source: invented}\n"
	"  - {interface: pdisk, help: {config: [PDISK=m]}, source: invented}\n"
	"  - {interface: pdisp, source: invented}\n";

static const char world_beta[] =
	"hypervisor: beta\nname: Beta\nabout: invented\nsource: invented\n"
	"versions: [{id: '4.1', source: invented}, {id: '4.2', source: invented}, {id: '5.0', source: "
	"invented}]\n"
	"modes:\n"
	"  - {id: direct, about: from outside, loader: stage, arch: [x86_64],"
	" needs: {loader: required, disk: required}}\n"
	"  - {id: inner, about: from inside, loader: inside, needs: {disk: required}}\n"
	"offers:\n"
	"  - {interface: pack-gzip, modes: [direct], source: invented}\n"
	"  - {interface: pack-xz, modes: [direct], since: '4.2', source: invented}\n"
	"  - {interface: pack-zstd, modes: [direct], since: '5.0', source: invented}\n"
	"  - {interface: bdisk, source: invented}\n"
	"  - {interface: sdisk, arch: [x86_64], grade: degraded, source: invented}\n";

static const char world_oldlibc[] = "userspace: oldlibc\nname: Old libc\nabout: invented\nsource: invented\n"
				    "offers: [{interface: oldcall, source: invented}]\n";

struct world {
	struct invented inv;
	struct knowledge *k;
	struct policy *policy;
	struct facts *facts[2];
	struct record_list records[2]; /* of boots, parallel to the kernels */
	struct support *supports[2];
	struct decision *d;
};

static inline void world_begin(struct world *w)
{
	*w = (struct world){ 0 };
	invent_begin(&w->inv);
	invent_file(&w->inv, "a/interfaces/chan.yaml", world_chan);
	invent_file(&w->inv, "a/interfaces/pdisk.yaml",
		    WORLD_DRIVER("pdisk", "disk", "paravirtual", "PDISK"));
	invent_file(&w->inv, "a/interfaces/edisk.yaml", WORLD_DRIVER("edisk", "disk", "emulated", "EDISK"));
	invent_file(&w->inv, "a/interfaces/bdisk.yaml",
		    WORLD_DRIVER("bdisk", "disk", "paravirtual", "BDISK"));
	invent_file(&w->inv, "a/interfaces/sdisk.yaml", world_sdisk);
	invent_file(&w->inv, "a/interfaces/pdisp.yaml",
		    WORLD_DRIVER("pdisp", "display", "paravirtual", "PDISP"));
	invent_file(&w->inv, "a/interfaces/pack-gzip.yaml", WORLD_CODEC("gzip"));
	invent_file(&w->inv, "a/interfaces/pack-xz.yaml", WORLD_CODEC("xz"));
	invent_file(&w->inv, "a/interfaces/pack-zstd.yaml", WORLD_CODEC("zstd"));
	invent_file(&w->inv, "a/interfaces/oldcall.yaml", world_oldcall);
	invent_file(&w->inv, "a/hypervisors/alpha.yaml", world_alpha);
	invent_file(&w->inv, "a/hypervisors/beta.yaml", world_beta);
	invent_file(&w->inv, "a/userspace/oldlibc.yaml", world_oldlibc);
	if (invent_load(&w->inv, &w->k) < 0)
		fail_msg("%s", w->inv.lines.text);
}

/* Facts of a kernel that runs everywhere: chan 3.0, 2.0, 1.0, all drivers but sdisk, xz. */
static inline struct facts *world_facts(const struct world *w, const char *arch)
{
	static const char *const drivers[] = { "chan_drv", "pdisk", "edisk", "bdisk", "pdisp" };
	struct facts *f = invent_facts(w->k, arch);

	f->release = xstrdup("6.1.0-9-generic");
	f->flavour = xstrdup("generic");
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		invent_fact(w->k, f, WANT_DRIVER, drivers[i], NULL)->state = FACT_PRESENT;
	invent_versions(invent_fact(w->k, f, WANT_TABLE, "chan_versions", "chan_drv"), "3.0 2.0 1.0");
	invent_fact(w->k, f, WANT_PAYLOAD, "xz", NULL)->state = FACT_PRESENT;
	invent_fact(w->k, f, WANT_CONFIG, "OLDCALL", NULL)->state = FACT_PRESENT;
	return f;
}

/* world->facts[0] is the old kernel, [1] the new one; both begin as good ones. */
static inline void world_kernels(struct world *w, const char *arch)
{
	for (unsigned i = 0; i < 2; i++) {
		facts_free(w->facts[i]);
		w->facts[i] = world_facts(w, arch);
	}
}

static inline void world_chan_speaks(struct world *w, unsigned kernel, const char *versions)
{
	invent_versions(invent_fact(w->k, w->facts[kernel], WANT_TABLE, "chan_versions", "chan_drv"),
			versions);
}

static inline void world_driver(struct world *w, unsigned kernel, const char *name, enum fact_state state)
{
	invent_fact(w->k, w->facts[kernel], WANT_DRIVER, name, NULL)->state = state;
}

static inline void world_packed(struct world *w, unsigned kernel, const char *codec)
{
	static const char *const codecs[] = { "gzip", "xz", "zstd" };

	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++)
		invent_fact(w->k, w->facts[kernel], WANT_PAYLOAD, codecs[i], NULL)->state =
			streq(codecs[i], codec) ? FACT_PRESENT : FACT_ABSENT;
}

static void world_hear(void *ctx, const char *line)
{
	struct invented *inv = ctx;

	buf_addf(&inv->lines, "%s\n", startswith(line, inv->dir) ? line + strlen(inv->dir) + 1 : line);
	inv->n_lines++;
}

/* policy_load() of P/NAME.yaml and Q/NAME.yaml. */
static inline int world_load(struct world *w, const char *name)
{
	_cleanup_(freep) char *p = xasprintf("%s/p", w->inv.dir), *q = xasprintf("%s/q", w->inv.dir);
	const char *dirs[] = { p, q, NULL };

	w->policy = policy_free(w->policy);
	buf_done(&w->inv.lines);
	w->inv.n_lines = 0;
	error_clear(&w->inv.err);
	return policy_load(w->k, dirs, name, world_hear, &w->inv, &w->policy, &w->inv.err);
}

/* Loads "policy: p, version: 1" and `rest`, which must be good. */
static inline void world_policy(struct world *w, const char *rest)
{
	_cleanup_(freep) char *text = xasprintf("policy: p\nversion: 1\n%s", rest);

	invent_file(&w->inv, "p/p.yaml", text);
	if (world_load(w, "p") < 0)
		fail_msg("%s", w->inv.err.text);
}

static inline void world_forget(struct world *w)
{
	w->d = decision_free(w->d);
	for (unsigned i = 0; i < 2; i++)
		w->supports[i] = support_free(w->supports[i]);
}

/* A boot of that kernel is on record, through one interface, in a place of a hypervisor. */
static inline void world_boot(struct world *w, unsigned kernel, const char *host, const char *version, const char *mode,
			      const char *through, enum holds holds)
{
	struct record_list *list = &w->records[kernel];
	struct record *r = xcalloc(1, sizeof(*r));

	r->family = xstrdup("lab");
	r->recipe = xasprintf("%s-%s-%s", host, version, mode);
	r->program = xstrdup("start");
	r->when = xstrdup("2026-11-23T12:00:00Z");
	r->outcome = holds == HOLDS_YES ? OUTCOME_BOOTED : holds == HOLDS_NO ? OUTCOME_PANICKED : OUTCOME_SILENT;
	r->why = holds == HOLDS_YES ? NULL : xstrdup("it went wrong");
	r->claims = xcalloc(1, sizeof(*r->claims));
	r->n_claims = 1;
	r->claims[0] = (struct record_claim){
		.host = xstrdup(host), .version = xstrdup(version), .mode = xstrdup(mode), .holds = holds
	};
	if (through)
		strings_add(&r->claims[0].through, xstrdup(through));
	ARRAY_GROW(list->records, list->count);
	list->records[list->count++] = r;
}

enum with { WITH_OLD = 1, WITH_POLICY = 2 };

static inline void world_decide(struct world *w, enum with with, const char *today)
{
	world_forget(w);
	for (unsigned i = 0; i < 2; i++) {
		w->supports[i] = support_judge(w->k, w->facts[i]);
		records_attest(&w->records[i], w->supports[i]);
	}
	w->d = decide(with & WITH_OLD ? w->supports[0] : NULL, w->supports[1],
		      with & WITH_POLICY ? w->policy : NULL, today);
}

static inline void world_end(struct world *w)
{
	world_forget(w);
	for (unsigned i = 0; i < 2; i++) {
		facts_free(w->facts[i]);
		record_list_done(&w->records[i]);
	}
	policy_free(w->policy);
	knowledge_free(w->k);
	invent_end(&w->inv);
}

static inline const struct finding *world_finding(const struct world *w, const char *id)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < w->d->n_findings; i++) {
		if (!streq(w->d->findings[i].id, id))
			continue;
		assert_null(found); /* ids are unique */
		found = &w->d->findings[i];
	}
	return found;
}

/* All findings, a line each: "BLOCKING KIND STATE ID". */
static inline char *world_findings(const struct world *w)
{
	static const char *const kinds[] = { "dropped", "narrowed",	 "gained",
					     "unknown", "contradiction", "waiver" };
	static const char *const states[] = { "new", "existing", "fixed", "waived" };
	struct buf b = { 0 };

	buf_addf(&b, "%s", "");
	for (size_t i = 0; i < w->d->n_findings; i++) {
		const struct finding *f = &w->d->findings[i];

		buf_addf(&b, "%s %s %s %s\n", f->blocking ? "!" : "-", kinds[f->kind], states[f->state],
			 f->id);
	}
	return b.text;
}

#define assert_findings(w, text)                                                                             \
	do {                                                                                                 \
		_cleanup_(freep) char *_found = world_findings(w);                                           \
		assert_string_equal(_found, text);                                                           \
	} while (0)

/* Two kernels of the invented world, which speak all there is; the tests take from the second. */
static inline int world_setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	world_begin(w);
	world_kernels(w, "x86_64");
	*state = w;
	return 0;
}

static inline int world_teardown(void **state)
{
	world_end(*state);
	free(*state);
	return 0;
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

#endif
