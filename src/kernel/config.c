/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/config.h"
#include "kernel/module_unpack.h"

#include <ctype.h>
#include <errno.h>
#include <zlib.h>

/* Names that are found behind so many others of the same hash were made to be: none of 200,000 real ones would. */
#define PROBES_MAX 1024

struct entry {
	const char *name;  /* into text */
	const char *value; /* into text, or "n" */
	size_t line;
	uint32_t hash;
};

struct config {
	char *text; /* lines cut into strings in place */
	struct entry *entries; /* each name once */
	size_t count;
	uint32_t *slots; /* by hash, then the next free one: index of the entry + 1; 0: free */
	size_t mask;
};

struct config *config_free(struct config *c)
{
	if (!c)
		return NULL;
	free(c->text);
	free(c->entries);
	free(c->slots);
	free(c);
	return NULL;
}

/* The end of a symbol's name. */
static char *name_end(char *s)
{
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	return s;
}

/* Takes quotes and backslashes off a string, in place. False where the last is no closing quote. */
static bool unquote(char *s)
{
	char *to = s;

	for (s++; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1])
			s++;
		*to++ = *s;
	}
	if (s[0] != '"' || s[1] != '\0')
		return false;
	*to = '\0';
	return true;
}

static int bad_line(struct error *err, size_t line, const char *what)
{
	return error_set(err, EBADMSG, "line %zu: %s; is this a complete kernel config?", line, what);
}

/* CONFIG_X=value; `s` is behind "CONFIG_". */
static int parse_assignment(char *s, struct entry *e, struct error *err)
{
	char *end = name_end(s);

	if (end == s || *end != '=')
		return bad_line(err, e->line, "expected CONFIG_SYMBOL=value");
	*end = '\0';
	e->name = s;
	s = end + 1;
	if (*s == '\0')
		return bad_line(err, e->line, "the value is missing");
	if (*s == '"' && !unquote(s))
		return bad_line(err, e->line, "the string does not end where the line ends");
	e->value = s;
	return 0;
}

/* Returns 1 when the line defines a symbol, 0 when it is a comment or blank. */
static int parse_line(char *s, struct entry *e, struct error *err)
{
	const char *prefix;
	char *end;
	int r;

	if (*s == '\0')
		return 0;
	prefix = startswith(s, "CONFIG_");
	if (prefix) {
		r = parse_assignment(s + (prefix - s), e, err);
		return r < 0 ? r : 1;
	}
	if (*s != '#')
		return bad_line(err, e->line, "neither a setting, a comment, nor blank");
	prefix = startswith(s, "# CONFIG_");
	if (!prefix)
		return 0;
	s += prefix - s;
	end = name_end(s);
	if (end == s || !streq(end, " is not set"))
		return 0;
	*end = '\0';
	e->name = s;
	e->value = "n";
	return 1;
}

static uint32_t hash_of(const char *name)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	while (*name)
		h = (h ^ (uint8_t)*name++) * 16777619u;
	return h;
}

/* The slot of that name, or the free one where it would go; NULL: too many others were met. */
static uint32_t *slot_of(const struct config *c, const char *name, uint32_t hash)
{
	for (size_t probe = 0; probe < PROBES_MAX; probe++) {
		uint32_t *slot = &c->slots[(hash + probe) & c->mask];
		const struct entry *e = *slot ? &c->entries[*slot - 1] : NULL;

		if (!e || (e->hash == hash && streq(e->name, name)))
			return slot;
	}
	return NULL;
}

/* Room for a symbol on each line, as far as they are allowed, and as much again, which keeps the ways short. */
static void slots_init(struct config *c, size_t size)
{
	const char *end = c->text + size;
	size_t lines = 1, room = 64;

	for (const char *s = c->text; (s = memchr(s, '\n', (size_t)(end - s))); s++)
		lines++;
	lines = lines < CONFIG_MAX_SYMBOLS ? lines : CONFIG_MAX_SYMBOLS;
	while (room < 2 * lines)
		room *= 2;
	c->slots = xcalloc(room, sizeof(*c->slots));
	c->mask = room - 1;
	c->entries = xcalloc(lines, sizeof(*c->entries));
}

