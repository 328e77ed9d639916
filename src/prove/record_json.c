/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form of docs/record.schema.json, out and in. Whoever reads one trusts nothing: a directory may be anybody's. */
#include "prove/record.h"

#include <errno.h>
#include <math.h>

#include "report/json.h"

#define SCHEMA "hvcompat-record/1"
#define DEPTH_MAX 8
#define TEXT_MAX 4096
#define LIST_MAX 512
#define ATTEMPTS_MAX 9999

/* --- out --------------------------------------------------------------------------------------- */

static struct json_object *print_files(const struct record *r)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < r->n_files; i++) {
		struct json_object *o = json_new_object();

		json_put(o, "name", r->files[i].name);
		json_put(o, "sha256", r->files[i].sha256);
		json_append(list, o);
	}
	return list;
}

static struct json_object *print_kernel(const struct record *r)
{
	struct json_object *o = json_new_object(), *list = json_new_array();

	json_put(o, "digest", r->kernel);
	json_put(o, "release", r->release);
	json_put(o, "arch", r->arch);
	for (size_t i = 0; i < r->n_inputs; i++) {
		struct json_object *in = json_new_object();

		json_put(in, "package", r->inputs[i].package);
		json_put(in, "version", r->inputs[i].version);
		json_put(in, "arch", r->inputs[i].arch);
		json_put(in, "sha256", r->inputs[i].sha256);
		json_append(list, in);
	}
	json_add(o, "inputs", list);
	return o;
}

static struct json_object *print_claims(const struct record *r)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < r->n_claims; i++) {
		const struct record_claim *c = &r->claims[i];
		struct json_object *o = json_new_object();

		json_put(o, c->userspace ? "userspace" : "hypervisor", c->host);
		json_put(o, "version", c->version);
		json_put(o, "mode", c->mode);
		json_add(o, "through", json_strings(c->through.items, c->through.n));
		json_put(o, "holds", holds_name(c->holds));
		json_append(list, o);
	}
	return list;
}

static struct json_object *print_device(const struct record_device *d)
{
	struct json_object *o;

	if (!d->name)
		return NULL;
	o = json_new_object();
	json_put(o, "name", d->name);
	json_put(o, "driver", d->driver);
	json_add(o, "verified", json_new_boolean(d->verified));
	return o;
}

static struct json_object *print_seen(const struct record *r)
{
	struct json_object *o = json_new_object(), *probes = json_new_object();

	json_put(o, "hypervisor", r->hypervisor);
	json_put(o, "clocksource", r->clocksource);
	json_put(o, "console", r->console_device);
	json_add(o, "disk", print_device(&r->disk));
	json_add(o, "net", print_device(&r->net));
	for (size_t i = 0; i < r->n_probes; i++)
		json_put(probes, r->probes[i].name, r->probes[i].value);
	json_add(o, "probes", probes);
	return o;
}

static struct json_object *print_names(const struct record *r)
{
	struct json_object *o = json_new_object();

	json_put(o, "family", r->family);
	json_put(o, "name", r->recipe);
	json_put(o, "digest", r->recipe_digest);
	return o;
}

static struct json_object *print_hypervisor(const struct record *r)
{
	struct json_object *o = json_new_object();

	json_put(o, "program", r->program);
	json_put(o, "version", r->version);
	json_add(o, "files", print_files(r));
	return o;
}

char *record_print(const struct record *r)
{
	struct json_object *o = json_new_object();
	char *text, seconds[32];

	snprintf(seconds, sizeof(seconds), "%.1f", r->seconds);
	json_put(o, "schema", SCHEMA);
	json_put(o, "hvcompat", r->hvcompat);
	json_put(o, "when", r->when);
	json_add(o, "kernel", print_kernel(r));
	json_add(o, "recipe", print_names(r));
	json_add(o, "ran_on", print_hypervisor(r));
	json_add(o, "stands_for", print_claims(r));
	json_put(o, "outcome", outcome_name(r->outcome));
	json_put(o, "why", r->why);
	json_add(o, "seconds", json_new_double(r->seconds, seconds));
	json_add(o, "attempt", json_new_int((int)r->attempt));
	json_add(o, "seen", print_seen(r));
	json_add(o, "command", json_strings(r->command.items, r->command.n));
	json_put(o, "append", r->append);
	json_put(o, "console", r->console);
	text = xasprintf("%s\n", json_pretty(o));
	json_object_put(o);
	return text;
}

/* --- in ---------------------------------------------------------------------------------------- */

