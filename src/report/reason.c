/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/reason.h"

static enum need need_of(const struct verdict *v, enum iface_class c)
{
	return v->host->modes[v->mode].needs[c];
}

static bool of_class(const struct path *p, enum iface_class c)
{
	return p->offer->iface->class_ == c;
}

/*
 * How near a path came to meeting the need: what is there but does not fit tells more than what is missing.
 */
static int nearness(const struct path *p, enum status wanted)
{
	if (p->status != wanted)
		return 0;
	return p->spoken && p->spoken->present == TRUTH_YES ? 3 : p->reason ? 2 : 1;
}

static const struct path *nearest(const struct verdict *v, enum iface_class c, size_t *ret_paths)
{
	const struct path *best = NULL;

	*ret_paths = 0;
	for (size_t i = 0; i < v->n_paths; i++) {
		const struct path *p = &v->paths[i];

		if (!of_class(p, c))
			continue;
		(*ret_paths)++;
		if (nearness(p, v->needs[c]) > (best ? nearness(best, v->needs[c]) : 0))
			best = p;
	}
	return best;
}

static char *names_of(const struct verdict *v, enum iface_class c)
{
	struct buf b = { 0 };

	buf_add(&b, "", 0);
	for (size_t i = 0; i < v->n_paths; i++)
		if (of_class(&v->paths[i], c))
			buf_addf(&b, "%s%s", b.len ? ", " : "", v->paths[i].offer->iface->name);
	return b.text;
}

static const char *why_of(const struct path *p)
{
	return p->reason ? p->reason : p->spoken && p->spoken->why ? p->spoken->why : NULL;
}

static char *class_reason(const struct verdict *v, enum iface_class c)
{
	_cleanup_(freep) char *names = names_of(v, c);
	const char *class = iface_class_name(c);
	bool optional = need_of(v, c) == NEED_OPTIONAL;
	size_t paths;
	const struct path *p = nearest(v, c, &paths);

	if (!p ||
	    (paths > 1 && v->needs[c] == STATUS_UNSUPPORTED && p->spoken && p->spoken->present != TRUTH_YES))
		return xasprintf("no %s%s%s%s", class, optional ? " (optional)" : "",
				 paths ? ": none of " : "", names);
	if (v->needs[c] == STATUS_DEGRADED && !why_of(p))
		return xasprintf("%s only through %s", class, p->offer->interface);
	return xasprintf("%s%s %s%s%s", optional ? "optional " : "", class, p->offer->interface,
			 why_of(p) ? ": " : "", why_of(p) ? why_of(p) : "");
}

/* Whether the state of the need is a part of why the whole is as it is. */
static bool explains(const struct verdict *v, enum iface_class c)
{
	if (need_of(v, c) == NEED_NONE || v->needs[c] == STATUS_SUPPORTED || v->status == STATUS_SUPPORTED)
		return false;
	return v->status == STATUS_DEGRADED || (need_of(v, c) == NEED_REQUIRED && v->needs[c] == v->status);
}

size_t verdict_reasons(const struct verdict *v, char ***ret)
{
	char **reasons = NULL;
	size_t n = 0;

	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		if (!explains(v, c))
			continue;
		ARRAY_GROW(reasons, n);
		reasons[n++] = class_reason(v, c);
	}
	*ret = reasons;
	return n;
}

/* Without "the kernel " in front, which it is all about, and without the evidence in brackets at the end. */
static char *shortened(const char *reason)
{
	const char *start = startswith(reason, "the kernel ");
	size_t n = strlen(start ? start : reason), i = n;
	unsigned depth = 0;

	start = start ? start : reason;
	while (n > 0 && start[n - 1] == ')' && i > 0) {
		depth += start[i - 1] == ')';
		depth -= start[i - 1] == '(';
		if (depth == 0)
			break;
		i--;
	}
	return i > 2 && i < n && start[i - 2] == ' ' ? xstrndup(start, i - 2) : xstrdup(start);
}

