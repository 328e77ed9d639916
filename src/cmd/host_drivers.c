/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that this machine needs and no interface of the knowledge serves. What their drivers are called the running
 * kernel says, and so it does whether it has one by that name; that a new kernel has it no more is evidence enough.
 */
#include "cmd/host_gate.h"
#include "policy/ids.h"

static int read_drivers(struct kernel *k, const struct strings *names, struct facts **ret, struct error *err)
{
	struct want *wants = xcalloc(names->n, sizeof(*wants));
	struct driver *drivers = xcalloc(names->n, sizeof(*drivers));
	const struct want_list list = { .wants = wants, .count = names->n, .drivers = drivers, .n_drivers = names->n };
	int r;

	for (size_t i = 0; i < names->n; i++) {
		wants[i] = (struct want){ .kind = WANT_DRIVER, .name = names->items[i] };
		drivers[i] = (struct driver){ .name = names->items[i] };
	}
	r = kernel_read(k, &list, DEPTH_NORMAL, ret, err);
	free(wants);
	free(drivers);
	return r;
}

static bool has(const struct fact *f)
{
	return f->state == FACT_PRESENT && f->placement != PLACEMENT_NOT_REQUIRED;
}

static bool lacks(const struct fact *f)
{
	return f->state == FACT_ABSENT || (f->state == FACT_PRESENT && f->placement == PLACEMENT_NOT_REQUIRED);
}

static void add_finding(struct ruling *r, const struct host_gate *g, const char *driver, bool lost)
{
	const char *release = kernel_release(g->old);

	ARRAY_GROW(r->findings, r->n_findings);
	r->findings[r->n_findings++] = (struct ruling_finding){
		.id = id_make(ID_DRIVER, driver),
		.lost = xasprintf("driver:%s", driver),
		.message = xasprintf("a device that this machine needs hangs on the driver %s, which the kernel %s has; the new one %s",
				     driver, release ? release : "that is installed", lost ? "has not" : "is not known to have"),
		.expected = xstrdup(driver),
		.found = xstrdup(lost ? "no such driver" : "not known"),
		.blocking = true,
	};
	if (lost)
		r->result = RULING_BLOCKED;
	else if (r->result == RULING_ALLOWED)
		r->result = RULING_UNDECIDED;
}

int gate_judge_drivers(const struct host_gate *g, struct kernel *new, struct ruling **ret, struct error *err)
{
	_cleanup_(facts_freep) struct facts *old_facts = NULL, *new_facts = NULL;
	struct ruling *r;
	int code;

	*ret = NULL;
	/* With nothing to compare with, a name that is missing may be one that it never had. */
	if (g->guard.drivers.n == 0 || !g->old)
		return 0;
	code = read_drivers(g->old, &g->guard.drivers, &old_facts, err);
	if (code == 0)
		code = read_drivers(new, &g->guard.drivers, &new_facts, err);
	if (code < 0)
		return code;
	r = xcalloc(1, sizeof(*r));
	r->release = new_facts->release ? xstrdup(new_facts->release) : NULL;
	r->policy = xstrdup("this-machine");
	for (size_t i = 0; i < g->guard.drivers.n; i++)
		if (has(&old_facts->facts[i]) && !has(&new_facts->facts[i]))
			add_finding(r, g, g->guard.drivers.items[i], lacks(&new_facts->facts[i]));
	*ret = r;
	return 0;
}
