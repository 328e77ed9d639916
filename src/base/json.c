/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"
#include "base/util.h"

#include <errno.h>

static struct json_object *made(struct json_object *o)
{
	if (!o)
		out_of_memory();
	return o;
}

struct json_object *json_new_object(void)
{
	return made(json_object_new_object());
}

struct json_object *json_new_array(void)
{
	return made(json_object_new_array());
}

struct json_object *json_new_string(const char *s)
{
	return made(json_object_new_string(s));
}

struct json_object *json_new_boolean(bool value)
{
	return made(json_object_new_boolean(value));
}

struct json_object *json_new_int(int value)
{
	return made(json_object_new_int(value));
}

struct json_object *json_new_number(uint64_t value)
{
	return made(json_object_new_uint64(value));
}

struct json_object *json_new_double(double value, const char *text)
{
	return made(json_object_new_double_s(value, text));
}

void json_add(struct json_object *o, const char *key, struct json_object *value)
{
	if (json_object_object_add(o, key, value) < 0)
		out_of_memory();
}

void json_append(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, value) < 0)
		out_of_memory();
}

/* json-c leaves out what it has no memory for and goes on; only errno tells. */
static const char *print(struct json_object *o, int flags)
{
	const char *text;

	errno = 0;
	text = json_object_to_json_string_ext(o, flags | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text || errno == ENOMEM)
		out_of_memory();
	return text;
}

const char *json_plain(struct json_object *o)
{
	return print(o, JSON_C_TO_STRING_PLAIN);
}

const char *json_pretty(struct json_object *o)
{
	return print(o, JSON_C_TO_STRING_PRETTY);
}

/* Counted before memory is taken. */
static bool too_many(const char *text)
{
	size_t n = 0;
	bool quoted = false;

	for (const char *s = text; *s && n <= JSON_VALUES_MAX; s++) {
		if (*s == '"')
			quoted = !quoted;
		else if (quoted && *s == '\\' && s[1])
			s++;
		else if (!quoted)
			n += *s == ',' || *s == '[' || *s == '{';
	}
	return n > JSON_VALUES_MAX;
}

struct json_object *json_parse(const char *text)
{
	struct json_object *o;

	if (too_many(text))
		return NULL;
	errno = 0;
	o = json_tokener_parse(text);
	if (errno == ENOMEM)
		out_of_memory();
	return o;
}

struct json_object *json_parse_strict(const char *bytes, size_t n, int depth)
{
	struct json_tokener *tokener;
	struct json_object *o;

	if (n >= (size_t)INT32_MAX || strlen(bytes) != n || too_many(bytes))
		return NULL;
	errno = 0;
	tokener = json_tokener_new_ex(depth);
	if (!tokener)
		out_of_memory();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* The NUL behind tells the tokener that nothing more will come. */
	o = json_tokener_parse_ex(tokener, bytes, (int)n + 1);
	if (errno == ENOMEM)
		out_of_memory();
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(tokener);
	return o;
}
