/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side that reads: first it gives up its rights, then it looks at the first foreign byte. */
#include "kernel/box.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/status.h"
#include "kernel/wire.h"

#define DESCRIPTORS_MAX 1024

static bool write_all(int fd, const void *bytes, size_t n)
{
	for (const char *at = bytes; n > 0;) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

static bool read_all(int fd, void *bytes, size_t n)
{
	for (char *at = bytes; n > 0;) {
		ssize_t done = read(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

/* --- what may be read ------------------------------------------------------------------------- */

/* The links of a folder lead to packages elsewhere, which it is meant to hold. */
static void add_links(struct strings *paths, const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_type == DT_LNK && (endswith(e->d_name, ".deb") || endswith(e->d_name, ".rpm")))
			strings_add(paths, xasprintf("%s/%s", folder, e->d_name));
	if (d)
		closedir(d);
}

/* The paths of an argument: all of it, and the parts between commas. */
static void add_paths(struct strings *paths, const char *arg)
{
	strings_add(paths, xstrdup(arg));
	for (const char *s = arg, *end; strchr(arg, ',') && s; s = *end ? end + 1 : NULL) {
		end = strchrnul(s, ',');
		strings_add(paths, xstrndup(s, (size_t)(end - s)));
	}
	for (size_t i = 0, n = paths->n; i < n; i++)
		add_links(paths, paths->items[i]);
}

/* The descriptor that a path names, itself or through one link, as hooks hand over files; else -1. */
static int descriptor_of(const char *path)
{
	static const char *const places[] = { "/proc/self/fd/", "/dev/fd/" };
	char target[64];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *rest = NULL;

	for (size_t i = 0; !rest && i < ARRAY_SIZE(places); i++) {
		rest = startswith(path, places[i]);
		if (!rest && n > 0) {
			target[n] = '\0';
			rest = startswith(target, places[i]);
		}
	}
	return rest && *rest >= '0' && *rest <= '9' ? atoi(rest) : -1;
}

static void close_others(int fd, const struct strings *paths)
{
	bool keep[DESCRIPTORS_MAX] = { [0] = true, [1] = true, [2] = true };

	if (fd < DESCRIPTORS_MAX)
		keep[fd] = true;
	for (size_t i = 0; i < paths->n; i++) {
		int named = descriptor_of(paths->items[i]);

		if (named >= 0 && named < DESCRIPTORS_MAX)
			keep[named] = true;
	}
	for (int i = 0; i < DESCRIPTORS_MAX; i++)
		if (!keep[i])
			close(i);
	/* Higher ones are rare; a kernel before 5.9 has no way but to try each. */
	close_range(DESCRIPTORS_MAX > fd ? DESCRIPTORS_MAX : (unsigned)fd + 1, ~0u, 0);
}

static void silence(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; null >= 0 && i < 3; i++)
		dup2(null, i);
	if (null > 2)
		close(null);
}

static void forget_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Nobody waits for an answer then. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static int give_up_rights(int fd, const char *arg, struct error *err)
{
	_cleanup_(strings_done) struct strings paths = { 0 };
	int r;

	add_paths(&paths, arg);
	forget_signals();
	silence();
	close_others(fd, &paths);
	r = confine((const char *const *)paths.items, err);
	return r < 0 ? r : 0;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void reply(int fd, struct buf *b)
{
	uint64_t n = b->len;

	if (!write_all(fd, &n, sizeof(n)) || !write_all(fd, b->text, b->len))
		_exit(0);
	b->len = 0;
}

static void say_error(struct wire *w, struct error *err)
{
	w->out->len = 0;
	wire_error(w, err);
}

static void say_kernels(struct wire *w, const struct kernel_list *list)
{
	size_t n = list->count;

	wire_count(w, &n, 16);
	for (size_t i = 0; i < n; i++) {
		char *release = (char *)kernel_release(list->kernels[i]), *label = (char *)kernel_label(list->kernels[i]);

		wire_text(w, &release);
		wire_text(w, &label);
	}
}

static void answer_read(struct wire *in, struct wire *out, struct kernel *k)
{
	struct want_list wants = { 0 };
	_cleanup_(facts_freep) struct facts *f = NULL;
	struct error err = { 0 };
	unsigned depth = 0;

	wire_enum(in, &depth, DEPTH_VERIFY);
	wire_wants(in, &wants);
	if (!in->bad)
		kernel_read(k, &wants, (enum depth)depth, &f, &err);
	say_error(out, &err);
	if (f)
		wire_facts(out, f);
	want_list_done(&wants);
}

static void answer_digest(struct wire *in, struct wire *out, struct kernel *k)
{
	_cleanup_(facts_freep) struct facts *f = xcalloc(1, sizeof(*f));
	struct error err = { 0 };

	wire_inputs(in, &f->inputs, &f->n_inputs);
	if (!in->bad)
		kernel_digest(k, f, &err);
	say_error(out, &err);
	if (!err.code)
		wire_inputs(out, &f->inputs, &f->n_inputs);
}

static void answer_one(struct wire *in, struct wire *out, const struct kernel_list *list)
{
	uint64_t what, id;

	wire_number(in, &what);
	wire_number(in, &id);
	if (in->bad || id >= list->count)
		_exit(EXIT_FAILED);
	if (what == BOX_READ)
		answer_read(in, out, list->kernels[id]);
	else if (what == BOX_DIGEST)
		answer_digest(in, out, list->kernels[id]);
	if (in->bad || what >= BOX_REQUESTS)
		_exit(EXIT_FAILED);
}

void box_serve(int fd, const char *arg, bool running, const struct kernel_options *options)
{
	struct kernel_options here = *options;
	struct kernel_list list = { 0 };
	struct error err = { 0 };
	struct buf said = { 0 };
	struct wire out = { .out = &said };
	uint64_t n;

	here.boxed = false;
	if (give_up_rights(fd, arg, &err) == 0) {
		if (running)
			kernel_open_running(arg, &here, &list, &err);
		else
			kernel_open(arg, &here, &list, &err);
	}
	say_error(&out, &err);
	if (!err.code)
		say_kernels(&out, &list);
	reply(fd, &said);
	while (read_all(fd, &n, sizeof(n)) && n <= BOX_MESSAGE_MAX) {
		_cleanup_(freep) uint8_t *bytes = xmalloc((size_t)n);
		struct wire in = { .in = bytes, .left = (size_t)n };

		if (!read_all(fd, bytes, (size_t)n))
			break;
		answer_one(&in, &out, &list);
		reply(fd, &said);
	}
	_exit(0);
}
