/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>

#include "compat/place.h"
#include "compat/schema.h"

/*
 * What one document may unfold into. A mapping of ours takes some hundred bytes and at least three
 * characters; the largest honest file is some ten kilobytes.
 */
#define UNFOLD_BASE ((size_t)1 << 20)
#define UNFOLD_RATIO 32

/* What libcyaml said while it loaded. */
struct heard {
	char text[256];	 /* its first complaint, without "Load: " and newline */
	unsigned events; /* how many YAML events it took; counted in a second run only */
};

static void hear(struct heard *h, const char *fmt, va_list args)
{
	const char *rest;

	vsnprintf(h->text, sizeof(h->text), fmt, args);
	h->text[strcspn(h->text, "\n")] = '\0';
	rest = startswith(h->text, "Load: ");
	if (rest)
		memmove(h->text, rest, strlen(rest) + 1);
}

static void on_log(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
	struct heard *h = ctx;

	if (level >= CYAML_LOG_WARNING && h->text[0] == '\0')
		hear(h, fmt, args);
	else if (startswith(fmt, "Load: Event: "))
		h->events++;
}

static cyaml_err_t load(const uint8_t *bytes, size_t n, const cyaml_schema_value_t *schema,
			struct arena *arena, cyaml_log_t level, struct heard *heard, void **ret)
{
	const cyaml_config_t config = {
		.log_fn = on_log,
		.log_ctx = heard,
		.log_level = level,
		.mem_fn = arena_cyaml,
		.mem_ctx = arena,
		.flags = CYAML_CFG_NO_ALIAS,
	};

	*heard = (struct heard){ 0 };
	*ret = NULL;
	arena_limit(arena, UNFOLD_BASE + n * UNFOLD_RATIO);
	return cyaml_load_data(bytes, n, &config, schema, ret, NULL);
}

/* The words that libcyaml's log uses for YAML events and its own types. */
static const char *plain_word(const char *word)
{
	static const struct {
		const char *word, *plain;
	} words[] = {
		{ "SCALAR", "a single value" },
		{ "SEQUENCE_START", "a list" },
		{ "MAPPING_START", "a mapping" },
		{ "SEQUENCE", "a list" },
		{ "MAPPING", "a mapping" },
		{ "STRING", "a single value" },
		{ "ENUM", "a word" },
		{ "UINT", "a number" },
		{ "INT", "a number" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (streq(word, words[i].word))
			return words[i].plain;
	return word;
}

static bool say_expected(const char *heard, char *into, size_t room)
{
	char wanted[32], got[32];

	if (sscanf(heard, "Expecting %31[^,], got event: %31s", wanted, got) != 2)
		return false;
	snprintf(into, room, "expected %s, found %s", plain_word(wanted), plain_word(got));
	return true;
}

/* libcyaml's complaint as a person would say it. */
static void say(cyaml_err_t code, const char *heard, char *into, size_t room)
{
	static const struct {
		const char *heard, *said;
	} sayings[] = {
		{ "Unexpected key: ", "unknown key '%s'" },
		{ "Mapping field already seen: ", "key '%s' occurs twice" },
		{ "Missing required mapping field: ", "key '%s' is missing" },
		{ "Invalid ENUM value: ", "'%s' is not one of the words allowed here" },
		{ "Invalid UINT value: ", "%s is not a number that fits here" },
		{ "Invalid uint64_t value: ", "%s is not a number that fits here" },
		{ "Invalid INT value: ", "%s is not a number that fits here" },
		{ "STRING length < 1: ", "an empty value%s" },
		{ "Excessive entries ", "too many entries in this list%.0s" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sayings); i++) {
		const char *rest = startswith(heard, sayings[i].heard);

		if (!rest)
			continue;

		snprintf(into, room, sayings[i].said, rest);

		return;
	}
	if (!say_expected(heard, into, room))
		snprintf(into, room, "%s", heard[0] ? heard : cyaml_strerror(code));
}

/* Loads once more to learn at which event libcyaml stops; libyaml then tells where that stands. */
static int refuse(const char *file, const uint8_t *bytes, size_t n, const cyaml_schema_value_t *schema,
		  cyaml_err_t code, const char *heard, struct error *err)
{
	_cleanup_(arena_freep) struct arena *scratch = arena_new();
	const char *problem;
	struct heard again;
	struct position at;
	char said[320];
	void *ignored;

	load(bytes, n, schema, scratch, CYAML_LOG_DEBUG, &again, &ignored);
	at = place_of_event(bytes, n, again.events, &problem);
	/* libyaml names no problem where there is none in the file. */
	if (code == CYAML_ERR_OOM || code == CYAML_ERR_LIBYAML_PARSER_INIT ||
	    (code == CYAML_ERR_LIBYAML_PARSER && strstr(heard, "(null)")))
		return error_set(err, ENOMEM, "%s: no memory to read it", file);
	if (code == CYAML_ERR_ALIAS)
		snprintf(said, sizeof(said), "aliases are not allowed: write it out");
	else if (code == CYAML_ERR_LIBYAML_PARSER && problem)
		snprintf(said, sizeof(said), "not YAML: %s", problem);
	else
		say(code, heard, said, sizeof(said));
	return error_set(err, EINVAL, "%s:%zu:%zu: %s", file, at.line, at.column, said);
}

int yaml_load(const char *file, const uint8_t *bytes, size_t n, const cyaml_schema_value_t *schema,
	      struct arena *arena, void **ret, struct error *err)
{
	struct heard heard;
	cyaml_err_t code;
	void *value;

	code = load(bytes, n, schema, arena, CYAML_LOG_WARNING, &heard, &value);
	if (arena_refused(arena))
		return error_set(err, E2BIG, "%s: unfolds into more than %zu bytes; split the file", file,
				 UNFOLD_BASE + n * UNFOLD_RATIO);
	if (code != CYAML_OK)
		return refuse(file, bytes, n, schema, code, heard.text, err);
	if (heard.text[0] != '\0')
		return error_set(err, EINVAL, "%s: holds more than one document; one file is one thing",
				 file);
	if (!value)
		return error_set(err, EINVAL, "%s: holds nothing; link it to /dev/null to mask it", file);
	*ret = value;
	return 0;
}
