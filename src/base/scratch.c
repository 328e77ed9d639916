/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/scratch.h"

#include <errno.h>
#include <pthread.h>

#include "base/fs.h"

/* Those that are there. Repositories are verified on threads of their own. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct strings there;
static pid_t owner;

/* A worker inherits the list, and has no business with it. */
static void remove_all(void)
{
	if (getpid() != owner || pthread_mutex_trylock(&lock) != 0)
		return;
	for (size_t i = 0; i < there.n; i++)
		fs_remove(there.items[i], NULL);
	pthread_mutex_unlock(&lock);
}

/* Returns what is noted, as long as `dir`, to be corrected when its name is known. */
static char *note(const char *dir)
{
	char *copy = xstrdup(dir);

	pthread_mutex_lock(&lock);
	if (owner != getpid()) {
		strings_done(&there);
		owner = getpid();
		atexit(remove_all);
	}
	strings_add(&there, copy);
	pthread_mutex_unlock(&lock);
	return copy;
}

static void forget(const char *dir)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < there.n; i++) {
		if (!streq(there.items[i], dir))
			continue;
		free(there.items[i]);
		there.items[i] = there.items[--there.n];
		break;
	}
	pthread_mutex_unlock(&lock);
}

int scratch_make(const char *what, char **ret, struct error *err)
{
	const char *top = getenv("TMPDIR");
	/* A comma separates the packages of a kernel, which may lie there. */
	bool good = top && *top == '/' && !strchr(top, ',');
	_cleanup_(freep) char *dir = xasprintf("%s/hvcompat-%s.XXXXXX", good ? top : "/tmp", what);
	char *noted;

	/* Noted while it is not there yet: nothing may fail once it is. */
	noted = note(dir);
	if (!mkdtemp(dir)) {
		int code = errno;

		forget(dir);
		return error_set(err, code, "%s: this directory cannot be made: %s", dir, strerror(code));
	}
	strcpy(noted, dir);
	*ret = TAKE_PTR(dir);
	return 0;
}

void scratch_remove(char *dir)
{
	if (!dir)
		return;
	/* Else at the end once more. */
	if (fs_remove(dir, NULL) == 0)
		forget(dir);
	free(dir);
}
