/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define COLUMNS_DEFAULT 80
#define COLUMNS_MOST 110 /* longer lines are harder to read, however wide the terminal */

/* Not open_memstream(), which leaves out what it has no memory for, and goes on; nor xmalloc(): stdio cannot be left here. */
static ssize_t keep(void *ctx, const char *bytes, size_t n)
{
	struct output *out = ctx;
	struct buf *b = &out->made;

	if (b->room - b->len <= n) {
		size_t room = 2 * (b->len + n) + 4096;
		char *more = realloc(b->text, room);

		if (!more) {
			out->lost = true;
			return 0;
		}
		b->text = more;
		b->room = room;
	}
	memcpy(b->text + b->len, bytes, n);
	b->len += n;
	return (ssize_t)n;
}

int output_open(struct output *out, const struct options *o, struct error *err)
{
	*out = (struct output){ .options = o };
	out->stream = fopencookie(out, "w", (cookie_io_functions_t){ .write = keep });
	if (!out->stream)
		return error_set(err, errno, "the report: no memory: %m");
	return 0;
}

void output_done(struct output *out)
{
	if (out->stream)
		fclose(out->stream);
	buf_done(&out->made);
	*out = (struct output){ 0 };
}

static int write_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Also a close that fails is a report that may not have arrived (NFS, quota). */
static int write_stdout(const struct output *out, struct error *err)
{
	int r = write_all(STDOUT_FILENO, out->made.text, out->made.len);

	if (r == 0 && close(STDOUT_FILENO) < 0)
		r = -errno;
	if (r < 0)
		return error_set(err, r, "standard output: %s", strerror(-r));
	return 0;
}

/* A device or a pipe is written to, never replaced by a file. */
static int write_special(const struct output *out, const char *path, struct error *err)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int r = fd < 0 ? -errno : write_all(fd, out->made.text, out->made.len);

	if (r < 0)
		return error_set(err, r, "%s: %s", path, strerror(-r));
	return 0;
}

/* The mode that open() would have given a new file, or that of the file which is replaced. */
static mode_t mode_for(const struct stat *old_file)
{
	mode_t mask;

	if (old_file)
		return old_file->st_mode & 07777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static int fill_and_rename(const struct output *out, int fd, char *beside, const char *path, mode_t mode)
{
	int r = write_all(fd, out->made.text, out->made.len);

	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(beside);
	return r;
}

/* Signals wait until the file beside is gone, one way or the other. */
static int write_beside(const struct output *out, const char *path, mode_t mode)
{
	_cleanup_(freep) char *beside = xasprintf("%s.XXXXXX", path);
	_cleanup_(closep) int fd = -1;
	sigset_t all, before;
	int r;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	fd = mkostemp(beside, O_CLOEXEC);
	r = fd < 0 ? -errno : fill_and_rename(out, fd, beside, path, mode);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

static int write_file(const struct output *out, const char *path, struct error *err)
{
	struct stat st;
	bool exists = stat(path, &st) == 0;
	_cleanup_(freep) char *real = NULL;
	int r;

	if (exists && S_ISDIR(st.st_mode))
		return error_set(err, EISDIR, "%s: is a directory; name a file", path);
	if (exists && !S_ISREG(st.st_mode))
		return write_special(out, path, err);
	/* Through a symbolic link, its target is replaced, and the link stays. */
	real = exists ? realpath(path, NULL) : NULL;
	r = write_beside(out, real ? real : path, mode_for(exists ? &st : NULL));
	if (r < 0)
		return error_set(err, r, "%s: cannot be written: %s", path, strerror(-r));
	return 0;
}

int output_commit(struct output *out, struct error *err)
{
	if (fclose(TAKE_PTR(out->stream)) == EOF || out->lost)
		return error_set(err, ENOMEM, "the report: no memory for it");
	if (out->options->output)
		return write_file(out, out->options->output, err);
	return write_stdout(out, err);
}

bool output_color(const struct options *o)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	if ((no && *no) || (term && streq(term, "dumb")))
		return false;
	return !o->output && isatty(STDOUT_FILENO);
}

unsigned output_columns(const struct options *o)
{
	struct winsize size;

	if (o->output || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return COLUMNS_DEFAULT;
	return size.ws_col > COLUMNS_MOST ? COLUMNS_MOST : size.ws_col;
}