/* The first thing that is wrong is kept; all that is asked afterwards gives nothing. */
struct reading {
	const char *name;
	struct error *err;
	int result;
};

static void wrong(struct reading *in, const char *where, const char *what)
{
	if (in->result == 0)
		in->result = error_set(in->err, EBADMSG,
				       "%s: %s %s; it is no record, or a damaged one: remove it, and prove the kernel anew",
				       in->name, where, what);
}

/* Keys beyond those of `keys` (words with blanks between, and around) make it something else than a record. */
static void only(struct reading *in, struct json_object *o, const char *where, const char *keys)
{
	json_object_object_foreach(o, key, value) {
		char word[64];

		(void)value;
		snprintf(word, sizeof(word), " %s ", key);
		if (strchr(key, ' ') || strlen(key) > 40 || !strstr(keys, word)) {
			wrong(in, where, "has a key that no record has");
			return;
		}
	}
}

static struct json_object *member(struct reading *in, struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *v = NULL;

	if (!o || in->result < 0)
		return NULL;
	if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, type)) {
		wrong(in, key, "is missing, or of another type");
		return NULL;
	}
	return v;
}

static bool is_null(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return o && json_object_object_get_ex(o, key, &v) && !v;
}

static bool is_clean(const char *s, size_t n, size_t most, bool lines)
{
	if (n > most || strlen(s) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)s[i] < ' ' && !(lines && (s[i] == '\n' || s[i] == '\t'))) || s[i] == 0x7f)
			return false;
	return true;
}

static char *text_of(struct reading *in, struct json_object *v, const char *where, size_t most, bool lines)
{
	const char *s = json_object_get_string(v);

	if (in->result < 0 || !v)
		return NULL;
	if (!json_object_is_type(v, json_type_string) || !is_clean(s, (size_t)json_object_get_string_len(v), most, lines)) {
		wrong(in, where, "is no text, too long, or has control characters");
		return NULL;
	}
	return xstrdup(s);
}

static char *text(struct reading *in, struct json_object *o, const char *key)
{
	return text_of(in, member(in, o, key, json_type_string), key, TEXT_MAX, false);
}

static char *text_or_null(struct reading *in, struct json_object *o, const char *key)
{
	return is_null(o, key) ? NULL : text(in, o, key);
}