/* A symbol that is set twice has its last value. */
static int add(struct config *c, struct entry *e, struct error *err)
{
	uint32_t *slot;

	e->hash = hash_of(e->name);
	slot = slot_of(c, e->name, e->hash);
	if (!slot)
		return bad_line(err, e->line, "the names of symbols are made to be slow to look up");
	if (!*slot && c->count == CONFIG_MAX_SYMBOLS)
		return error_set(err, E2BIG, "line %zu: more than %u symbols", e->line, CONFIG_MAX_SYMBOLS);
	if (!*slot)
		*slot = (uint32_t)++c->count;
	c->entries[*slot - 1] = *e;
	return 0;
}

static int parse_lines(struct config *c, size_t size, struct error *err)
{
	char *s = c->text, *end = c->text + size;

	for (size_t line = 1; s < end; line++) {
		struct entry e = { .line = line };
		char *nl = memchr(s, '\n', (size_t)(end - s));
		char *stop = nl ? nl : end;
		int r;

		if (stop > s && stop[-1] == '\r')
			stop[-1] = '\0';
		*stop = '\0';
		r = parse_line(s, &e, err);
		if (r > 0)
			r = add(c, &e, err);
		if (r < 0)
			return r;
		s = stop + 1;
	}
	return 0;
}

static int text_check(const char *text, size_t size, struct error *err)
{
	if (size > CONFIG_MAX_BYTES)
		return error_set(err, E2BIG, "a kernel config of %zu bytes; at most %u are read", size,
				 CONFIG_MAX_BYTES);
	if (memchr(text, '\0', size))
		return error_set(err, EBADMSG, "not a kernel config: it holds NUL bytes");
	return 0;
}

int config_parse(const void *text, size_t size, struct config **ret, struct error *err)
{
	_cleanup_(config_freep) struct config *c = xcalloc(1, sizeof(*c));
	_cleanup_(freep) uint8_t *plain = NULL;
	int r;

	text = size > 0 ? text : "";
	if (unpack_is_packed(text, size)) {
		r = unpack(text, size, CONFIG_MAX_BYTES, &plain, &size, err);
		if (r < 0)
			return r;
		text = plain;
	}
	r = text_check(text, size, err);
	if (r < 0)
		return r;
	c->text = xstrndup(text, size);
	slots_init(c, size);
	r = parse_lines(c, size, err);
	if (r < 0)
		return r;
	if (c->count == 0)
		return error_set(err, EBADMSG, "not a kernel config: no line begins with CONFIG_");
	*ret = TAKE_PTR(c);
	return 0;
}

const char *config_get(const struct config *c, const char *symbol)
{
	const uint32_t *slot = slot_of(c, symbol, hash_of(symbol));

	return slot && *slot ? c->entries[*slot - 1].value : NULL;
}

bool config_is_set(const struct config *c, const char *symbol)
{
	const char *v = config_get(c, symbol);

	return v && (streq(v, "y") || streq(v, "m"));
}

static bool is_config_text(const char *s, size_t n)
{
	return !memchr(s, '\0', n) &&
	       (memmem(s, n, "\nCONFIG_", 8) || memmem(s, n, "\n# CONFIG_", 10) ||
		(n >= 7 && memcmp(s, "CONFIG_", 7) == 0) || (n >= 9 && memcmp(s, "# CONFIG_", 9) == 0));
}

bool config_looks_like(const uint8_t *bytes, size_t n)
{
	char head[16384];
	z_stream z = { .next_in = (Bytef *)bytes, .avail_in = (uInt)(n < UINT32_MAX ? n : UINT32_MAX),
		       .next_out = (Bytef *)head, .avail_out = sizeof(head) };

	if (n < 2 || bytes[0] != 0x1f || bytes[1] != 0x8b)
		return is_config_text((const char *)bytes, n);
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return false;
	inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	return is_config_text(head, sizeof(head) - z.avail_out);
}
