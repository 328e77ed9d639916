/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/mutate.h"
#include "compat/judge.h"
#include "policy/decision.h"

/* An interface with the hosts that offer it, and what the intact kernel is said to be there. */
struct bout {
	const struct mutation_job *job;
	const struct iface *iface;
	struct knowledge k; /* of these hosts alone: the others do not depend on it */
	struct support *old;
	struct policy policy; /* requires what is met, once through the interface and once by any way */
	size_t *rows;	      /* verdict of each requirement; they come in pairs */
	struct mutation_count *count;
};

/* One mutation under way. */
struct mutation {
	const struct bout *b;
	enum mutation_kind kind;
	unsigned class;
	const char *what; /* borrowed */
	struct edit edit;
	struct mutation_cell *cell;
	bool may_stand;	   /* only some of the evidence is damaged: other evidence may hold */
	bool told;	   /* some answer changed */
	const struct offer *only; /* what is mutated concerns this offer alone; NULL: all of the interface */
	const struct demand *demand; /* …, or those hosts alone that do not provide it */
	const struct want *versions; /* SHORTENED: paths whose versions still meet are not concerned */
};

const char *mutation_name(enum mutation_kind kind)
{
	static const char *const names[] = { "removed", "unknown", "unread",	   "shortened", "zeroed",
					     "renamed", "moved",   "contradicted", "turned" };

	return names[kind];
}

const char *mutation_class_name(unsigned class)
{
	static const char *const names[] = { "config", "config-exists", "driver", "alias",   "note",
					     "symbol", "string",	"table",  "u32",     "modinfo",
					     "payload", "vdso",		"module", "interface", "refusal",
					     "demand", "counter" };

	return names[class];
}

static bool met(const struct path *p)
{
	return p->status >= STATUS_DEGRADED;
}

static void say(struct mutation *m, const struct verdict *v, const char *verb, const char *what)
{
	_cleanup_(freep) char *label = verdict_label(v->host, v->version, v->mode), *text = NULL;

	text = xasprintf("%s: %s: %s, with %s of %s %s", verb, label, what, m->what, m->b->iface->name,
			 mutation_name(m->kind));
	if (m->b->job->say)
		m->b->job->say(m->b->job->ctx, text);
}

static void fail(struct mutation *m, const struct verdict *v, const char *what)
{
	m->cell->failures++;
	say(m, v, "FALSE", what);
}

/* --- what may stand, what may open ------------------------------------------------------------------------------ */

static bool names_unknown(const struct path *p, const struct facts *f)
{
	for (size_t i = 0; i < p->n_evidence; i++)
		if (f->facts[p->evidence[i]].state != FACT_PRESENT && f->facts[p->evidence[i]].state != FACT_ABSENT)
			return true;
	return false;
}

/* What is taken away may not turn into evidence for what it spoke for: "the option is gone, so it is always built". */
static bool names_touched(const struct path *p, const struct edit *e)
{
	for (size_t i = 0; i < p->n_evidence; i++)
		if (e->touched[p->evidence[i]] && e->facts->facts[p->evidence[i]].state == FACT_ABSENT)
			return true;
	return false;
}

/* Takes away what the paths through the interface name as their evidence. Returns how many facts that were. */
static size_t peel(struct mutation *m, const struct support *s)
{
	enum fact_state state = m->kind == MUTATE_UNREAD ? FACT_UNREAD : FACT_UNKNOWN;
	size_t taken = 0;

	for (size_t v = 0; v < s->n_verdicts; v++)
		for (size_t n = 0; n < s->verdicts[v].n_paths; n++) {
			const struct path *p = &s->verdicts[v].paths[n];

			for (size_t i = 0; p->spoken->iface == m->b->iface && met(p) && i < p->n_evidence; i++) {
				taken += m->edit.facts->facts[p->evidence[i]].state != state;
				edit_fact(&m->edit, p->evidence[i], state);
			}
		}
	return taken;
}

