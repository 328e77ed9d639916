/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/check_repo.h"

#include <errno.h>
#include <json-c/json.h>

#include "base/fs.h"
#include "cmd/common.h"
#include "cmd/output.h"
#include "gate/packaging.h"
#include "gate/ruling.h"
#include "report/text.h"

/* One kernel of an index, and what was said of it. */
struct row {
	const struct index_kernel *kernel;
	struct ruling *ruling; /* owned */
	bool cached;
};

struct check_repo {
	struct session session;
	const struct options *options;
	struct index_list indexes;
	struct packaging_list *packaging;
	struct index_kernels kernels;
	struct policy *policy;
	struct selection *selections;
	bool *wanted;
	char judged_by[65]; /* digest of what each ruling rests on besides the packages */
	char *cache;        /* directory; NULL: none */
	struct row *rows;
	size_t n_rows;
	enum exit_status exit;
};

static void check_repo_done(struct check_repo *c)
{
	for (size_t i = 0; i < c->n_rows; i++)
		ruling_free(c->rows[i].ruling);
	free(c->rows);
	free(c->cache);
	free(c->wanted);
	free(c->selections);
	policy_free(c->policy);
	index_kernels_done(&c->kernels);
	packaging_free(c->packaging);
	index_list_done(&c->indexes);
	session_end(&c->session);
}

static enum exit_status failed(const struct error *err)
{
	complain("%s", err->text);
	return EXIT_FAILED;
}

static enum exit_status open_all(struct check_repo *c)
{
	const struct options *o = c->options;
	struct index_options io = { .keyrings = o->keyrings, .allow_unsigned = o->allow_unsigned, .today = o->today };
	struct error err = { 0 };

	for (size_t i = 0; i < o->n_repos; i++)
		if (index_open(o->repos[i], &io, &c->indexes, &err) < 0)
			return failed(&err);
	if (packaging_load((const char *const *)c->session.dirs, &c->packaging, &err) < 0)
		return failed(&err);
	for (size_t i = 0; i < c->indexes.count; i++)
		packaging_kernels(c->packaging, c->indexes.indexes[i], &c->kernels);
	return EXIT_OK;
}

/* --- the cache -------------------------------------------------------------------------------- */

/* The policy with its drop-ins, all knowledge, the day that waivers are held against, and ourselves. */
static int digest_judge(struct check_repo *c, struct error *err)
{
	_cleanup_(buf_done) struct buf b = { 0 };
	_cleanup_(freep) char *dropins = xasprintf("%s.d", c->policy->file);
	char digest[65];

	buf_addf(&b, "hvcompat " HVCOMPAT_VERSION " ruling 1\n%s %u %s\n", c->policy->name, c->policy->version,
		 c->policy->waivers_count > 0 ? c->options->today : "");
	if (fs_fingerprint(c->policy->file, true, digest, err) < 0)
		return err->code;
	buf_addf(&b, "%s\n", digest);
	if (fs_is_dir(dropins)) {
		if (fs_fingerprint(dropins, true, digest, err) < 0)
			return err->code;
		buf_addf(&b, "%s\n", digest);
	}
	for (size_t i = 0; c->session.dirs[i]; i++) {
		if (fs_fingerprint(c->session.dirs[i], true, digest, err) < 0)
			return err->code;
		buf_addf(&b, "%s\n", digest);
	}
	fs_digest(b.text, b.len, c->judged_by);
	return 0;
}

static char *cache_dir(const struct options *o)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (o->cache)
		return *o->cache ? xstrdup(o->cache) : NULL;
	if (base && *base == '/')
		return xasprintf("%s/hvcompat/rulings", base);
	return home && *home == '/' ? xasprintf("%s/.cache/hvcompat/rulings", home) : NULL;
}

static void key_of(const struct check_repo *c, const struct index_kernel *k, char into[65])
{
	_cleanup_(buf_done) struct buf b = { 0 };

	buf_addf(&b, "%s\n", c->judged_by);
	for (size_t i = 0; i < k->n_packages; i++)
		buf_addf(&b, "%s %s\n", k->packages[i]->name, k->packages[i]->sha256);
	fs_digest(b.text, b.len, into);
}

/* --- judging ---------------------------------------------------------------------------------- */

/* The files of a kernel as one argument; owned. NULL: one is not there, or not the one of the index. */
static char *files_of(const struct check_repo *c, const struct index_kernel *k, struct error *err)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < k->n_packages; i++) {
		_cleanup_(freep) char *path = NULL;

		if (index_file(k->index, k->packages[i], c->options->pools, &path, err) < 0) {
			buf_done(&b);
			return NULL;
		}
		buf_addf(&b, "%s%s", i ? "," : "", path);
	}
	return b.text;
}

