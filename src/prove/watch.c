/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/watch.h"

#include <ctype.h>
#include <sys/wait.h>

#define HALF (RECORD_CONSOLE_MAX / 2 - 64)
#define SAID_MAX 1000
#define PROBES_MAX 300

void watch_done(struct watch *w)
{
	free(w->hit_line);
	buf_done(&w->head);
	buf_done(&w->tail);
	buf_done(&w->said);
}

/* --- what the init says ------------------------------------------------------------------------ */

/* The first word of a text, which is cut off it. */
static char *next_word(char **rest)
{
	char *word = *rest, *end = word + strcspn(word, " ");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static void set_text(char **to, const char *value)
{
	free(*to);
	*to = xstrdup(value);
}

/* NAME DRIVERS STATE; the state of a device that works is `good`. */
static void take_device(struct record_device *d, char *rest, const char *good)
{
	const char *name = next_word(&rest), *drivers = next_word(&rest);

	set_text(&d->name, name);
	set_text(&d->driver, drivers);
	d->verified = streq(rest, good);
}

static void take_value(struct record *r, const char *key, char *rest)
{
	const char *name = next_word(&rest);
	_cleanup_(freep) char *probe = xasprintf("%s.%s", key, name);

	if (streq(probe, "uses.clocksource"))
		set_text(&r->clocksource, rest);
	if (*name && strlen(probe) <= 200 && r->n_probes < PROBES_MAX)
		record_saw(r, probe, rest);
}

static void take_said(struct watch *w, const char *key, char *rest)
{
	/* Told as they happen, for whoever reads the console; no values. */
	static const char *const stories[] = { "module", "modules", "log", "interrupts", "sleep" };
	struct record *r = w->record;

	for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
		if (streq(key, stories[i]))
			return;
	if (streq(key, "begin"))
		w->begins++;
	else if (streq(key, "end"))
		w->ended = w->begins > 0;
	else if (streq(key, "disk"))
		take_device(&r->disk, rest, "written");
	else if (streq(key, "net"))
		take_device(&r->net, rest, "answer");
	else if (streq(key, "console"))
		set_text(&r->console_device, rest);
	else if (streq(key, "detected")) {
		if (!streq(rest, "none"))
			set_text(&r->hypervisor, rest);
	} else
		take_value(r, key, rest);
}

/* "HV 1.234 KEY REST" */
static bool take_init(struct watch *w, const char *line)
{
	_cleanup_(freep) char *copy = NULL;
	const char *key, *at = startswith(line, "HV ");
	char *rest;

	if (!at || !isdigit((unsigned char)*at))
		return false;
	at += strspn(at, "0123456789.");
	if (*at != ' ')
		return false;
	rest = copy = xstrdup(at + 1);
	key = next_word(&rest);
	take_said(w, key, rest);
	return true;
}

/* --- lines ------------------------------------------------------------------------------------- */

static void look_for_texts(struct watch *w, const char *line)
{
	for (unsigned i = 0; i < w->recipe->watch_count && !w->hit && !w->ended; i++) {
		const struct recipe_watch *one = &w->recipe->watch[i];

		if (regexec(&one->compiled, line, 0, NULL, 0) != 0)
			continue;
		w->hit = one;
		w->hit_line = xstrndup(line, 400);
	}
}

static void keep_last(struct buf *b, const char *text, size_t n, size_t most)
{
	buf_add(b, text, n);
	if (b->len <= 2 * most)
		return;
	memmove(b->text, b->text + (b->len - most), most + 1);
	b->len = most;
}

static void console_line(struct watch *w, const char *line)
{
	size_t n = strlen(line);

	if (w->tail.len == 0 && w->head.len + n < HALF) {
		buf_add(&w->head, line, n);
		buf_add(&w->head, "\n", 1);
	} else {
		keep_last(&w->tail, line, n, HALF);
		keep_last(&w->tail, "\n", 1, HALF);
	}
	if (take_init(w, line))
		return;
	if (*line)
		snprintf(w->last, sizeof(w->last), "%s", line);
	look_for_texts(w, line);
}

static void complaint_line(struct watch *w, const char *line)
{
	keep_last(&w->said, line, strlen(line), SAID_MAX);
	keep_last(&w->said, "\n", 1, SAID_MAX);
	look_for_texts(w, line);
}

static void take(struct watch *w, struct watch_stream *s, void (*say)(struct watch *w, const char *line), const char *bytes,
		 size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\n' || s->n == sizeof(s->line) - 1) {
			s->line[s->n] = '\0';
			s->n = 0;
			say(w, s->line);
		}
		if (c != '\n' && c != '\r')
			s->line[s->n++] = (char)(c < ' ' || c > '~' ? '?' : c);
	}
}