/* The first verdict that is still met through the interface; NULL: none. */
static const struct verdict *still_met(const struct mutation *m, const struct support *s)
{
	for (size_t v = 0; v < s->n_verdicts; v++)
		for (size_t n = 0; n < s->verdicts[v].n_paths; n++)
			if (s->verdicts[v].paths[n].spoken->iface == m->b->iface && met(&s->verdicts[v].paths[n]))
				return &s->verdicts[v];
	return NULL;
}

static void must_fall_in_the_end(struct mutation *m, const struct support *s)
{
	_cleanup_(support_freep) struct support *now = NULL;
	const struct verdict *v = still_met(m, s);

	while (v) {
		if (peel(m, now ? now : s) == 0) {
			fail(m, v, "stands although all its evidence is taken away");
			return;
		}
		support_freep(&now);
		now = support_judge(&m->b->k, m->edit.facts);
		v = still_met(m, now);
	}
}

/* Whether another interface than the mutated one meets the need of its class. */
static bool other_way(const struct verdict *v, const struct iface *i)
{
	for (size_t n = 0; n < v->n_paths; n++)
		if (v->paths[n].spoken->iface->class_ == i->class_ && v->paths[n].spoken->iface != i &&
		    met(&v->paths[n]))
			return true;
	return false;
}

static void check_opened(struct mutation *m, const struct verdict *old, const struct verdict *new)
{
	bool known = m->kind != MUTATE_UNKNOWN && m->kind != MUTATE_UNREAD && m->kind != MUTATE_RENAMED;

	for (size_t n = 0; n < old->n_paths; n++) {
		const struct path *p = &new->paths[n];

		if (met(&old->paths[n]) || !met(p))
			continue;
		if (!known || p->status > STATUS_DEGRADED || names_unknown(p, m->edit.facts) ||
		    (p->spoken->iface == m->b->iface && m->class != MUTATED_COUNTER)) {
			fail(m, new, "a way opened that must not");
		} else {
			m->cell->opened++;
			if (m->b->job->all)
				say(m, new, "opened", p->spoken->iface->name);
		}
	}
}

/* --- the paths --------------------------------------------------------------------------------------------------- */

static bool provides(const struct verdict *v, const char *feature)
{
	const struct mode *mode = &v->host->modes[v->mode];

	for (unsigned i = 0; i < v->host->provides_count; i++) {
		const struct provide *p = &v->host->provides[i];
		bool listed = p->modes_count == 0;

		for (unsigned n = 0; n < p->modes_count; n++)
			listed |= streq(p->modes[n], mode->id);
		if (listed && streq(p->feature, feature) && v->version >= p->first && v->version <= p->last)
			return true;
	}
	return false;
}

static bool demand_speaks_there(const struct demand *d, const struct verdict *v)
{
	bool listed = d->modes_count == 0;

	for (unsigned n = 0; n < d->modes_count; n++)
		listed |= streq(d->modes[n], v->host->modes[v->mode].id);
	return listed && !provides(v, d->feature);
}

static bool has(const version_t *list, size_t n, version_t v)
{
	while (n > 0)
		if (list[--n] == v)
			return true;
	return false;
}

/* docs/knowledge.md, "Meeting", said once more: whether versions that are left do for this host. */
static bool versions_do(const struct offer *o, unsigned host_version, const version_t *left, size_t n)
{
	const struct at *at = NULL;
	size_t in = 0, below = 0, asked = 0;

	for (unsigned i = 0; i < o->at_count; i++)
		if (o->at[i].first <= host_version)
			at = &o->at[i];
	if (o->meets == MEETS_PRESENCE || !at)
		return true;
	for (size_t i = 0; i < n; i++) {
		bool low = false;

		for (unsigned j = 0; j < at->versions_count; j++)
			low |= left[i] <= at->given[j];
		below += low;
		in += has(at->given, at->versions_count, left[i]);
	}
	for (unsigned j = 0; j < at->versions_count; j++)
		asked += has(left, n, at->given[j]);
	switch (o->meets) {
	case MEETS_HOST_MAXIMUM:
		return below > 0;
	case MEETS_OVERLAP:
		return in > 0;
	case MEETS_EQUAL:
		return in == n && asked == at->versions_count;
	default:
		return asked == at->versions_count;
	}
}

