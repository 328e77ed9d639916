/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/wire.h"

static const uint8_t *taken(struct wire *w, size_t n)
{
	const uint8_t *at = w->in;

	if (w->bad || n > w->left) {
		w->bad = true;
		return NULL;
	}
	w->in += n;
	w->left -= n;
	return at;
}

void wire_number(struct wire *w, uint64_t *n)
{
	const uint8_t *at;

	if (w->out) {
		buf_add(w->out, (const char *)n, sizeof(*n));
		return;
	}
	at = taken(w, sizeof(*n));
	if (at)
		memcpy(n, at, sizeof(*n));
	else
		*n = 0;
}

void wire_enum(struct wire *w, unsigned *e, unsigned last)
{
	uint64_t n = *e;

	wire_number(w, &n);
	if (w->out)
		return;
	if (n > last)
		w->bad = true;
	*e = n > last ? 0 : (unsigned)n;
}

void wire_bool(struct wire *w, bool *b)
{
	unsigned e = *b;

	wire_enum(w, &e, 1);
	if (!w->out)
		*b = e;
}

void wire_count(struct wire *w, size_t *n, size_t least)
{
	uint64_t count = *n;

	wire_number(w, &count);
	if (w->out)
		return;
	if (count > w->left / least) {
		w->bad = true;
		count = 0;
	}
	*n = (size_t)count;
}

void wire_text(struct wire *w, char **s)
{
	/* One more than its length; 0: NULL. */
	uint64_t n = w->out && *s ? strlen(*s) + 1 : 0;
	const uint8_t *at;

	wire_number(w, &n);
	if (w->out) {
		if (n > 1)
			buf_add(w->out, *s, n - 1);
		return;
	}
	*s = NULL;
	if (n == 0)
		return;
	at = n - 1 > w->left ? NULL : taken(w, n - 1);
	if (!at || memchr(at, '\0', n - 1))
		w->bad = true;
	else
		*s = xstrndup((const char *)at, n - 1);
}

void wire_bytes(struct wire *w, uint8_t **bytes, size_t *n)
{
	const uint8_t *at;

	wire_count(w, n, 1);
	if (w->out) {
		if (*n > 0)
			buf_add(w->out, (const char *)*bytes, *n);
		return;
	}
	at = taken(w, *n);
	*n = at ? *n : 0;
	*bytes = xmalloc(*n + 1);
	if (at)
		memcpy(*bytes, at, *n);
}

void wire_chars(struct wire *w, char *s, size_t room)
{
	_cleanup_(freep) char *text = w->out ? xstrdup(s) : NULL;

	wire_text(w, &text);
	if (w->out)
		return;
	if (!text || strlen(text) >= room)
		w->bad = true;
	snprintf(s, room, "%s", text && !w->bad ? text : "");
}

void wire_error(struct wire *w, struct error *err)
{
	uint64_t code = (uint64_t)-err->code;

	wire_number(w, &code);
	wire_chars(w, err->text, sizeof(err->text));
	if (w->out)
		return;
	if (code > 4095)
		w->bad = true;
	err->code = w->bad ? 0 : -(int)code;
}

void wire_texts(struct wire *w, char ***list)
{
	size_t n = 0;

	while (w->out && *list && (*list)[n])
		n++;
	wire_count(w, &n, 8);
	WIRE_ARRAY(w, *list, n + 1);
	for (size_t i = 0; i < n; i++) {
		wire_text(w, &(*list)[i]);
		/* NULL is the end of such a list: what stood behind it would be lost. */
		if (!w->out && !(*list)[i]) {
			w->bad = true;
			(*list)[i] = xstrdup("");
		}
	}
}
