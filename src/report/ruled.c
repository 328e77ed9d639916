/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/ruled.h"

#include <errno.h>

static void case_done(struct ruled_case *c)
{
	for (size_t i = 0; i < c->n_files; i++) {
		free(c->files[i].path);
		free(c->files[i].package);
		free(c->files[i].version);
	}
	for (size_t i = 0; i < c->n_reasons; i++) {
		free(c->reasons[i].id);
		free(c->reasons[i].lost);
		free(c->reasons[i].message);
		free(c->reasons[i].expected);
		free(c->reasons[i].found);
	}
	free(c->files);
	free(c->reasons);
	free(c->name);
	free(c->version);
}

void ruled_done(struct ruled *r)
{
	for (size_t i = 0; i < r->n_groups; i++) {
		for (size_t j = 0; j < r->groups[i].n_cases; j++)
			case_done(&r->groups[i].cases[j]);
		free(r->groups[i].cases);
		free(r->groups[i].name);
		strings_done(&r->groups[i].notes);
	}
	free(r->groups);
	strings_done(&r->repositories);
	*r = (struct ruled){ 0 };
}

struct ruled_group *ruled_add_group(struct ruled *r, char *name)
{
	ARRAY_GROW(r->groups, r->n_groups);
	r->groups[r->n_groups] = (struct ruled_group){ .name = name };
	return &r->groups[r->n_groups++];
}

static char *copied(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

struct ruled_case *ruled_add_case(struct ruled_group *g, char *name, const char *version, enum answer answer, const char *word)
{
	ARRAY_GROW(g->cases, g->n_cases);
	g->cases[g->n_cases] = (struct ruled_case){ .name = name, .version = copied(version), .answer = answer, .word = word };
	return &g->cases[g->n_cases++];
}

void ruled_add_reason(struct ruled_case *c, const struct ruled_reason *of)
{
	ARRAY_GROW(c->reasons, c->n_reasons);
	c->reasons[c->n_reasons++] = (struct ruled_reason){ copied(of->id), copied(of->lost), copied(of->message),
							    copied(of->expected), copied(of->found) };
}

void ruled_add_plain(struct ruled_case *c, enum id_kind id, const char *message)
{
	_cleanup_(freep) char *name = id_make(id, NULL), *text = xstrdup(message);

	ruled_add_reason(c, &(struct ruled_reason){ .id = name, .message = text });
}

static bool any_answer(const struct ruled *r, enum answer answer)
{
	for (size_t i = 0; i < r->n_groups; i++)
		for (size_t j = 0; j < r->groups[i].n_cases; j++)
			if (r->groups[i].cases[j].answer == answer)
				return true;
	return false;
}

void ruled_complete(struct ruled *r)
{
	static const struct {
		enum exit_status exit;
		enum answer answer;
		const char *word, *message;
	} known[] = {
		{ EXIT_BLOCKED, ANSWER_FAIL, "blocked", "the policy does not allow it" },
		{ EXIT_UNDECIDED, ANSWER_ERROR, "undecided", "it cannot be decided" },
		{ EXIT_FAILED, ANSWER_ERROR, "failed", "not all of it could be judged; the messages of the command tell why" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct ruled_group *g;

		if (r->exit != known[i].exit || any_answer(r, known[i].answer))
			continue;
		g = r->n_groups > 0 ? &r->groups[0] : ruled_add_group(r, xstrdup("repositories"));
		ruled_add_plain(ruled_add_case(g, xstrdup("decision"), NULL, known[i].answer, known[i].word), ID_DECISION,
				known[i].message);
	}
}

int ruled_write(const struct ruled *r, enum report_format format, FILE *out, struct error *err)
{
	int result;

	errno = 0;
	result = format == REPORT_JUNIT ? ruled_junit(r, out) : format == REPORT_SARIF ? ruled_sarif(r, out) : ruled_html(r, out);
	if (result < 0 || fflush(out) == EOF || ferror(out))
		return error_set(err, errno ? errno : EIO, "the report could not be written: %m");
	return 0;
}
