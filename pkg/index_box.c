/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading an index in a process without rights. What it has read is large: it lies in a file in memory, which is sealed when the
 * process has ended, so that not even a process that inherits it could change it.
 */
#include "pkg/index_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/worker.h"
#include "pkg/limits.h"
#include "pkg/path.h"

/* The largest archive takes a second or two. */
#define ANSWER_SECONDS 300

/* An index unpacked, where addresses are short. What is kept of it takes twice as much at the most: a source that is not told is
 * the name and version again. */
#define UNPACKED_MAX (sizeof(void *) < 8 ? PKG_INDEX_MAX / 4 : PKG_INDEX_MAX)
#define ROOM (2 * UNPACKED_MAX + (1 << 20))

/* The file: the packages, the strings that they point into, the text. Not all of it is there: only what was written takes memory. */
enum string { NAME, VERSION, ARCH, SOURCE, SOURCE_VERSION, LOCATION, STRINGS };
struct entry {
	uint64_t strings[STRINGS]; /* where they begin */
	uint64_t size;
	char sha256[65];
	uint8_t held;
};
#define STRINGS_AT ((uint64_t)PKG_INDEX_PACKAGES_MAX * sizeof(struct entry))
#define TEXT_AT	   (STRINGS_AT + ROOM)
#define FILE_SIZE  (TEXT_AT + ROOM)

struct index_map {
	char *strings, *text;
	size_t n_strings, n_text;
};

struct index_map *index_map_free(struct index_map *m)
{
	if (!m)
		return NULL;
	if (m->strings)
		munmap(m->strings, m->n_strings);
	if (m->text)
		munmap(m->text, m->n_text);
	free(m);
	return NULL;
}

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

/* What the process says, besides what it leaves in the file. */
struct said {
	char sha256[65];
	unsigned family;
	uint64_t n_packages, n_strings, n_text;
};

static void wire_said(struct wire *w, void *what)
{
	struct said *s = what;

	wire_chars(w, s->sha256, sizeof(s->sha256));
	wire_enum(w, &s->family, INDEX_RPM);
	wire_number(w, &s->n_packages);
	wire_number(w, &s->n_strings);
	wire_number(w, &s->n_text);
}

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
	int r = source_open(&region, c, UNPACKED_MAX, true, &s, err);

	if (r < 0)
		return r;
	return g->read ? g->read(x, s, sha256, err) : status_read(x, g->arch, s, err);
}

static void put_entries(struct entry *into, const struct index *x, struct said *said)
{
	uint64_t end = 0;

	for (size_t i = 0; i < x->n_packages; i++) {
		const struct index_package *p = &x->packages[i];
		const char *const strings[] = { p->name, p->version, p->arch, p->source, p->source_version, p->location };
		struct entry *e = &into[i];

		for (size_t j = 0; j < STRINGS; j++) {
			uint64_t stop;

			e->strings[j] = (uint64_t)(strings[j] - x->strings);
			stop = e->strings[j] + strlen(strings[j]) + 1;
			end = stop > end ? stop : end;
		}
		e->size = p->size;
		memcpy(e->sha256, p->sha256, sizeof(e->sha256));
		e->held = p->held;
	}
	said->family = x->family;
	said->n_packages = x->n_packages;
	said->n_strings = end;
	said->n_text = x->text_size;
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

static void serve_index(int fd, const void *ctx)
{
	const struct box *b = ctx;
	char input[32], output[32];
	const char *const paths[] = { input, output, NULL };
	struct index x = { 0 };
	struct index_room room = { .size = ROOM };
	struct said said = { 0 };
	struct error err = { 0 };
	struct entry *entries;

	snprintf(input, sizeof(input), "/proc/self/fd/%d", b->reading->bytes->fd);
	snprintf(output, sizeof(output), "/proc/self/fd/%d", b->file);
	if (worker_confine(fd, paths, &err) == 0) {
		entries = (struct entry *)room_at(b->file, 0, STRINGS_AT);
		room.strings = room_at(b->file, STRINGS_AT, ROOM);
		room.text = room_at(b->file, TEXT_AT, ROOM);
		x.room = &room;
		if (!entries || !room.strings || !room.text)
			error_set(&err, ENOMEM, "no memory for it");
		else if (read_all(b->reading, &x, said.sha256, &err) == 0)
			put_entries(entries, &x, &said);
	}
	say(fd, &err, wire_said, &said);
}

/* --- in the process that asks ------------------------------------------------------------------- */

/* NULL where there is nothing: an empty file cannot be mapped. */
static char *mapped(int file, uint64_t at, size_t n)
{
	void *p = n > 0 ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, file, (off_t)at) : NULL;

	return p == MAP_FAILED ? NULL : p;
}

/* Text that is harmless to print, with a NUL at the end of each string and of all. */
static bool strings_good(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((uint8_t)s[i] < 0x20 && s[i]) || s[i] == 0x7f)
			return false;
	return n == 0 || s[n - 1] == '\0';
}

static bool entry_good(const struct entry *e, uint64_t n_strings, bool status)
{
	for (size_t j = 0; j < STRINGS; j++)
		if (e->strings[j] >= n_strings)
			return false;
	if (memchr(e->sha256, '\0', sizeof(e->sha256)) != e->sha256 + (status ? 0 : 64))
		return false;
	return strspn(e->sha256, "0123456789abcdef") == strlen(e->sha256);
}

