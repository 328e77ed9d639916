/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_JSON_H
#define HVCOMPAT_BASE_JSON_H

#include <json.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * json-c, of which every call that takes memory succeeds: where there is none, the process ends as with xmalloc(). A
 * document of json-c's own that ran out of it would lack a member, or the middle of its text, without a word.
 * What takes nothing (json_object_get_…, json_object_put) is called as it is.
 */
struct json_object *json_new_object(void);
struct json_object *json_new_array(void);
struct json_object *json_new_string(const char *s); /* valid UTF-8 */
struct json_object *json_new_boolean(bool value);
struct json_object *json_new_int(int value);
struct json_object *json_new_number(uint64_t value);
struct json_object *json_new_double(double value, const char *text); /* as it is to be written */

/* Both take `value`; NULL is null. */
void json_add(struct json_object *o, const char *key, struct json_object *value);
void json_append(struct json_object *array, struct json_object *value);

/* Without blanks, or in lines. Borrowed from `o`. */
const char *json_plain(struct json_object *o);
const char *json_pretty(struct json_object *o);

/* More than any text has that we write: the list of what was refused has up to 140,000. Each takes json-c some hundred bytes. */
#define JSON_VALUES_MAX (1u << 18)

/* Owned; NULL: it is no JSON, or has more values. */
struct json_object *json_parse(const char *text);
/* The same of `n` bytes and a NUL, of nothing but JSON in UTF-8, nested no deeper than that. */
struct json_object *json_parse_strict(const char *bytes, size_t n, int depth);

#endif