/* Whether the mutation leaves this path nothing to stand on. */
static bool must_fall(const struct mutation *m, const struct verdict *v, const struct path *p)
{
	if (m->only)
		return p->offer == m->only;
	if (m->demand)
		return demand_speaks_there(m->demand, v);
	if (m->versions) {
		const struct fact *f = &m->edit.facts->facts[m->versions - m->b->k.wants.wants];

		return !versions_do(p->offer, v->version, f->versions, f->n_versions);
	}
	return !m->may_stand;
}

/* What is refused with a way out is degraded by it. */
static bool stays_within(const struct mutation *m, const struct path *p)
{
	return m->kind == MUTATE_TURNED && m->class == MUTATED_REFUSAL && p->status == STATUS_DEGRADED;
}

static void check_path(struct mutation *m, const struct verdict *new, const struct path *p)
{
	if (!met(p)) {
		m->cell->fell++;
		m->told = true;
		return;
	}
	if (must_fall(m, new, p) && !stays_within(m, p)) {
		fail(m, new, "met");
		return;
	}
	if (names_unknown(p, m->edit.facts))
		fail(m, new, "met by what is unknown");
	if (names_touched(p, &m->edit))
		fail(m, new, "met because evidence was taken away");
	m->cell->stood++;
	if (m->b->job->all && m->may_stand)
		say(m, new, "stood", "met by other evidence");
}

/* Whether the interface is spoken and yet of no use there: then a kernel without it may do better. */
static bool in_the_way(const struct mutation *m, const struct verdict *old)
{
	for (size_t n = 0; n < old->n_paths; n++)
		if (old->paths[n].spoken->iface == m->b->iface)
			return old->paths[n].spoken->present == TRUTH_YES && !met(&old->paths[n]);
	return false;
}

static void check_verdict(struct mutation *m, const struct verdict *old, const struct verdict *new)
{
	bool required = old->host->modes[old->mode].needs[m->b->iface->class_] == NEED_REQUIRED, lost = false,
	     kept = false;

	for (size_t n = 0; n < old->n_paths; n++) {
		if (old->paths[n].spoken->iface != m->b->iface || !met(&old->paths[n]))
			continue;
		check_path(m, new, &new->paths[n]);
		m->told |= new->paths[n].status != old->paths[n].status;
		lost |= !met(&new->paths[n]);
		kept |= met(&new->paths[n]);
	}
	if (required && lost && !kept && !other_way(new, m->b->iface) && new->status >= STATUS_DEGRADED)
		fail(m, new, status_name(new->status));
	if (new->status > old->status && new->status >= STATUS_DEGRADED && m->class != MUTATED_COUNTER &&
	    (new->status > STATUS_DEGRADED || !in_the_way(m, old)))
		fail(m, new, "better than before");
	check_opened(m, old, new);
}

/* --- the gate ---------------------------------------------------------------------------------------------------- */

static const struct path *best_path(const struct verdict *v, const struct iface *i)
{
	const struct path *best = NULL;

	for (size_t n = 0; n < v->n_paths; n++)
		if (v->paths[n].spoken->iface == i && (!best || v->paths[n].status > best->status))
			best = &v->paths[n];
	return best;
}

/* Whether a contradiction was told, of which the intact kernel knew nothing, that is about the interface. */
static bool in_doubt(const struct mutation *m, const struct decision *d)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].kind == FINDING_CONTRADICTION && d->findings[i].state == STATE_NEW &&
		    (!d->findings[i].through || d->findings[i].through == m->b->iface))
			return true;
	return false;
}

