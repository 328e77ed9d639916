/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/repo.h"

#include <errno.h>

#include "base/fs.h"
#include "cmd/output.h"

static enum exit_status failed(const struct error *err)
{
	complain("%s", err->text);
	return EXIT_FAILED;
}

void repo_done(struct repo *r)
{
	for (size_t i = 0; i < r->n_rulings; i++) {
		ruling_free(r->rulings[i]->ruling);
		free(r->rulings[i]);
	}
	free(r->rulings);
	free(r->old_key);
	free(r->cache);
	free(r->wanted);
	free(r->selections);
	policy_free(r->policy);
	index_kernels_done(&r->kernels);
	packaging_free(r->packaging);
	index_list_done(&r->indexes);
	session_end(&r->session);
}

enum exit_status repo_open(struct repo *r, const char *const *where, size_t n, struct index_list *list)
{
	const struct options *o = r->options;
	struct index_options io = { .keyrings = o->keyrings, .allow_unsigned = o->allow_unsigned, .today = o->today };
	struct error err = { 0 };

	for (size_t i = 0; i < n; i++)
		if (index_open(where[i], &io, list, &err) < 0)
			return failed(&err);
	return index_check_across(list->indexes, list->count, &err) < 0 ? failed(&err) : EXIT_OK;
}

static enum exit_status open_all(struct repo *r)
{
	struct error err = { 0 };
	enum exit_status status = repo_open(r, r->options->repos, r->options->n_repos, &r->indexes);

	if (status != EXIT_OK)
		return status;
	if (packaging_load((const char *const *)r->session.dirs, &r->packaging, &err) < 0)
		return failed(&err);
	for (size_t i = 0; i < r->indexes.count; i++)
		packaging_kernels(r->packaging, r->indexes.indexes[i], &r->kernels);
	return EXIT_OK;
}

/* --- the cache -------------------------------------------------------------------------------- */