static bool take_entries(struct index *x, int file, const struct said *said, bool status)
{
	size_t n = (size_t)said->n_packages, size = n * sizeof(struct entry);
	const struct entry *entries = (const struct entry *)mapped(file, 0, size);
	bool good = n == 0 || entries;

	x->packages = xcalloc(n + 1, sizeof(*x->packages));
	for (size_t i = 0; good && i < n; i++) {
		const struct entry *e = &entries[i];
		const char *s = x->map->strings;

		good = entry_good(e, said->n_strings, status);
		if (!good)
			break;
		x->packages[i] = (struct index_package){ s + e->strings[NAME], s + e->strings[VERSION], s + e->strings[ARCH],
							 s + e->strings[SOURCE], s + e->strings[SOURCE_VERSION],
							 s + e->strings[LOCATION], e->size, "", e->held != 0 };
		memcpy(x->packages[i].sha256, e->sha256, sizeof(e->sha256));
	}
	x->n_packages = good ? n : 0;
	if (entries)
		munmap((void *)entries, size);
	return good;
}

/* What the process left, after its end. */
static bool take(struct index *x, int file, const struct said *said, bool status)
{
	struct index_map *m = xcalloc(1, sizeof(*m));

	x->map = m;
	if (said->n_packages > PKG_INDEX_PACKAGES_MAX || said->n_strings > ROOM || said->n_text > ROOM)
		return false;
	m->n_strings = (size_t)said->n_strings;
	/* With the NUL behind it. */
	m->n_text = said->n_text > 0 ? (size_t)said->n_text + 1 : 0;
	m->strings = mapped(file, STRINGS_AT, m->n_strings);
	m->text = mapped(file, TEXT_AT, m->n_text);
	if ((m->n_strings > 0 && !m->strings) || (m->n_text > 0 && !m->text) || !strings_good(m->strings, m->n_strings))
		return false;
	x->strings = m->strings;
	x->text = m->text;
	x->text_size = (size_t)said->n_text;
	x->family = (enum index_family)said->family;
	return take_entries(x, file, said, status);
}

/*
 * Starts a process and takes the one answer that it has, by `take`. The worker is for the caller to unref, also after an error
 * (NULL: it did not start).
 */
static int ask(void (*serve)(int fd, const void *ctx), const void *ctx, void (*take_answer)(struct wire *w, void *what), void *what,
	       struct worker **ret, struct error *err)
{
	const struct worker_task task = { .what = "the index", .done = "read it", .seconds = ANSWER_SECONDS, .serve = serve,
					  .ctx = ctx };
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct wire wire;
	int r = worker_start(&task, ret, err);

	if (r < 0)
		return r;
	bytes = worker_answer(*ret, &wire, err);
	if (!bytes)
		return err->code;
	take_answer(&wire, what);
	return wire.bad || wire.left ? worker_nonsense(*ret, err) : 0;
}

static int ask_index(const struct box *b, struct index *x, struct said *said, struct error *err)
{
	struct worker *w = NULL;
	int r = ask(serve_index, b, wire_said, said, &w, err);

	if (!w)
		return r;
	/* It ends here, one way or the other: nobody else has the file, and nobody shall write to it. */
	worker_end(w);
	if (r == 0 && (fcntl(b->file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0 ||
		       !take(x, b->file, said, !b->reading->read)))
		r = worker_nonsense(w, err);
	worker_unref(w);
	return r;
}

int index_read(struct index *x, const struct index_reading *reading, char ret_sha256[65], struct error *err)
{
	_cleanup_(closep) int file = memfd_create("index", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct box b = { .reading = reading, .file = file };
	struct said said = { 0 };
	int r = 0;

	if (file < 0 || ftruncate(file, (off_t)FILE_SIZE) < 0)
		r = error_set(err, errno, "no memory for it: %s", strerror(errno));
	if (r == 0)
		r = ask_index(&b, x, &said, err);
	if (r == 0)
		memcpy(ret_sha256, said.sha256, sizeof(said.sha256));
	close(reading->bytes->fd);
	return r;
}

/* --- repomd.xml --------------------------------------------------------------------------------- */

static void wire_repomd(struct wire *w, void *what)
{
	struct repomd *m = what;

	wire_text(w, &m->location);
	wire_chars(w, m->checksum, sizeof(m->checksum));
	wire_chars(w, m->open_checksum, sizeof(m->open_checksum));
	wire_number(w, &m->size);
}

static void serve_repomd(int fd, const void *ctx)
{
	static const char *const nothing[] = { NULL };
	const struct index_vouched *v = ctx;
	struct repomd m = { 0 };
	struct error err = { 0 };

	if (worker_confine(fd, nothing, &err) == 0)
		repomd_read(v->text, v->size, &m, &err);
	say(fd, &err, wire_repomd, &m);
}

static int check_repomd(const struct repomd *m, struct error *err)
{
	char clean[PKG_PATH_MAX + 1];

	if (!m->location || !m->checksum[0] || m->size == 0)
		return error_set(err, EBADMSG, "it lists no primary index with a location, a SHA-256 and a size");
	if (m->location[0] == '/' || !path_clean(m->location, strlen(m->location), clean))
		return error_set(err, EBADMSG, "its primary index lies outside of the repository");
	return 0;
}

int index_read_repomd(const struct index_vouched *v, const char *dir, struct repomd *ret, struct error *err)
{
	struct worker *w = NULL;
	struct repomd m = { 0 };
	int r = ask(serve_repomd, v, wire_repomd, &m, &w, err);

	if (r == 0)
		r = check_repomd(&m, err);
	worker_unref(w);
	if (r == 0) {
		*ret = m;
		return 0;
	}
	free(m.location);
	error_prefix(err, "%s/repomd.xml", dir);
	return r;
}
