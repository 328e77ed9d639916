/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/wording.h"

#define WORD(list, value) ((size_t)(value) < ARRAY_SIZE(list) ? (list)[value] : "?")

const char *want_kind_word(enum want_kind kind)
{
	static const char *const words[] = {
		[WANT_CONFIG] = "config",   [WANT_CONFIG_EXISTS] = "config-exists",
		[WANT_DRIVER] = "driver",   [WANT_ALIAS] = "alias",
		[WANT_NOTE] = "note",       [WANT_SYMBOL] = "symbol",
		[WANT_STRING] = "string",   [WANT_TABLE] = "table",
		[WANT_VALUE] = "u32",       [WANT_MODINFO] = "modinfo",
		[WANT_PAYLOAD] = "payload", [WANT_VDSO] = "vdso",
	};

	return WORD(words, kind);
}

const char *fact_state_word(enum fact_state state)
{
	static const char *const words[] = { "unread", "unknown", "absent", "present" };

	return WORD(words, state);
}

const char *placement_word(enum placement placement)
{
	static const char *const words[] = { "none", "builtin", "module", "other-package", "not-required" };

	return WORD(words, placement);
}

const char *depth_word(enum depth depth)
{
	static const char *const words[] = { "quick", "normal", "deep", "verify" };

	return WORD(words, depth);
}

const char *image_state_word(enum image_state state)
{
	static const char *const words[] = { "none", "unread", "unreadable", "header", "read" };

	return WORD(words, state);
}

static const char *reach_image(const struct facts *f)
{
	static const char *const words[] = {
		[IMAGE_MISSING] = ", no image",
		[IMAGE_SKIPPED] = "",
		[IMAGE_DENIED] = ", no image (it may not be read)",
		[IMAGE_HEADER] = ", head of the image",
		[IMAGE_READ] = ", image",
	};

	return WORD(words, f->reach.image);
}

static const char *reach_modules(const struct facts *f)
{
	if (!f->reach.listed)
		return ", no modules";
	if (f->depth == DEPTH_QUICK)
		return ", list of files";
	if (f->reach.modules == 0)
		return ", no module";
	return f->depth == DEPTH_NORMAL ? ", the tables that decide most" : ", all modules that matter";
}

char *reach_text(const struct facts *f)
{
	return xasprintf("%s%s%s%s", f->reach.config ? "config" : "no config", reach_image(f), reach_modules(f),
			 f->depth == DEPTH_VERIFY ? ", to the last byte" : "");
}

const char *finding_kind_word(enum finding_kind kind)
{
	static const char *const words[] = { "dropped", "narrowed",      "gained",
					     "unknown", "contradiction", "waiver" };

	return WORD(words, kind);
}

const char *finding_state_word(enum finding_state state)
{
	static const char *const words[] = { "new", "existing", "fixed", "waived" };

	return WORD(words, state);
}

const char *decision_word(enum decision_result result)
{
	static const char *const words[] = { "allowed", "blocked", "undecided" };

	return WORD(words, result);
}

const char *requirement_word(const struct requirement_result *r)
{
	static const char *const words[] = { "met", "unmet", "unknown", "waived", "not-applicable" };

	return WORD(words, r->result);
}

const char *meets_word(enum meets meets)
{
	static const char *const words[] = { "presence", "host-maximum", "overlap", "equal", "superset" };

	return WORD(words, meets);
}

const char *truth_word(enum truth truth)
{
	static const char *const words[] = { "no", "unknown", "yes" };

	return WORD(words, truth);
}

const char *grade_word(enum grade grade)
{
	static const char *const words[] = { "full", "degraded" };

	return WORD(words, grade);
}

char *want_text(const struct want *w)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s %s", want_kind_word(w->kind), w->name);
	if (w->kind == WANT_NOTE)
		buf_addf(&b, "/%u", w->type);
	if (w->kind == WANT_VDSO) {
		buf_addf(&b, "%s%s", w->version ? "@" : "", w->version ? w->version : "");
		buf_addf(&b, "%s(%u bits)", *w->name ? " " : "", w->type == 3264 ? 32 : w->type);
	}
	if (w->value)
		buf_addf(&b, "=%s", w->value);
	if (w->of)
		buf_addf(&b, " of %s", w->of);
	return b.text;
}

static void add_list(struct buf *b, const char *before, char *const *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_addf(b, "%s%s", i == 0 ? before : ", ", list[i]);
}

char *requirement_text(const struct requirement *r)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s", r->hypervisor ? r->hypervisor : r->userspace ? r->userspace : "?");
	if (r->versions)
		buf_addf(&b, " %s", r->versions);
	add_list(&b, " as ", r->modes, r->modes_count);
	if (r->loader)
		buf_addf(&b, " loaded by %s", r->loader);
	add_list(&b, " through ", r->through, r->through_count);
	if (r->grade == GRADE_FULL)
		buf_addf(&b, ", in full");
	if (r->proof == PROOF_REQUIRED)
		buf_addf(&b, ", proven by a boot");
	add_list(&b, ", on ", r->arch, r->arch_count);
	add_list(&b, ", flavour ", r->flavour, r->flavour_count);
	return b.text;
}

const char *exit_words(enum exit_status status)
{
	static const char *const words[] = {
		[EXIT_OK] = "allowed, or supported", [EXIT_BLOCKED] = "blocked, not supported, or dropped",
		[EXIT_FAILED] = "the operation failed", [EXIT_UNDECIDED] = "cannot be decided",
	};

	return (size_t)status < ARRAY_SIZE(words) ? words[status] : "wrong usage";
}