/* What goes into file names, and is looked up in the knowledge. */
static char *word(struct reading *in, struct json_object *o, const char *key)
{
	char *s = text(in, o, key);

	if (s && (!*s || *s == '.' || strlen(s) > 64 ||
		  s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")])) {
		wrong(in, key, "is no name");
		free(s);
		return NULL;
	}
	return s;
}

static char *word_or_null(struct reading *in, struct json_object *o, const char *key)
{
	return is_null(o, key) ? NULL : word(in, o, key);
}

static void sum(struct reading *in, struct json_object *o, const char *key, char into[65])
{
	_cleanup_(freep) char *s = text(in, o, key);

	if (s && (strlen(s) != 64 || strspn(s, "0123456789abcdef") != 64))
		wrong(in, key, "is no SHA-256");
	else if (s)
		memcpy(into, s, 65);
}

static size_t list_of(struct reading *in, struct json_object *o, const char *key, struct json_object **ret)
{
	size_t n;

	*ret = member(in, o, key, json_type_array);
	n = *ret ? json_object_array_length(*ret) : 0;
	if (n <= LIST_MAX)
		return n;
	wrong(in, key, "is too long");
	return 0;
}

static void take_texts(struct reading *in, struct json_object *o, const char *key, struct strings *into)
{
	struct json_object *list;
	size_t n = list_of(in, o, key, &list);

	for (size_t i = 0; i < n && in->result == 0; i++) {
		char *s = text_of(in, json_object_array_get_idx(list, i), key, TEXT_MAX, false);

		if (s)
			strings_add(into, s);
		else
			wrong(in, key, "has an entry that is no text");
	}
}

/* An entry of a list that must be an object. */
static struct json_object *entry(struct reading *in, struct json_object *list, size_t i, const char *where)
{
	struct json_object *o = json_object_array_get_idx(list, i);

	if (json_object_is_type(o, json_type_object))
		return o;
	wrong(in, where, "has an entry that is no object");
	return NULL;
}

static void take_kernel(struct reading *in, struct json_object *top, struct record *r)
{
	struct json_object *o = member(in, top, "kernel", json_type_object), *list;
	size_t n = list_of(in, o, "inputs", &list);

	if (o)
		only(in, o, "kernel", " digest release arch inputs ");
	sum(in, o, "digest", r->kernel);
	r->release = text_or_null(in, o, "release");
	r->arch = word_or_null(in, o, "arch");
	r->inputs = xcalloc(n + 1, sizeof(*r->inputs));
	for (size_t i = 0; i < n && in->result == 0; i++) {
		struct json_object *e = entry(in, list, i, "inputs");
		struct record_input *to = &r->inputs[r->n_inputs++];

		if (e)
			only(in, e, "inputs", " package version arch sha256 ");
		to->package = text_or_null(in, e, "package");
		to->version = text_or_null(in, e, "version");
		to->arch = text_or_null(in, e, "arch");
		sum(in, e, "sha256", to->sha256);
	}
}

static void take_ran_on(struct reading *in, struct json_object *top, struct record *r)
{
	struct json_object *o = member(in, top, "ran_on", json_type_object), *list;
	size_t n = list_of(in, o, "files", &list);

	if (o)
		only(in, o, "ran_on", " program version files ");
	r->program = text(in, o, "program");
	r->version = text_or_null(in, o, "version");
	r->files = xcalloc(n + 1, sizeof(*r->files));
	for (size_t i = 0; i < n && in->result == 0; i++) {
		struct json_object *e = entry(in, list, i, "files");
		struct record_file *to = &r->files[r->n_files++];

		if (e)
			only(in, e, "files", " name sha256 ");
		to->name = text(in, e, "name");
		sum(in, e, "sha256", to->sha256);
	}
}

static enum holds take_holds(struct reading *in, struct json_object *o)
{
	_cleanup_(freep) char *s = text(in, o, "holds");

	for (enum holds h = HOLDS_UNKNOWN; s && h <= HOLDS_NO; h++)
		if (streq(s, holds_name(h)))
			return h;
	wrong(in, "holds", "is none of yes, no, unknown");
	return HOLDS_UNKNOWN;
}

static void take_claim(struct reading *in, struct json_object *o, struct record_claim *c)
{
	if (!o)
		return;
	c->userspace = json_object_object_get_ex(o, "userspace", NULL);
	only(in, o, "stands_for",
	     c->userspace ? " userspace version mode through holds " : " hypervisor version mode through holds ");
	c->host = word(in, o, c->userspace ? "userspace" : "hypervisor");
	c->version = word_or_null(in, o, "version");
	c->mode = word_or_null(in, o, "mode");
	take_texts(in, o, "through", &c->through);
	c->holds = take_holds(in, o);
}

static void take_claims(struct reading *in, struct json_object *top, struct record *r)
{
	struct json_object *list;
	size_t n = list_of(in, top, "stands_for", &list);

	r->claims = xcalloc(n + 1, sizeof(*r->claims));
	for (size_t i = 0; i < n && in->result == 0; i++)
		take_claim(in, entry(in, list, i, "stands_for"), &r->claims[r->n_claims++]);
}

static void take_device(struct reading *in, struct json_object *seen, const char *key, struct record_device *d)
{
	struct json_object *o = is_null(seen, key) ? NULL : member(in, seen, key, json_type_object), *v;

	if (!o)
		return;
	only(in, o, key, " name driver verified ");
	d->name = text(in, o, "name");
	d->driver = text_or_null(in, o, "driver");
	v = member(in, o, "verified", json_type_boolean);
	d->verified = v && json_object_get_boolean(v);
}

static void take_probes(struct reading *in, struct json_object *seen, struct record *r)
{
	struct json_object *o = member(in, seen, "probes", json_type_object);

	if (!o)
		return;
	if (json_object_object_length(o) > LIST_MAX) {
		wrong(in, "probes", "are too many");
		return;
	}
	json_object_object_foreach(o, key, v) {
		_cleanup_(freep) char *value = text_of(in, v, "probes", TEXT_MAX, false);

		if (!is_clean(key, strlen(key), 256, false) || !value) {
			wrong(in, "probes", "are no texts");
			return;
		}
		record_saw(r, key, value);
	}
}

static void take_seen(struct reading *in, struct json_object *top, struct record *r)
{
	struct json_object *o = member(in, top, "seen", json_type_object);

	if (!o)
		return;
	only(in, o, "seen", " hypervisor clocksource console disk net probes ");
	r->hypervisor = text_or_null(in, o, "hypervisor");
	r->clocksource = text_or_null(in, o, "clocksource");
	r->console_device = text_or_null(in, o, "console");
	take_device(in, o, "disk", &r->disk);
	take_device(in, o, "net", &r->net);
	take_probes(in, o, r);
}

static void take_outcome(struct reading *in, struct json_object *top, struct record *r)
{
	_cleanup_(freep) char *s = text(in, top, "outcome");
	struct json_object *attempt = member(in, top, "attempt", json_type_int), *seconds = NULL;

	for (r->outcome = 0; s && r->outcome < OUTCOME_COUNT && !streq(s, outcome_name(r->outcome)); r->outcome++)
		;
	if (r->outcome == OUTCOME_COUNT)
		wrong(in, "outcome", "is none that a boot has");
	r->attempt = attempt ? (unsigned)json_object_get_int(attempt) : 0;
	if (r->attempt < 1 || r->attempt > ATTEMPTS_MAX)
		wrong(in, "attempt", "is out of range");
	json_object_object_get_ex(top, "seconds", &seconds);
	if (!json_object_is_type(seconds, json_type_double) && !json_object_is_type(seconds, json_type_int))
		wrong(in, "seconds", "is no number");
	r->seconds = json_object_get_double(seconds);
	if (!isfinite(r->seconds) || r->seconds < 0)
		wrong(in, "seconds", "is out of range");
	r->why = text_or_null(in, top, "why");
}

/* YYYY-MM-DDThh:mm:ssZ, which sorts as time goes. */
static char *take_when(struct reading *in, struct json_object *top)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	char *when = text(in, top, "when");
	size_t i = 0;

	while (when && form[i] && (form[i] == 'd' ? when[i] >= '0' && when[i] <= '9' : when[i] == form[i]))
		i++;
	if (!when || (!form[i] && !when[i]))
		return when;
	wrong(in, "when", "is no time, YYYY-MM-DDThh:mm:ssZ");
	free(when);
	return NULL;
}