void watch_console(struct watch *w, const char *bytes, size_t n)
{
	take(w, &w->console, console_line, bytes, n);
}

void watch_complaint(struct watch *w, const char *bytes, size_t n)
{
	take(w, &w->complaints, complaint_line, bytes, n);
}

bool watch_decided(const struct watch *w)
{
	return w->ended || w->hit || w->begins > 1;
}

/* --- judging ----------------------------------------------------------------------------------- */

static char *console_text(struct watch *w)
{
	const char *tail = w->tail.text ? w->tail.text : "";

	if (w->tail.len > HALF)
		tail += w->tail.len - HALF;
	return xasprintf("%s%s%s", w->head.text ? w->head.text : "", w->tail.len > HALF ? "[...]\n" : "", tail);
}

static char *one_line(const struct buf *said)
{
	char *s = xstrdup(said->text ? said->text : "");
	size_t n = strlen(s);

	while (n > 0 && s[n - 1] == '\n')
		s[--n] = '\0';
	for (char *p = s; *p; p++)
		*p = *p == '\n' ? ';' : *p;
	return s;
}

/* It ended by itself before the init did. */
static char *say_gone(const struct watch *w, int status, enum outcome *ret)
{
	_cleanup_(freep) char *said = one_line(&w->said);
	const char *colon = *said ? ": " : "";

	*ret = OUTCOME_FAILED;
	if (WIFSIGNALED(status))
		return xasprintf("%s was killed by signal %d%s%s", w->record->program, WTERMSIG(status), colon, said);
	if (WEXITSTATUS(status) != 0)
		return xasprintf("%s ended with status %d%s%s", w->record->program, WEXITSTATUS(status), colon, said);
	*ret = OUTCOME_PANICKED;
	return xasprintf("the machine was reset or switched off before the init had run to its end%s%s",
			 w->last[0] ? "; the last line: " : "", w->last);
}

void watch_judge(struct watch *w, const struct watch_end *end, bool arrived)
{
	struct record *r = w->record;

	watch_console(w, "\n", w->console.n > 0);
	watch_complaint(w, "\n", w->complaints.n > 0);
	r->disk.verified = r->disk.verified && arrived;
	if (w->hit) {
		r->outcome = w->hit->outcome;
		r->why = xasprintf("%s: %s", w->hit->why, w->hit_line);
	} else if (w->begins > 1) {
		r->outcome = OUTCOME_PANICKED;
		r->why = xstrdup("the machine reset itself: the init began more than once");
	} else if (w->ended) {
		r->why = recipe_missing(w->recipe, r);
		r->outcome = r->why ? OUTCOME_BOOTED_WITHOUT_DEVICE : OUTCOME_BOOTED;
	} else if (end->expired) {
		r->outcome = OUTCOME_SILENT;
		r->why = xasprintf("%s until its time was up, after %.0f s, the last %.0f of them in silence%s%s",
				   w->begins ? "the init did not end" : "nothing decisive was said", r->seconds, end->silent,
				   w->last[0] ? "; the last line: " : "", w->last);
	} else {
		r->why = say_gone(w, end->status, &r->outcome);
	}
	r->console = console_text(w);
}