static void check_gate(struct mutation *m, const struct support *new)
{
	_cleanup_(decision_freep) struct decision *d = decide(m->b->old, new, &m->b->policy, "2026-01-01");
	bool allowed = d->result == DECISION_ALLOWED, doubt = in_doubt(m, d);

	m->cell->gates++;
	for (size_t i = 0; i < d->n_requirements; i++) {
		const struct verdict *v = &new->verdicts[m->b->rows[i]];
		const struct path *p = best_path(v, m->b->iface);
		bool holds = i % 2 ? v->status >= STATUS_DEGRADED : met(p);

		if (!holds && (allowed || d->requirements[i].result != REQUIREMENT_UNMET) &&
		    d->requirements[i].result != REQUIREMENT_UNKNOWN)
			fail(m, v, "the gate takes the requirement for met");
		if (!holds && allowed)
			fail(m, v, "the gate allows it");
		if (i % 2 || !holds)
			continue;
		if (doubt && allowed)
			fail(m, v, "the gate allows what contradicts itself");
		if (m->kind == MUTATE_CONTRADICTED && !doubt && must_fall(m, v, p))
			fail(m, v, "no contradiction was told");
		m->cell->doubted += doubt;
		if (allowed && m->b->job->all && m->may_stand)
			say(m, v, "allowed", "without a contradiction");
	}
}

/* One requirement of the row as such (odd), and one through the interface (even). */
static void require_row(struct bout *b, size_t row, bool through)
{
	const struct verdict *v = &b->old->verdicts[row];
	struct selection s = {
		.host = v->host,
		.versions = xcalloc(v->host->versions_count, sizeof(bool)),
		.modes = xcalloc(v->host->modes_count, sizeof(bool)),
	};
	size_t n = b->policy.requires_count;

	s.versions[v->version] = s.modes[v->mode] = true;
	ARRAY_GROW(b->policy.requires, n);
	ARRAY_GROW(b->rows, n);
	b->rows[n] = row;
	b->policy.requires[n] = (struct requirement){
		.hypervisor = v->host->name,
		.through = (char **)&b->iface->name,
		.through_count = through,
		.grade = GRADE_DEGRADED,
		.selection = s,
	};
	b->policy.requires_count++;
}

/* --- one mutation ------------------------------------------------------------------------------------------------ */

static void finish(struct mutation *m)
{
	const struct bout *b = m->b;
	_cleanup_(support_freep) struct support *new = NULL;

	if (m->edit.changed > 0) {
		m->cell->mutations++;
		new = support_judge(&b->k, m->edit.facts);
		for (size_t i = 0; i < b->old->n_verdicts; i++)
			check_verdict(m, &b->old->verdicts[i], &new->verdicts[i]);
		check_gate(m, new);
		if (m->may_stand && m->kind != MUTATE_CONTRADICTED)
			must_fall_in_the_end(m, new);
	}
	facts_free(m->edit.facts);
	free(m->edit.touched);
}

static struct mutation begin(const struct bout *b, enum mutation_kind kind, unsigned class, const char *what)
{
	return (struct mutation){
		.b = b,
		.kind = kind,
		.class = class,
		.what = what,
		.edit = { .k = b->job->k,
			  .facts = facts_copy(b->job->facts),
			  .touched = xcalloc(b->job->facts->count, sizeof(bool)) },
		.cell = &b->count->cells[kind][class],
		.may_stand = class < MUTATED_INTERFACE || class == MUTATED_COUNTER,
	};
}

static void mutate_interface(const struct bout *b)
{
	static const enum mutation_kind kinds[] = { MUTATE_REMOVED, MUTATE_UNKNOWN, MUTATE_UNREAD };
	struct mutation m;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		m = begin(b, kinds[i], MUTATED_INTERFACE, "all evidence");
		for (unsigned n = 0; n < b->iface->speaks_count; n++)
			edit_rule(&m.edit, &b->iface->speaks[n], false, kinds[i]);
		finish(&m);
	}
	m = begin(b, MUTATE_CONTRADICTED, MUTATED_INTERFACE, "the config");
	m.may_stand = true;
	edit_contradict(&m.edit, b->iface);
	finish(&m);
}

static void shorten(const struct bout *b, const struct want *w)
{
	size_t want = (size_t)(w - b->k.wants.wants), n = b->job->facts->facts[want].n_versions;

	for (size_t i = 0; i < 2 * n; i++) {
		struct mutation m = begin(b, MUTATE_SHORTENED, w->kind, w->name);

		if (i < n)
			edit_versions(&m.edit, want, 0, i);
		else
			edit_versions(&m.edit, want, i - n + 1, n - (i - n + 1));
		m.versions = w;
		finish(&m);
	}
}