static struct ruling *judge(struct check_repo *c, const struct index_kernel *k)
{
	struct session *s = &c->session;
	struct kernel_list list = { 0 };
	struct error err = { 0 };
	_cleanup_(freep) char *arg = files_of(c, k, &err);
	struct kernel *kernel = NULL;
	struct look *look = NULL;
	struct ruling *r;

	if (!arg)
		return ruling_failed("%s", err.text);
	if (session_open_one(s, arg, &list, &kernel) == EXIT_OK)
		session_look(s, kernel, c->wanted, DEPTH_DEEP, &look);
	if (look) {
		_cleanup_(decision_freep) struct decision *d = decide(NULL, look->support, c->policy, c->options->today);

		r = ruling_of(d, look->support);
	} else {
		/* The session has said it, and keeps the words. */
		r = ruling_failed("%s", s->n_errors ? s->errors[s->n_errors - 1].message : "it could not be read");
	}
	session_forget(s);
	kernel_list_done(&list);
	return r;
}

static enum exit_status status_of(const struct ruling *r)
{
	static const enum exit_status map[] = {
		[RULING_ALLOWED] = EXIT_OK,
		[RULING_BLOCKED] = EXIT_BLOCKED,
		[RULING_UNDECIDED] = EXIT_UNDECIDED,
		[RULING_FAILED] = EXIT_FAILED,
	};

	return map[r->result];
}

static void rule(struct check_repo *c, const struct index_kernel *k)
{
	struct row row = { .kernel = k };
	struct error err = { 0 };
	char key[65];

	key_of(c, k, key);
	if (c->cache && ruling_load(c->cache, key, &row.ruling, &err) == 0)
		row.cached = true;
	if (!row.ruling)
		row.ruling = judge(c, k);
	/* What could not be read may be readable tomorrow. */
	if (c->cache && !row.cached && row.ruling->result != RULING_FAILED &&
	    ruling_store(c->cache, key, row.ruling, &err) < 0) {
		complain("%s; rulings are not kept", err.text);
		free(c->cache);
		c->cache = NULL;
	}
	c->exit = status_worse(c->exit, status_of(row.ruling));
	ARRAY_GROW(c->rows, c->n_rows);
	c->rows[c->n_rows++] = row;
}

/* --- the report ------------------------------------------------------------------------------- */

static void print_row(const struct text *t, const struct row *row, size_t width)
{
	static const enum ink inks[] = { INK_GOOD, INK_BAD, INK_WARN, INK_BAD };
	const struct ruling *r = row->ruling;

	text_put(t, INK_PLAIN, "  ", 0);
	text_put(t, INK_PLAIN, row->kernel->name, width + 2);
	text_put(t, inks[r->result], ruling_name(r->result), 11);
	text_put(t, INK_DIM, row->kernel->packages[0]->version, 0);
	fputc('\n', t->out);
	for (size_t i = 0; i < r->n_findings && i < 3; i++)
		text_line(t, 4, INK_PLAIN, "%s: %s", r->findings[i].lost, r->findings[i].message);
	if (r->n_findings > 3)
		text_line(t, 4, INK_DIM, "and %zu more: check the package itself", r->n_findings - 3);
	if (r->error)
		text_line(t, 4, INK_PLAIN, "%s", r->error);
}

static const struct row *newest_allowed(const struct check_repo *c)
{
	for (size_t i = c->n_rows; i-- > 0;)
		if (c->rows[i].ruling->result == RULING_ALLOWED)
			return &c->rows[i];
	return NULL;
}

static void print_text(const struct check_repo *c, FILE *out)
{
	struct text t = { .out = out, .columns = output_columns(c->options), .color = output_color(c->options) };
	const struct row *newest = newest_allowed(c);
	size_t width = 0, cached = 0;

	for (size_t i = 0; i < c->indexes.count; i++) {
		const struct index *x = c->indexes.indexes[i];

		text_line(&t, 0, INK_BOLD, "%s", x->label);
		text_line(&t, 2, x->signer ? INK_DIM : INK_WARN, "%s%s", x->signer ? "signed by " : "nobody signed it",
			  x->signer ? x->signer : "");
	}
	text_line(&t, 0, INK_PLAIN, "policy %s, version %u", c->policy->name, c->policy->version);
	for (size_t i = 0; i < c->n_rows; i++) {
		size_t n = text_width(c->rows[i].kernel->name);

		width = n > width ? n : width;
		cached += c->rows[i].cached;
	}
	for (size_t i = 0; i < c->n_rows; i++)
		print_row(&t, &c->rows[i], width);
	if (c->n_rows == 0)
		text_line(&t, 2, INK_BAD, "no package in it is called as a kernel's: nothing was judged");
	else
		text_line(&t, 0, INK_PLAIN, "%zu kernels, %zu of them ruled before; newest allowed: %s", c->n_rows, cached,
			  newest ? newest->kernel->name : "none");
}

