/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>

/* What pthread_once() is to load; it passes nothing on. */
static _Thread_local struct library *loading;

static void fail(struct library *l)
{
	const char *why = dlerror();

	error_set(&l->error, ENOENT, "%s cannot be used: %s; install the package that holds it", l->soname,
		  why ? why : "the loader gives no reason");
}

/* Never unloaded: what it holds in static memory lives as long as the process. */
static void load(void)
{
	struct library *l = loading;
	void *handle = dlopen(l->soname, RTLD_LAZY | RTLD_LOCAL);

	if (!handle) {
		fail(l);
		return;
	}
	for (size_t i = 0; i < l->n; i++) {
		l->slots[i] = dlsym(handle, l->names[i]);
		if (!l->slots[i]) {
			fail(l);
			return;
		}
	}
}

int library_load(struct library *l, struct error *err)
{
	loading = l;
	pthread_once(&l->once, load);
	return l->error.code ? error_set(err, l->error.code, "%s", l->error.text) : 0;
}