static void mutate_leaf(const struct bout *b, const struct rule *r, bool negated)
{
	static const enum mutation_kind kinds[] = { MUTATE_REMOVED, MUTATE_UNKNOWN, MUTATE_UNREAD, MUTATE_ZEROED };
	const struct want *w = &b->k.wants.wants[r->want];
	bool told = false, tried = false;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct mutation m = begin(b, kinds[i], w->kind, w->name);

		edit_leaf(&m.edit, r->want, negated, kinds[i]);
		tried |= m.edit.changed > 0;
		finish(&m);
		told |= m.told;
	}
	if (!negated)
		shorten(b, w);
	b->count->untouched += tried && !told;
	if (tried && !told && b->job->all && b->job->say) {
		_cleanup_(freep) char *text = xasprintf("decides nothing: %s: %s %s", b->iface->name,
							mutation_class_name(w->kind), w->name);

		b->job->say(b->job->ctx, text);
	}
}

static void mutate_leaves(const struct bout *b, const struct rule *r, bool negated)
{
	struct branches branches = rule_branches(r);

	if (!branches.key)
		mutate_leaf(b, r, negated);
	for (unsigned i = 0; i < branches.count; i++)
		mutate_leaves(b, &branches.rules[i], negated ^ (r->none_count > 0));
}

/* The drivers that the rules name, each once. */
static void collect_drivers(const struct bout *b, const struct rule *r, struct strings *into)
{
	struct branches branches = rule_branches(r);
	const struct want *w = branches.key ? NULL : &b->k.wants.wants[r->want];
	const char *driver = !w ? NULL : w->kind == WANT_DRIVER ? w->name : w->of;

	if (driver && !strings_have(into, driver))
		strings_add(into, xstrdup(driver));
	for (unsigned i = 0; i < branches.count; i++)
		collect_drivers(b, &branches.rules[i], into);
}

static void mutate_drivers(const struct bout *b)
{
	static const enum mutation_kind kinds[] = { MUTATE_REMOVED, MUTATE_RENAMED, MUTATE_MOVED };
	_cleanup_(strings_done) struct strings drivers = { 0 };

	for (unsigned n = 0; n < b->iface->speaks_count; n++)
		collect_drivers(b, &b->iface->speaks[n], &drivers);
	for (size_t i = 0; i < drivers.n * ARRAY_SIZE(kinds); i++) {
		const char *driver = drivers.items[i / ARRAY_SIZE(kinds)];
		enum mutation_kind kind = kinds[i % ARRAY_SIZE(kinds)];
		struct mutation m = begin(b, kind, MUTATED_DRIVER, driver);

		edit_driver(&m.edit, driver, kind);
		finish(&m);
	}
}

/* A refusal or a demand: undecided, or true, it leaves nothing standing that it concerns. */
static void mutate_against(const struct bout *b, const struct rule *when, unsigned class, const struct offer *only,
			   const struct demand *demand)
{
	static const enum mutation_kind kinds[] = { MUTATE_UNKNOWN, MUTATE_UNREAD, MUTATE_TURNED };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct mutation m = begin(b, kinds[i], class, class == MUTATED_DEMAND ? "a demand" : "a refusal");
		struct bench bench = { .k = b->job->k, .facts = m.edit.facts };

		edit_whole_rule(&m.edit, when, false, kinds[i]);
		m.only = only;
		m.demand = demand;
		/* Facts that both sides name may make it true whatever it was; then there is nothing to try. */
		if (rule_truth(&bench, when) == TRUTH_NO)
			m.edit.changed = 0;
		finish(&m);
	}
}

