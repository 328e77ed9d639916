/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/pipeline.h"
#include "report/parts.h"
#include "report/reason.h"
#include "report/wording.h"

bool report_compares(const struct report *r)
{
	return streq(r->command, "diff") || streq(r->command, "gate");
}

const struct decision *report_decision(const struct report *r, size_t kernel)
{
	if (report_compares(r))
		return kernel == 1 && r->n_decisions > 0 ? r->decisions[0] : NULL;
	return kernel < r->n_decisions ? r->decisions[kernel] : NULL;
}

char *evidence_where(const struct evidence *e)
{
	const char *place = e->place && !streq_null(e->place, e->kind) ? e->place : NULL;

	return xasprintf("%s%s%s%s%s", e->kind ? e->kind : "", e->member ? " in " : "",
			 e->member ? e->member : "", place ? ", " : "", place ? place : "");
}

char *waiver_text(const struct waiver *w)
{
	return xasprintf("waived by %s until %s: %s", w->by ? w->by : "?", w->until ? w->until : "?",
			 w->reason ? w->reason : "?");
}

static bool is_doubt(const struct finding *f)
{
	return f->kind == FINDING_UNKNOWN || f->kind == FINDING_CONTRADICTION;
}

enum answer finding_answer(const struct decision *d, const struct finding *f)
{
	bool doubt = is_doubt(f) || (d->policy && d->result == DECISION_UNDECIDED);

	if (f->state == STATE_WAIVED)
		return ANSWER_SKIP;
	/* Without a policy as the exit status of diff has it: nothing blocks, and what is new counts. */
	if (d->policy ? f->blocking : f->state == STATE_NEW && (f->kind == FINDING_DROPPED || doubt))
		return doubt ? ANSWER_ERROR : ANSWER_FAIL;
	return f->required && is_doubt(f) ? ANSWER_SKIP : ANSWER_PASS;
}

enum answer status_answer(enum status status)
{
	return status == STATUS_UNSUPPORTED ? ANSWER_FAIL
	       : status == STATUS_UNKNOWN   ? ANSWER_ERROR
					    : ANSWER_PASS;
}

struct asking {
	const struct report *report;
	const struct support *support;
	const struct decision *decision;
	bool *told; /* parallel to the findings: is said by something in the list; owned */
	struct asked *list;
	size_t n;
};

static struct asked *ask(struct asking *a, char *name, enum answer answer)
{
	ARRAY_GROW(a->list, a->n);
	a->list[a->n] = (struct asked){ .name = name, .answer = answer };
	return &a->list[a->n++];
}

/* A failure outweighs an error, as in the exit status: what is known to be wrong, and what is not known. */
static enum answer worse(enum answer a, enum answer b)
{
	static const unsigned weights[] = {
		[ANSWER_PASS] = 0, [ANSWER_SKIP] = 1, [ANSWER_ERROR] = 2, [ANSWER_FAIL] = 3,
	};

	return weights[a] > weights[b] ? a : b;
}

static void asked_add(struct asking *a, struct asked *to, size_t finding)
{
	const struct finding *f = &a->decision->findings[finding];

	ARRAY_GROW(to->findings, to->n_findings);
	to->findings[to->n_findings++] = f;
	to->answer = worse(to->answer, finding_answer(a->decision, f));
	a->told[finding] = true;
}

/* Adds what there is to say of that row, if it says more than "passed". */
static void asked_row(struct asking *a, struct asked *to, const struct verdict *v)
{
	const struct decision *d = a->decision;

	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (f->host == v->host && f->version == v->version && f->mode == v->mode &&
		    finding_answer(a->decision, f) != ANSWER_PASS)
			asked_add(a, to, i);
	}
}

static char *row_name(const struct verdict *v, const struct requirement *q)
{
	_cleanup_(freep) char *label = verdict_label(v->host, v->version, v->mode);
	_cleanup_(freep) char *what = q ? requirement_text(q) : NULL;

	return xasprintf("%s%s%s", label, q ? ", required: " : "", q ? what : "");
}

/* What a requirement as a whole came to, for when none of its rows can tell. */
static enum answer requirement_answer(const struct asking *a, const struct requirement_result *q)
{
	bool allowed = a->decision->result == DECISION_ALLOWED;

	switch (q->result) {
	case REQUIREMENT_MET:
		return ANSWER_PASS;
	case REQUIREMENT_UNMET:
		return ANSWER_FAIL;
	case REQUIREMENT_UNKNOWN:
		return allowed ? ANSWER_SKIP : ANSWER_ERROR;
	default:
		return ANSWER_SKIP;
	}
}