/* What it says in two places must be the same. */
static void check(struct reading *in, const struct record *r)
{
	char digest[65];

	if (in->result < 0)
		return;
	if (!record_inputs_digest(r, digest) || !streq(digest, r->kernel))
		wrong(in, "digest", "is not that of the kernel's inputs");
	for (size_t i = 0; i < r->n_claims; i++) {
		enum holds h = r->claims[i].holds;

		if ((h == HOLDS_YES && r->outcome != OUTCOME_BOOTED) || (h != HOLDS_UNKNOWN && !record_decides(r)))
			wrong(in, "holds", "says more than the outcome does");
	}
}

static void take_record(struct reading *in, struct json_object *top, bool console, struct record *r)
{
	_cleanup_(freep) char *schema = text(in, top, "schema");
	struct json_object *recipe;

	if (!schema || !streq(schema, SCHEMA))
		wrong(in, "schema", "is not " SCHEMA);
	only(in, top, "the record",
	     " schema hvcompat when kernel recipe ran_on stands_for outcome why seconds attempt seen command append console ");
	r->hvcompat = text(in, top, "hvcompat");
	r->when = take_when(in, top);
	take_kernel(in, top, r);
	recipe = member(in, top, "recipe", json_type_object);
	if (recipe)
		only(in, recipe, "recipe", " family name digest ");
	r->family = word(in, recipe, "family");
	r->recipe = word(in, recipe, "name");
	sum(in, recipe, "digest", r->recipe_digest);
	take_ran_on(in, top, r);
	take_claims(in, top, r);
	take_outcome(in, top, r);
	take_seen(in, top, r);
	take_texts(in, top, "command", &r->command);
	r->append = text_or_null(in, top, "append");
	r->console = text_of(in, member(in, top, "console", json_type_string), "console", RECORD_CONSOLE_MAX, true);
	if (!console) {
		free(r->console);
		r->console = NULL;
	}
	check(in, r);
}

int record_parse(const char *name, const char *bytes, size_t n, bool console, struct record **ret, struct error *err)
{
	_cleanup_(record_freep) struct record *r = xcalloc(1, sizeof(*r));
	struct reading in = { .name = name, .err = err };
	struct json_object *top = json_parse_strict(bytes, n, DEPTH_MAX);

	if (!json_object_is_type(top, json_type_object))
		wrong(&in, "the text", "is not JSON, or not one object");
	else
		take_record(&in, top, console, r);
	json_object_put(top);
	if (in.result == 0)
		*ret = TAKE_PTR(r);
	return in.result;
}
