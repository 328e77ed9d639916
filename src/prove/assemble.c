/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/assemble.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>

#include "base/fs.h"
#include "prove/needs.h"
#include "prove/nested.h"

#define SECTOR 512
#define DISK_SIZE ((size_t)4 << 20)

void assembly_done(struct assembly *a)
{
	free(a->dir);
	free(a->nonce);
	free(a->outer_append);
	strings_done(&a->command);
	*a = (struct assembly){ 0 };
}

static int make_nonce(char **ret, struct error *err)
{
	unsigned char bytes[12];
	struct buf b = { 0 };

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return error_set(err, EIO, "no random numbers: %m");
	for (size_t i = 0; i < sizeof(bytes); i++)
		buf_addf(&b, "%02x", bytes[i]);
	*ret = b.text;
	return 0;
}

static int make_disk(const struct assembly *a, struct error *err)
{
	_cleanup_(freep) char *disk = xcalloc(1, DISK_SIZE), *path = xasprintf("%s/disk", a->dir);

	memcpy(disk, a->nonce, strlen(a->nonce));
	return fs_write(path, disk, DISK_SIZE, err);
}

bool assembly_disk_arrived(const struct assembly *a, const struct recipe *r)
{
	_cleanup_(freep) char *path = xasprintf("%s/disk", a->dir), *seen = xasprintf("seen %s", a->nonce);
	char sector[SECTOR] = { 0 };
	_cleanup_(closep) int fd = -1;

	/* A disk in a laboratory is out of our reach: what the init says must do. */
	if (r->runner == RUNNER_SITE)
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && pread(fd, sector, sizeof(sector) - 1, SECTOR) > 0 && streq(sector, seen);
}

/* --- texts ------------------------------------------------------------------------------------- */

struct mark {
	const char *name, *text;
};

/* "{name}" of each mark by its text; "{file:NAME}" by NAME. The linter has seen that there are no others. */
static char *fill(const char *template, const struct mark *marks, size_t n)
{
	struct buf b = { 0 };

	buf_add(&b, "", 0);
	while (*template) {
		const char *file = startswith(template, "{file:");
		size_t i = 0;

		while (i < n && !startswith(template, marks[i].name))
			i++;
		if (i < n) {
			buf_addf(&b, "%s", marks[i].text);
			template += strlen(marks[i].name);
		} else if (file) {
			buf_add(&b, file, strcspn(file, "}"));
			template = file + strcspn(file, "}");
			template += *template == '}';
		} else {
			buf_add(&b, template++, 1);
		}
	}
	return b.text;
}

static char *make_append(const struct recipe *r, const char *nonce)
{
	const struct mark marks[] = { { "{nonce}", nonce } };
	struct buf b = { 0 };

	for (unsigned i = 0; i < r->append_count; i++) {
		_cleanup_(freep) char *word = fill(r->append[i], marks, 1);

		buf_addf(&b, "%s%s", i ? " " : "", word);
	}
	/* Drivers, and what the kernel runs on, are always told of. No commas: some programs take them for ends of arguments. */
	buf_addf(&b, "%shv.probe=detected:drivers:machine", b.len ? " " : "");
	for (unsigned i = 0; i < r->probes_count; i++)
		buf_addf(&b, ":%s", r->probes[i]);
	return b.text;
}

/* "-option value" is two words, of which the second may have blanks. */
static void make_command(const struct recipe *r, const char *append, bool kvm, struct strings *command)
{
	const struct mark marks[] = {
		{ "{kernel}", "kernel" }, { "{initrd}", "initrd" }, { "{disk}", "disk" },
		{ "{append}", append },	  { "{accel}", kvm ? "kvm" : "tcg" },
	};

	strings_add(command, xstrdup(r->program));
	for (unsigned i = 0; i < r->arguments_count; i++) {
		const char *blank = strchr(r->arguments[i], ' ');
		_cleanup_(freep) char *option =
			blank ? xstrndup(r->arguments[i], (size_t)(blank - r->arguments[i])) : xstrdup(r->arguments[i]);

		strings_add(command, fill(option, marks, ARRAY_SIZE(marks)));
		if (blank)
			strings_add(command, fill(blank + 1, marks, ARRAY_SIZE(marks)));
	}
}

/* --- files ------------------------------------------------------------------------------------- */