static void ask_requirement(struct asking *a, const struct requirement_result *q)
{
	const struct selection *s = &q->requirement->selection;
	enum answer wanted = requirement_answer(a, q), worst = ANSWER_PASS;
	bool rows = false;

	for (size_t i = 0; q->result != REQUIREMENT_NOT_APPLICABLE && i < a->support->n_verdicts; i++) {
		const struct verdict *v = &a->support->verdicts[i];
		struct asked *row;

		if (v->host != s->host || !s->versions[v->version] || !s->modes[v->mode])
			continue;
		row = ask(a, row_name(v, q->requirement), ANSWER_PASS);
		if (q->result != REQUIREMENT_MET)
			asked_row(a, row, v);
		worst = worse(worst, row->answer);
		rows = true;
	}
	if (!rows || worse(worst, wanted) != worst) {
		struct asked *whole = ask(a, requirement_text(q->requirement), wanted);

		whole->message = xasprintf("the requirement is %s", requirement_word(q));
	}
}

/* Whatever was not told as a row: about the kernel as a whole, or about rows that nobody requires. */
static void ask_rest(struct asking *a)
{
	for (size_t i = 0; i < a->decision->n_findings; i++) {
		const struct finding *f = &a->decision->findings[i];

		if (!a->told[i] && finding_answer(a->decision, f) != ANSWER_PASS && report_tells(a->report, f))
			asked_add(a, ask(a, xstrdup(f->id), ANSWER_PASS), i);
	}
}

/* Whatever else: a kernel that is not allowed must not look as if it were. */
static void ask_result(struct asking *a)
{
	enum answer worst = ANSWER_PASS;
	struct asked *whole;

	for (size_t i = 0; i < a->n; i++)
		worst = worse(worst, a->list[i].answer);
	if (!a->decision->policy || a->decision->result == DECISION_ALLOWED || worst >= ANSWER_FAIL)
		return;
	whole = ask(a, xstrdup("decision"),
		    a->decision->result == DECISION_BLOCKED ? ANSWER_FAIL : ANSWER_ERROR);
	whole->message = xasprintf("the kernel is %s", decision_word(a->decision->result));
}

/* diff asks about every row on which the old kernel ran, or may have. */
static void ask_rows_of_old(struct asking *a)
{
	const struct support *old = a->report->kernels[0].support;

	for (size_t i = 0; i < old->n_verdicts; i++)
		if (old->verdicts[i].status != STATUS_UNSUPPORTED)
			asked_row(a, ask(a, row_name(&old->verdicts[i], NULL), ANSWER_PASS), &old->verdicts[i]);
}

static void ask_verdict(struct asking *a, const struct verdict *v)
{
	struct asked *row = ask(a, row_name(v, NULL), status_answer(v->status));
	char **reasons;
	size_t n = verdict_reasons(v, &reasons);
	struct buf b = { 0 };

	buf_addf(&b, "%s", status_name(v->status));
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i > 0 ? "; " : ": ", reasons[i]);
	reasons_free(reasons, n);
	row->message = b.text;
}

/* What does not exist on the kernel's architecture is a place where it does not run. */
static void ask_selections(struct asking *a)
{
	const struct report *r = a->report;

	for (size_t i = 0; i < r->n_selections; i++) {
		const struct selection *s = &r->selection[i];
		size_t before = a->n;

		for (size_t j = 0; j < a->support->n_verdicts; j++) {
			const struct verdict *v = &a->support->verdicts[j];

			if (v->host == s->host && s->versions[v->version] && s->modes[v->mode])
				ask_verdict(a, v);
		}
		if (a->n == before)
			ask(a, xstrdup(s->host->name), ANSWER_FAIL)->message =
				xstrdup("none of what was asked for exists on this architecture");
	}
}

static void ask_decision(struct asking *a)
{
	a->told = xcalloc(a->decision->n_findings, sizeof(bool));
	if (a->decision->policy)
		for (size_t i = 0; i < a->decision->n_requirements; i++)
			ask_requirement(a, &a->decision->requirements[i]);
	else
		ask_rows_of_old(a);
	ask_rest(a);
	ask_result(a);
	free(a->told);
}

size_t asked_collect(const struct report *r, size_t kernel, struct asked **ret)
{
	struct asking a = {
		.report = r,
		.support = r->kernels[kernel].support,
		.decision = report_decision(r, kernel),
	};

	if (a.decision)
		ask_decision(&a);
	else if (streq(r->command, "query"))
		ask_selections(&a);
	*ret = a.list;
	return a.n;
}

void asked_free(struct asked *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].name);
		free(list[i].findings);
		free(list[i].message);
	}
	free(list);
}
