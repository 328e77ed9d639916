/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading an index in a process without rights. What it has read is large: it lies in a file in memory, which is sealed when the
 * process has ended, so that not even a process that inherits it could change it.
 */
#include "pkg/index_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/worker.h"

/* The largest archive takes a second or two. */
#define ANSWER_SECONDS 300

struct buf index_room_buf(const struct index *x, bool strings)
{
	struct buf b = { 0 };

	if (x->room)
		b = (struct buf){ .text = strings ? x->room->strings : x->room->text, .room = x->room->size };
	return b;
}

/* --- in the process ------------------------------------------------------------------------------ */

struct box {
	const struct index_reading *reading;
	int file;
};

static char *room_at(int file, uint64_t at, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file, (off_t)at);

	return p == MAP_FAILED ? NULL : p;
}

static int read_all(const struct index_reading *g, struct index *x, char sha256[65], struct error *err)
{
	struct region region = { .fd = g->bytes->fd, .size = g->bytes->size, .what = "unpacking it" };
	_cleanup_(source_freep) struct source *s = NULL;
	enum compression c = g->read ? index_compression(g->path) : COMPRESSION_NONE;
	int r = source_open(&region, c, INDEX_UNPACKED_MAX, true, &s, err);

	if (r < 0)
		return r;
	return g->read ? g->read(x, s, sha256, err) : status_read(x, g->arch, s, err);
}

static void say(int fd, struct error *err, void (*put)(struct wire *w, void *what), void *what)
{
	_cleanup_(buf_done) struct buf said = { 0 };
	struct wire out = { .out = &said };

	worker_say(&out, err);
	if (!err->code)
		put(&out, what);
	worker_reply(fd, &said);
	_exit(0);
}

static void wire_said(struct wire *w, void *what)
{
	index_file_wire(w, what);
}

static void serve_index(int fd, const void *ctx)
{
	const struct box *b = ctx;
	char input[32], output[32];
	const char *const paths[] = { input, output, NULL };
	struct index x = { 0 };
	struct index_room room = { .size = INDEX_ROOM };
	struct index_said said = { 0 };
	struct error err = { 0 };
	struct index_entry *entries;

	snprintf(input, sizeof(input), "/proc/self/fd/%d", b->reading->bytes->fd);
	snprintf(output, sizeof(output), "/proc/self/fd/%d", b->file);
	if (worker_confine(fd, paths, &err) == 0) {
		entries = (struct index_entry *)room_at(b->file, 0, INDEX_STRINGS_AT);
		room.strings = room_at(b->file, INDEX_STRINGS_AT, INDEX_ROOM);
		room.text = room_at(b->file, INDEX_TEXT_AT, INDEX_ROOM);
		x.room = &room;
		if (!entries || !room.strings || !room.text)
			error_set(&err, ENOMEM, "no memory for it");
		else if (read_all(b->reading, &x, said.sha256, &err) == 0)
			index_file_put(entries, &x, &said);
	}
	say(fd, &err, wire_said, &said);
}

/* --- in the process that asks ------------------------------------------------------------------- */

/* What the process says. It ends here, one way or the other: nobody else has then what it was handed. `ret`: for complaints. */
static int ask(void (*serve)(int fd, const void *ctx), const void *ctx, void (*get)(struct wire *w, void *said), void *said,
	       struct worker **ret, struct error *err)
{
	struct worker_task task = { .what = "the index", .done = "read it", .seconds = ANSWER_SECONDS, .serve = serve, .ctx = ctx };
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct wire wire;
	int r = worker_start(&task, ret, err);

	if (r < 0)
		return r;
	bytes = worker_answer(*ret, &wire, err);
	if (bytes)
		get(&wire, said);
	worker_end(*ret);
	if (!bytes)
		return err->code;
	return wire.bad || wire.left ? worker_nonsense(*ret, err) : 0;
}

static int ask_index(const struct box *b, struct index *x, struct index_said *said, struct error *err)
{
	struct worker *w = NULL;
	int r = ask(serve_index, b, wire_said, said, &w, err);

	if (r == 0 && (fcntl(b->file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0 ||
		       !index_file_take(x, b->file, said, !b->reading->read)))
		r = worker_nonsense(w, err);
	worker_unref(w);
	return r;
}

int index_read(struct index *x, const struct index_reading *reading, char ret_sha256[65], struct error *err)
{
	_cleanup_(closep) int file = memfd_create("index", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct box b = { .reading = reading, .file = file };
	struct index_said said = { 0 };
	int r = 0;

	if (file < 0 || ftruncate(file, (off_t)INDEX_FILE_SIZE) < 0)
		r = error_set(err, errno, "no memory for it: %s", strerror(errno));
	if (r == 0)
		r = ask_index(&b, x, &said, err);
	if (r == 0)
		memcpy(ret_sha256, said.sha256, sizeof(said.sha256));
	close(reading->bytes->fd);
	return r;
}

/* --- repomd.xml --------------------------------------------------------------------------------- */

static void wire_listed(struct wire *w, void *what)
{
	repomd_wire(w, what);
}

static void serve_repomd(int fd, const void *ctx)
{
	static const char *const nothing[] = { NULL };
	const struct index_vouched *v = ctx;
	struct repomd m = { 0 };
	struct error err = { 0 };

	if (worker_confine(fd, nothing, &err) == 0)
		repomd_read(v->text, v->size, &m, &err);
	say(fd, &err, wire_listed, &m);
}

int index_read_repomd(const struct index_vouched *v, const char *dir, struct repomd *ret, struct error *err)
{
	struct worker *w = NULL;
	struct repomd m = { 0 };
	int r = ask(serve_repomd, v, wire_listed, &m, &w, err);

	if (r == 0)
		r = repomd_check(&m, err);
	worker_unref(w);
	if (r < 0)
		error_prefix(err, "%s/repomd.xml", dir);
	if (r == 0)
		*ret = m;
	else
		free(m.location);
	return r;
}
