/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/format.h"

struct jobs {
	pthread_mutex_t lock;
	size_t next, n;
	void (*job)(void *ctx, size_t i);
	void *ctx;
};

static bool jobs_next(struct jobs *j, size_t *ret)
{
	bool any;

	pthread_mutex_lock(&j->lock);
	any = j->next < j->n;
	if (any)
		*ret = j->next++;
	pthread_mutex_unlock(&j->lock);
	return any;
}

static void *jobs_work(void *ctx)
{
	struct jobs *j = ctx;
	size_t i;

	while (jobs_next(j, &i))
		j->job(j->ctx, i);
	return NULL;
}

void run_jobs(unsigned threads, size_t n, void (*job)(void *ctx, size_t i), void *ctx)
{
	struct jobs j = { .lock = PTHREAD_MUTEX_INITIALIZER, .n = n, .job = job, .ctx = ctx };
	pthread_t others[PKG_THREADS_MAX];
	unsigned want = threads < PKG_THREADS_MAX ? threads : PKG_THREADS_MAX, started = 0;

	while (started + 1 < want && started + 1 < n &&
	       pthread_create(&others[started], NULL, jobs_work, &j) == 0)
		started++;
	jobs_work(&j);
	while (started > 0)
		pthread_join(others[--started], NULL);
}
