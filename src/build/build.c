/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/statvfs.h>

static const struct step {
	const char *name;
	int (*run)(struct build *b, struct error *err);
	const char *remedy; /* after a failure that says nothing better */
} steps[] = {
	{ "unpack", step_unpack, "check the source" },
	{ "shims", step_shims, "leave the shim out, or take a source that it is for" },
	{ "configure", step_configure, "mend the config" },
	{ "compile", step_compile, "mend what the compiler names" },
	{ "package", step_package, "mend what the packager names" },
	{ "verify", step_verify, "see the report" },
};

void build_say(const struct build *b, enum build_words kind, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list args;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	if (b->log >= 0 && (kind == BUILD_NOTE || kind == BUILD_FLAW))
		dprintf(b->log, "hvcompat: %s\n", text);
	if (b->listener && b->listener->say)
		b->listener->say(b->listener->ctx, kind, text);
}

/* Says where the room has run out, which the programs that failed for it seldom do. */
static int disk_full(const struct build *b, struct error *err)
{
	struct statvfs st;
	unsigned long long left = statvfs(b->work, &st) == 0 ? (unsigned long long)st.f_bavail * st.f_frsize : 0;

	error_clear(err);
	return error_set(err, ENOSPC,
			 "no space left on the disk of %s (%llu MB free); make room there, or begin anew with --work on another disk",
			 b->work, left >> 20);
}

static int step_failed(const struct build *b, size_t i, int code, struct error *err)
{
	char why[sizeof(err->text)];
	bool full = code == -ENOSPC || b->tail.disk_full;

	if (full)
		disk_full(b, err);
	memcpy(why, err->text, sizeof(why));
	error_clear(err);
	if (code == -EINTR)
		return error_set(err, EINTR, "step %zu/%zu %s: %s; nothing was let out; --resume goes on in %s", i + 1,
				 ARRAY_SIZE(steps), steps[i].name, why, b->work);
	if (code == -ECHILD || full) /* what we say ourselves needs no log to explain it */
		log_tail(b);
	return error_set(err, full ? ENOSPC : code, "step %zu/%zu %s: %s; %s%sthen go on with --resume; the log is %s/build.log",
			 i + 1, ARRAY_SIZE(steps), steps[i].name, why, full ? "" : steps[i].remedy, full ? "" : ", ", b->work);
}

static bool is_done(const struct build *b, size_t i)
{
	_cleanup_(freep) char *key = xasprintf("done.%s", steps[i].name);

	/* What is let out was verified by the very run that does it. */
	return i + 1 < ARRAY_SIZE(steps) && state_get(&b->state, key) != NULL;
}

static int mark_done(struct build *b, size_t i, struct error *err)
{
	_cleanup_(freep) char *key = xasprintf("done.%s", steps[i].name);

	return state_set(&b->state, key, "yes", err);
}

static int run_step(struct build *b, size_t i, struct error *err)
{
	int r;

	if (command_interrupted())
		return step_failed(b, i, error_set(err, EINTR, "stopped by a signal"), err);
	if (is_done(b, i)) {
		build_say(b, BUILD_STEP, "%zu/%zu %s: done before", i + 1, ARRAY_SIZE(steps), steps[i].name);
		return 0;
	}
	build_say(b, BUILD_STEP, "%zu/%zu %s", i + 1, ARRAY_SIZE(steps), steps[i].name);
	log_step(b, steps[i].name);
	tools_environment(b);
	r = steps[i].run(b, err);
	if (r == 0 && command_interrupted())
		r = error_set(err, EINTR, "stopped by a signal");
	if (r < 0)
		return step_failed(b, i, r, err);
	/* What was blocked is decided again by the next run: the policy may have been mended. */
	return b->result->status == EXIT_OK ? mark_done(b, i, err) : 0;
}

bool build_is_step(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (streq(steps[i].name, name))
			return true;
	return false;
}

static int run_steps(struct build *b, struct error *err)
{
	const char *until = b->request->until;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int r = run_step(b, i, err);

		if (r < 0 || b->result->status != EXIT_OK)
			return r;
		if (!until || !streq(until, steps[i].name))
			continue;
		build_say(b, BUILD_NOTE, "stopped behind this step, as asked; --resume goes on in %s", b->work);
		b->result->unfinished = true;
		return 0;
	}
	return 0;
}

/* What the steps of an earlier run have left for those that are still to come. */
static void restore(struct build *b)
{
	const char *epoch = state_get(&b->state, "epoch"), *version = state_get(&b->state, "version");
	const char *release = state_get(&b->state, "release");

	if (epoch)
		b->epoch = strtoll(epoch, NULL, 10);
	b->version = version ? xstrdup(version) : NULL;
	b->result->release = release ? xstrdup(release) : NULL;
	policy_restore(b);
}

static int given_epoch(long long *ret, struct error *err)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	char *end;

	*ret = 0;
	if (!text || !*text)
		return 0;
	*ret = strtoll(text, &end, 10);
	if (*end || *ret <= 0)
		return error_set(err, EINVAL, "SOURCE_DATE_EPOCH is '%.40s'; expected seconds since 1970", text);
	return 0;
}

static int prepare(struct build *b, struct error *err)
{
	enum source_kind kind;
	int r = source_kind(b->request->source, &kind, err);

	if (r == 0)
		r = configs_check(b, err);
	if (r == 0)
		r = given_epoch(&b->epoch, err);
	if (r == 0)
		r = tools_find(b, err);
	if (r == 0)
		r = shims_load(b, err);
	if (r == 0)
		r = work_open(b, err);
	if (r == 0)
		r = log_open(b, err);
	if (r == 0)
		r = work_inputs(b, err);
	if (r < 0)
		return r;
	restore(b);
	return shims_load(b, err);
}

static void build_done(struct build *b)
{
	work_close(b, false, NULL);
	log_done(b);
	state_done(&b->state);
	shims_done(b);
	settings_done(&b->settings);
	strings_done(&b->make_words);
	strings_done(&b->policy_options);
	free(b->version);
	free(b->tree);
	free(b->stage);
	free(b->packages);
	free(b->work);
	free(b->out);
}

int build_run(const struct build_request *request, const struct build_listener *listener,
	      struct build_result *ret, struct error *err)
{
	struct build b = { .request = request, .listener = listener, .result = ret, .lock = -1, .log = -1 };
	int r;

	*ret = (struct build_result){ .status = EXIT_OK };
	command_listen();
	r = prepare(&b, err);
	if (r == 0)
		r = run_steps(&b, err);
	if (r == 0 && ret->status == EXIT_OK && !ret->unfinished)
		r = out_release(&b, err);
	if (r == 0 && ret->status == EXIT_OK && !ret->unfinished)
		r = work_close(&b, !request->keep_work, err);
	build_done(&b);
	return r;
}

void build_result_done(struct build_result *r)
{
	for (size_t i = 0; i < r->n_checked; i++)
		checked_done(&r->checked[i]);
	free(r->checked);
	free(r->release);
	strings_done(&r->files);
	strings_done(&r->evidence);
	strings_done(&r->provides);
	*r = (struct build_result){ 0 };
}