static void note_file(struct record *record, const char *name, const char *sum)
{
	struct record_file *f;

	ARRAY_GROW(record->files, record->n_files);
	f = &record->files[record->n_files++];
	f->name = xstrdup(name);
	memcpy(f->sha256, sum, sizeof(f->sha256));
}

static int link_in(const struct kit *kit, const char *from, const struct assembly *a, const char *to, struct error *err)
{
	_cleanup_(freep) char *source = xasprintf("%s/%s", kit->dir, from), *target = xasprintf("%s/%s", a->dir, to);

	return link(source, target) < 0 ? error_set(err, errno, "%s: cannot be made: %m", target) : 0;
}

static int write_in(const struct assembly *a, const char *name, const void *bytes, size_t n, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", a->dir, name);

	return fs_write(path, bytes, n, err);
}

/* The kernel on trial goes into the guest that starts it, and that one's files are {kernel} and {initrd}. */
static int take_outer(const struct recipe *r, const struct kit *kit, const struct assemble_options *o, struct assembly *a,
		      struct record *record, struct error *err)
{
	const struct nested_inner inner = {
		.kernel = kit->files->image,
		.kernel_size = kit->files->image_size,
		.initrd = (const uint8_t *)kit->initrd.text,
		.initrd_size = kit->initrd.len,
		.append = record->append,
	};
	_cleanup_(nested_done) struct nested_outer outer = { 0 };
	int q = nested_make(r, o->with, &inner, &outer, record, err);

	if (q == 0)
		q = write_in(a, "kernel", outer.kernel, outer.kernel_size, err);
	if (q == 0)
		q = write_in(a, "initrd", outer.initrd.text, outer.initrd.len, err);
	if (q == 0)
		a->outer_append = TAKE_PTR(outer.append);
	return q;
}

static int take_kernel(const struct recipe *r, const struct kit *kit, const struct assemble_options *o, struct assembly *a,
		       struct record *record, struct error *err)
{
	int q;

	note_file(record, "kernel", kit->kernel_sum);
	note_file(record, "initrd", kit->initrd_sum);
	note_file(record, "init", kit->init_sum);
	if (r->nested)
		return take_outer(r, kit, o, a, record, err);
	q = link_in(kit, r->kernel == RECIPE_KERNEL_ELF ? "elf" : "kernel", a, "kernel", err);
	return q < 0 ? q : link_in(kit, "initrd", a, "initrd", err);
}

static int write_append(const struct assembly *a, const char *append, struct error *err)
{
	_cleanup_(freep) char *line = xasprintf("%s\n", append);

	return write_in(a, "append", line, strlen(line), err);
}

/* The command of a site: a program, or a path, which must not depend on where it is started. */
static void site_command(const struct recipe *r, const struct assembly *a, const char *runner, struct strings *command)
{
	char *real = strchr(runner, '/') ? realpath(runner, NULL) : NULL;

	strings_add(command, real ? real : xstrdup(runner));
	strings_add(command, xstrdup(r->name));
	strings_add(command, xstrdup(a->dir));
}

int assemble(const struct recipe *r, const struct kit *kit, const struct assemble_options *o, const char *dir, struct record *record,
	     struct assembly *ret, struct error *err)
{
	_cleanup_(assembly_done) struct assembly a = { .dir = xstrdup(dir) };
	int q = fs_make_dir(dir, err);

	if (q == 0)
		q = make_nonce(&a.nonce, err);
	if (q == 0)
		q = make_disk(&a, err);
	if (q < 0)
		return q;
	record->append = make_append(r, a.nonce);
	q = take_kernel(r, kit, o, &a, record, err);
	if (q == 0)
		q = needs_take(r, o->with, dir, record, err);
	if (q == 0 && r->runner == RUNNER_SITE)
		q = write_append(&a, record->append, err);
	if (q < 0)
		return q;
	if (r->runner == RUNNER_SITE)
		site_command(r, &a, o->runner, &a.command);
	else
		make_command(r, r->nested ? a.outer_append : record->append, o->kvm, &a.command);
	for (size_t i = 0; i < a.command.n; i++)
		strings_add(&record->command, xstrdup(a.command.items[i]));
	*ret = a;
	a = (struct assembly){ 0 };
	return 0;
}
