/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "build/package_parts.h"

/* "sh" to "jobs", then the job's own words for make. Borrows all; the array is owned. */
static const char **stage_words(const struct package_job *job, const char *script, const char *epoch,
				const char *jobs)
{
	const char *const front[] = { "sh",  script,	  job->tree, job->stage, job->release,
				      epoch, job->karch, jobs };
	size_t n = 0;
	const char **words;

	while (job->make && job->make[n])
		n++;
	words = xcalloc(ARRAY_SIZE(front) + n + 1, sizeof(*words));
	memcpy(words, front, sizeof(front));
	if (n > 0)
		memcpy(words + ARRAY_SIZE(front), job->make, n * sizeof(*words));
	return words;
}

int package_stage(const struct package_job *job, struct error *err)
{
	_cleanup_(freep) char *script = xasprintf("%s/stage", job->spec), *epoch = xasprintf("%lld", job->epoch);
	_cleanup_(freep) char *jobs = xasprintf("%u", job->jobs ? job->jobs : 1);
	_cleanup_(freep) const char **argv = stage_words(job, script, epoch, jobs);
	static const char *const env[] = { "LC_ALL=C", NULL };
	struct package_names names;
	struct error ignored = { 0 };
	int r;

	r = package_names_of(job, &names, err);
	if (r < 0)
		return r;
	package_names_done(&names);
	r = package_run(job, argv, env, "staging the kernel", "dash", err);
	if (r < 0)
		fs_remove(job->stage, &ignored);
	return r;
}