/* The kernel speaks none of the offers of a class. */
static char *say_lacking(const struct verdict *v, enum iface_class c, size_t paths)
{
	_cleanup_(freep) char *names = names_of(v, c);
	const char *optional = need_of(v, c) == NEED_OPTIONAL ? ", optional" : "";

	if (paths == 1)
		return xasprintf("lacks %s (%s%s)", names, iface_class_name(c), optional);
	if (paths == 0)
		return xasprintf("lacks a way in: %s%s", iface_class_name(c), optional);
	return xasprintf("lacks every %s%s: %s", iface_class_name(c), optional, names);
}

static char *class_short(const struct verdict *v, enum iface_class c, const struct path *p, size_t paths)
{
	bool lacking = p && p->spoken && p->spoken->present == TRUTH_NO && !p->spoken->refusal;

	if (!p || lacking)
		return say_lacking(v, c, paths);
	if (why_of(p))
		return shortened(why_of(p));
	return xasprintf("%s only through %s", iface_class_name(c), p->offer->interface);
}

char *verdict_short(const struct verdict *v)
{
	_cleanup_(buf_done) struct buf unread = { 0 };
	struct buf b = { 0 };

	buf_add(&b, "", 0);
	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		_cleanup_(freep) char *phrase = NULL;
		const struct path *p;
		size_t paths;

		if (!explains(v, c))
			continue;
		p = nearest(v, c, &paths);
		if (p && p->spoken && p->spoken->unread) {
			buf_addf(&unread, "%s%s", unread.len ? ", " : "", p->offer->interface);
			continue;
		}
		phrase = class_short(v, c, p, paths);
		buf_addf(&b, "%s%s", b.len ? "; " : "", phrase);
	}
	if (unread.len > 0)
		buf_addf(&b, "%snot read: %s", b.len ? "; " : "", unread.text);
	return b.text;
}

void reasons_free(char **reasons, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(reasons[i]);
	free(reasons);
}

const char *verdict_boot_word(const struct verdict *v)
{
	bool failed = false;

	for (size_t i = 0; i < v->n_boots; i++) {
		if (v->boots[i].contradicts)
			return "contradicted";
		failed |= v->boots[i].runs == TRUTH_NO && !v->boots[i].superseded;
	}
	return verdict_booted(v, NULL) ? "booted" : failed ? "did not boot" : NULL;
}

size_t verdict_boots(const struct verdict *v, char ***ret)
{
	char **boots = xcalloc(v->n_boots, sizeof(*boots));

	for (size_t i = 0; i < v->n_boots; i++) {
		const struct boot *b = &v->boots[i];

		const char *past = b->superseded ? " (superseded by a later boot)" : "";

		boots[i] = b->runs == TRUTH_YES ? xasprintf("booted by %s%s", b->recipe, past)
						: xasprintf("%s: %s%s%s%s", b->recipe, b->outcome, b->why ? ", " : "",
							    b->why ? b->why : "", past);
	}
	*ret = boots;
	return v->n_boots;
}

char *verdict_blame(const struct verdict *v)
{
	struct buf b = { 0 };

	buf_addf(&b, "%d%d", (int)v->status, v->inferred);
	for (unsigned c = 0; v->status != STATUS_SUPPORTED && c < CLASS_COUNT; c++) {
		size_t paths;
		const struct path *p = nearest(v, c, &paths);

		if (need_of(v, c) == NEED_NONE || v->needs[c] == STATUS_SUPPORTED)
			continue;
		buf_addf(&b, ";%u%d%s", c, (int)v->needs[c], p ? p->offer->interface : "");
	}
	for (size_t i = 0; i < v->n_boots; i++)
		buf_addf(&b, ";%d%d%d%s", (int)v->boots[i].runs, v->boots[i].contradicts, v->boots[i].superseded,
			 v->boots[i].recipe);
	return b.text;
}