static void put(struct json_object *o, const char *name, const char *s)
{
	_cleanup_(freep) char *good = s ? text_utf8(s) : NULL;

	if (good)
		json_object_object_add(o, name, json_object_new_string(good));
}

static struct json_object *json_row(const struct row *row)
{
	_cleanup_(freep) char *line = ruling_print(row->ruling);
	struct json_object *o = json_object_new_object(), *packages = json_object_new_array();

	put(o, "kernel", row->kernel->name);
	put(o, "repository", row->kernel->index->label);
	for (size_t i = 0; i < row->kernel->n_packages; i++) {
		const struct index_package *p = row->kernel->packages[i];
		struct json_object *q = json_object_new_object();

		put(q, "name", p->name);
		put(q, "version", p->version);
		put(q, "arch", p->arch);
		put(q, "sha256", p->sha256);
		json_object_array_add(packages, q);
	}
	json_object_object_add(o, "packages", packages);
	json_object_object_add(o, "ruling", json_tokener_parse(line));
	json_object_object_add(o, "cached", json_object_new_boolean(row->cached));
	return o;
}

static void print_json(const struct check_repo *c, FILE *out)
{
	struct json_object *o = json_object_new_object(), *rows = json_object_new_array(), *repos = json_object_new_array();
	const struct row *newest = newest_allowed(c);

	put(o, "schema", "hvcompat-repository/1");
	put(o, "command", "check");
	json_object_object_add(o, "exit", json_object_new_int(c->exit));
	put(o, "policy", c->policy->name);
	for (size_t i = 0; i < c->indexes.count; i++) {
		struct json_object *r = json_object_new_object();

		put(r, "label", c->indexes.indexes[i]->label);
		put(r, "signer", c->indexes.indexes[i]->signer);
		json_object_array_add(repos, r);
	}
	json_object_object_add(o, "repositories", repos);
	for (size_t i = 0; i < c->n_rows; i++)
		json_object_array_add(rows, json_row(&c->rows[i]));
	json_object_object_add(o, "kernels", rows);
	put(o, "newest_allowed", newest ? newest->kernel->name : NULL);
	fprintf(out, "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static enum exit_status write_out(const struct check_repo *c)
{
	_cleanup_(output_done) struct output out = { 0 };
	struct error err = { 0 };
	int r;

	if (c->options->quiet)
		return EXIT_OK;
	if (output_open(&out, c->options, &err) < 0)
		return failed(&err);
	if (c->options->format == REPORT_JSON)
		print_json(c, out.stream);
	else
		print_text(c, out.stream);
	r = output_commit(&out, &err);
	return r == 0 ? EXIT_OK : r == -EPIPE ? EXIT_FAILED : failed(&err);
}

static enum exit_status check_all(struct check_repo *c)
{
	struct report limits = { 0 };
	struct error err = { 0 };
	enum exit_status status = open_all(c);

	if (status == EXIT_OK)
		status = session_knowledge(&c->session);
	if (status == EXIT_OK)
		status = session_policy(&c->session, c->options->policy, &c->policy);
	if (status != EXIT_OK)
		return status;
	if (digest_judge(c, &err) < 0)
		return failed(&err);
	c->cache = cache_dir(c->options);
	c->selections = policy_selections(c->policy, &limits);
	c->wanted = selected_wants(c->session.knowledge, &limits);
	/* That nothing was judged is no consent. */
	if (c->kernels.count == 0)
		c->exit = EXIT_FAILED;
	for (size_t i = 0; i < c->kernels.count; i++)
		rule(c, &c->kernels.kernels[i]);
	return status_worse(c->exit, write_out(c));
}

enum exit_status check_repos(struct options *o)
{
	_cleanup_(check_repo_done) struct check_repo c = { .options = o };
	enum exit_status status;

	if (o->n_args > 0)
		return usage_error(o, "check takes kernels or --repo, not both");
	if (o->format != REPORT_TEXT && o->format != REPORT_JSON)
		return usage_error(o, "check --repo writes text or json");
	status = session_begin(&c.session, o);
	return status == EXIT_OK ? check_all(&c) : status;
}