static void mutate_refusals(const struct bout *b)
{
	const struct iface *i = b->iface;

	for (unsigned n = 0; n < i->refused_by_count; n++)
		mutate_against(b, i->refused_by[n].when, MUTATED_REFUSAL, NULL, NULL);
	for (unsigned n = 0; n < i->demands_count; n++)
		mutate_against(b, i->demands[n].when, MUTATED_DEMAND, NULL, &i->demands[n]);
	for (size_t h = 0; h < b->k.n_hosts; h++)
		for (unsigned o = 0; o < b->k.hosts[h]->offers_count; o++) {
			const struct offer *offer = &b->k.hosts[h]->offers[o];

			for (unsigned n = 0; offer->iface == i && n < offer->refused_by_count; n++)
				mutate_against(b, offer->refused_by[n].when, MUTATED_REFUSAL, offer, NULL);
		}
}

/* An option, symbol or string below a `none`, which is why a rule says no. */
static void mutate_counters(const struct bout *b, const struct rule *r, bool negated)
{
	struct branches branches = rule_branches(r);

	if (!branches.key && negated && b->job->facts->facts[r->want].state == FACT_PRESENT) {
		const struct want *w = &b->k.wants.wants[r->want];
		struct mutation m = begin(b, MUTATE_REMOVED, MUTATED_COUNTER, w->name);

		edit_leaf(&m.edit, r->want, false, MUTATE_REMOVED);
		finish(&m);
	}
	for (unsigned i = 0; i < branches.count; i++)
		mutate_counters(b, &branches.rules[i], negated ^ (r->none_count > 0));
}

/* --- all of them ------------------------------------------------------------------------------------------------- */

static void keep_hosts(struct bout *b)
{
	const struct knowledge *k = b->job->k;

	b->k = *k;
	b->k.hosts = xcalloc(k->n_hosts, sizeof(*b->k.hosts));
	b->k.n_hosts = 0;
	for (size_t h = 0; h < k->n_hosts; h++) {
		bool offers = false;

		for (unsigned o = 0; o < k->hosts[h]->offers_count; o++)
			offers |= k->hosts[h]->offers[o].iface == b->iface;
		if (offers)
			b->k.hosts[b->k.n_hosts++] = k->hosts[h];
	}
}

static void bout_done(struct bout *b)
{
	for (unsigned i = 0; i < b->policy.requires_count; i++)
		selection_done(&b->policy.requires[i].selection);
	free(b->policy.requires);
	free(b->rows);
	support_free(b->old);
	free(b->k.hosts);
}

static void mutate_one(const struct mutation_job *job, const struct iface *i, struct mutation_count *count)
{
	struct bout b = { .job = job, .iface = i, .count = count };

	keep_hosts(&b);
	b.old = support_judge(&b.k, job->facts);
	b.policy = (struct policy){ .name = "all that is met", .version = 1 };
	for (size_t n = 0; n < b.old->n_verdicts; n++) {
		const struct path *p = best_path(&b.old->verdicts[n], i);

		if (!p || !met(p) || b.old->verdicts[n].status < STATUS_DEGRADED)
			continue;
		require_row(&b, n, true);
		require_row(&b, n, false);
	}
	if (b.policy.requires_count > 0) {
		mutate_interface(&b);
		mutate_drivers(&b);
		for (unsigned n = 0; n < i->speaks_count; n++)
			mutate_leaves(&b, &i->speaks[n], false);
		mutate_refusals(&b);
	}
	for (unsigned n = 0; n < i->speaks_count; n++)
		mutate_counters(&b, &i->speaks[n], false);
	bout_done(&b);
}

static void add_cell(struct mutation_cell *sum, const struct mutation_cell *c)
{
	sum->mutations += c->mutations;
	sum->fell += c->fell;
	sum->stood += c->stood;
	sum->opened += c->opened;
	sum->doubted += c->doubted;
	sum->gates += c->gates;
	sum->failures += c->failures;
}

struct mutation_count mutate_all(const struct mutation_job *job)
{
	struct mutation_count count = { 0 };

	for (size_t i = 0; i < job->k->n_ifaces; i++)
		mutate_one(job, job->k->ifaces[i], &count);
	for (unsigned kind = 0; kind < MUTATION_KINDS; kind++)
		for (unsigned class = 0; class < MUTATION_CLASSES; class++)
			add_cell(&count.sum, &count.cells[kind][class]);
	return count;
}