/* The policy with its drop-ins, all knowledge, boots on record, the day that waivers are held against, and ourselves. */
static int digest_judge(struct repo *r, struct error *err)
{
	_cleanup_(buf_done) struct buf b = { 0 };
	_cleanup_(freep) char *dropins = xasprintf("%s.d", r->policy->file);
	char digest[65];

	buf_addf(&b, "hvcompat " HVCOMPAT_VERSION " ruling 1\n%s %u %s\n", r->policy->name, r->policy->version,
		 r->policy->waivers_count > 0 ? r->options->today : "");
	if (fs_fingerprint(r->policy->file, true, digest, err) < 0)
		return err->code;
	buf_addf(&b, "%s\n", digest);
	if (fs_is_dir(dropins)) {
		if (fs_fingerprint(dropins, true, digest, err) < 0)
			return err->code;
		buf_addf(&b, "%s\n", digest);
	}
	for (size_t i = 0; r->session.dirs[i]; i++) {
		if (fs_fingerprint(r->session.dirs[i], true, digest, err) < 0)
			return err->code;
		buf_addf(&b, "%s\n", digest);
	}
	/* What is on record of one kernel is in no index: all of it counts for each. */
	if (r->options->boots && fs_fingerprint(r->options->boots, true, digest, err) < 0)
		return err->code;
	buf_addf(&b, "%s\n", r->options->boots ? digest : "");
	return fs_digest(b.text, b.len, r->judged_by, err);
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

static void key_of(const struct repo *r, const struct index_kernel *k, char into[65])
{
	_cleanup_(buf_done) struct buf b = { 0 };

	buf_addf(&b, "%s\n", r->judged_by);
	if (r->old)
		buf_addf(&b, "update of %s\n", r->old_key ? r->old_key : "");
	for (size_t i = 0; i < k->n_packages; i++)
		buf_addf(&b, "%s %s\n", k->packages[i]->name, k->packages[i]->sha256);
	/* digest_judge() has digested before: what could be missing for it is not. */
	if (fs_digest(b.text, b.len, into, NULL) < 0)
		abort();
}

void repo_compare(struct repo *r, const struct support *old, const char *key)
{
	free(r->old_key);
	r->old = r->policy->drops == DROPS_REPORT ? NULL : old;
	r->old_key = key ? xstrdup(key) : NULL;
}

static bool may_cache(const struct repo *r)
{
	return r->cache && (!r->old || r->old_key);
}

/* --- judging ---------------------------------------------------------------------------------- */

int repo_files_find(const struct repo *r, const struct index_kernel *k, struct repo_files *ret, struct error *err)
{
	struct buf b = { 0 };
	int q = 0;

	*ret = (struct repo_files){ .stamps = xcalloc(k->n_packages, sizeof(*ret->stamps)) };
	for (size_t i = 0; q == 0 && i < k->n_packages; i++) {
		char *path = NULL;

		q = index_file(k->index, k->packages[i], r->options->pools, &path, &ret->stamps[i], err);
		if (q < 0)
			break;
		strings_add(&ret->paths, path);
		/* Where a set of packages is named, a comma is between two of them: others would be read than were found. */
		if (strchr(path, ',')) {
			q = error_set(err, EINVAL, "%s: a comma in its name; give the repository a place without", path);
			break;
		}
		buf_addf(&b, "%s%s", i ? "," : "", path);
	}
	ret->arg = b.text;
	if (q < 0)
		repo_files_done(ret);
	return q;
}

void repo_files_done(struct repo_files *f)
{
	strings_done(&f->paths);
	free(f->stamps);
	free(f->arg);
	*f = (struct repo_files){ 0 };
}

static enum exit_status repo_look(struct repo *r, const char *arg, struct kernel_list *list, struct look **ret)
{
	struct kernel *kernel = NULL;
	enum exit_status status = session_open_one(&r->session, arg, list, &kernel);

	return status == EXIT_OK ? session_look(&r->session, kernel, r->wanted, DEPTH_DEEP, ret) : status;
}

/* NULL: none. */
static const char *changed_since(const struct repo_files *f)
{
	for (size_t i = 0; i < f->paths.n; i++) {
		struct index_stamp now = index_stamp(f->paths.items[i]);

		if (!index_stamp_same(&now, &f->stamps[i]))
			return f->paths.items[i];
	}
	return NULL;
}

enum exit_status repo_look_files(struct repo *r, const struct repo_files *f, struct kernel_list *list, struct look **ret)
{
	enum exit_status status = repo_look(r, f->arg, list, ret);
	const char *changed = changed_since(f);

	/* Whatever was read, it is not known to be what the index says. */
	if (!changed)
		return status;
	*ret = NULL;
	return session_refuse(&r->session, changed, "was changed while it was being read: try again");
}

struct ruling *repo_judge(struct repo *r, const struct index_kernel *k)
{
	struct session *s = &r->session;
	struct kernel_list list = { 0 };
	struct error err = { 0 };
	_cleanup_(repo_files_done) struct repo_files files;
	size_t kept = s->n_looks;
	struct look *look = NULL;
	struct ruling *ruling;

	if (repo_files_find(r, k, &files, &err) < 0) {
		complain("%s", err.text);
		return ruling_failed("%s", err.text);
	}
	repo_look_files(r, &files, &list, &look);
	if (look) {
		_cleanup_(decision_freep) struct decision *d = decide(r->old, look->support, r->policy, r->options->today);

		ruling = ruling_of(d, look->support);
	} else {
		/* The session has said it, and keeps the words. */
		ruling = ruling_failed("%s", s->n_errors ? s->errors[s->n_errors - 1].message : "it could not be read");
	}
	session_forget(s, kept);
	kernel_list_done(&list);
	return ruling;
}

static void keep(struct repo *r, const struct repo_ruling *it)
{
	struct error err = { 0 };

	/* What could not be read may be readable tomorrow. */
	if (!may_cache(r) || it->cached || it->ruling->result == RULING_FAILED)
		return;
	if (ruling_store(r->cache, it->key, it->ruling, &err) < 0) {
		complain("%s; rulings are not kept", err.text);
		free(r->cache);
		r->cache = NULL;
	}
}

struct repo_ruling *repo_known(struct repo *r, const struct index_kernel *k)
{
	struct repo_ruling *it;
	struct error err = { 0 };
	char key[65];

	key_of(r, k, key);
	for (size_t i = 0; i < r->n_rulings; i++)
		if (streq(r->rulings[i]->key, key))
			return r->rulings[i];
	it = xcalloc(1, sizeof(*it));
	memcpy(it->key, key, sizeof(key));
	if (may_cache(r) && ruling_load(r->cache, key, &it->ruling, &err) == 0)
		it->cached = true;
	ARRAY_GROW(r->rulings, r->n_rulings);
	return r->rulings[r->n_rulings++] = it;
}

void repo_know(struct repo *r, struct repo_ruling *it, struct ruling *ruling)
{
	it->ruling = ruling;
	keep(r, it);
}

const struct repo_ruling *repo_rule(struct repo *r, const struct index_kernel *k)
{
	struct repo_ruling *it = repo_known(r, k);

	if (!it->ruling)
		repo_know(r, it, repo_judge(r, k));
	return it;
}

enum exit_status repo_status(const struct ruling *r)
{
	static const enum exit_status map[] = {
		[RULING_ALLOWED] = EXIT_OK,
		[RULING_BLOCKED] = EXIT_BLOCKED,
		[RULING_UNDECIDED] = EXIT_UNDECIDED,
		[RULING_FAILED] = EXIT_FAILED,
	};

	return map[r->result];
}

/* Everything, where the policy asks about all that an old kernel had. */
static void limit(struct repo *r, bool compares)
{
	struct report limits = { 0 };

	r->selections = policy_selections(r->policy, &limits);
	if (!compares || r->policy->drops == DROPS_REPORT)
		r->wanted = selected_wants(r->session.knowledge, &limits);
}

enum exit_status repo_begin(struct repo *r, const struct options *o, bool compares)
{
	struct error err = { 0 };
	enum exit_status status;

	r->options = o;
	status = session_begin(&r->session, o);
	r->session.some_unrecorded = true; /* what is installed */
	if (status == EXIT_OK)
		status = open_all(r);
	if (status == EXIT_OK)
		status = session_knowledge(&r->session);
	if (status == EXIT_OK)
		status = session_policy(&r->session, o->policy, &r->policy);
	if (status != EXIT_OK)
		return status;
	if (digest_judge(r, &err) < 0)
		return failed(&err);
	r->cache = cache_dir(o);
	limit(r, compares);
	return EXIT_OK;
}
