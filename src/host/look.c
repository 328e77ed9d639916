/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/look.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <sys/stat.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#define LEAVES 0x40000000u
#define LEAVES_STEP 0x100u
#define LEAVES_BLOCKS 8 /* more than any machine has: Hyper-V's for its guests' sake, then the real one */
#define LINE_MAX_BYTES 4096
#define ROWS_MAX_BYTES 65536
#define GLOB_MAX 4096

bool look_trouble(const struct look_at *l, const char *path, int code)
{
	static const int answers[] = { ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG, EINVAL, ENODEV, ENXIO };

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (code == answers[i])
			return false;
	if (l->trouble->code == 0)
		error_set(l->trouble, code, "%s: cannot be looked at: %s", path, strerror(code));
	return true;
}

DIR *look_dir(const struct look_at *l, const char *full)
{
	DIR *d = opendir(full);

	if (!d)
		look_trouble(l, full, errno);
	return d;
}

struct dirent *look_next(const struct look_at *l, DIR *d, const char *full)
{
	struct dirent *e;

	errno = 0;
	e = readdir(d);
	if (!e && errno)
		look_trouble(l, full, errno);
	return e;
}

/* A FIFO would hang, a device would act: only what is a file is read. sysfs says 4096 or 0 for the size of any. */
static char *slurp(const struct look_at *l, const char *path, size_t max)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text;
	size_t n = 0;
	ssize_t got;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		look_trouble(l, path, errno);
		return NULL;
	}
	if (!S_ISREG(st.st_mode))
		return NULL;
	text = xmalloc(max + 1);
	while (n < max && (got = read(fd, text + n, max - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			look_trouble(l, path, errno);
			break;
		}
		n += (size_t)got;
	}
	text[n] = '\0';
	return text;
}

static void read_rows(struct look_at *l)
{
	_cleanup_(freep) char *text = look_text(l, "/cpuid", ROWS_MAX_BYTES);
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct cpuid_row r;

		if (sscanf(line, "%8x %8x %8x %8x %8x", &r.leaf, &r.reg[0], &r.reg[1], &r.reg[2], &r.reg[3]) != 5)
			continue;
		ARRAY_GROW(l->rows, l->n_rows);
		l->rows[l->n_rows++] = r;
	}
}

void look_begin(struct look_at *l, const char *root)
{
	size_t n = strlen(root);

	while (n > 0 && root[n - 1] == '/')
		n--;
	*l = (struct look_at){ .root = xstrndup(root, n), .real = n == 0, .trouble = xcalloc(1, sizeof(*l->trouble)) };
	if (!l->real)
		read_rows(l);
}

void look_done(struct look_at *l)
{
	free(l->root);
	free(l->rows);
	free(l->trouble);
	*l = (struct look_at){ 0 };
}

bool look_cpuid(const struct look_at *l, uint32_t leaf, uint32_t reg[4])
{
#if defined(__x86_64__) || defined(__i386__)
	if (l->real) {
		__cpuid_count(leaf, 0, reg[0], reg[1], reg[2], reg[3]);
		return true;
	}
#endif
	for (size_t i = 0; i < l->n_rows; i++) {
		if (l->rows[i].leaf != leaf)
			continue;
		memcpy(reg, l->rows[i].reg, sizeof(l->rows[i].reg));
		return true;
	}
	return false;
}

bool look_hypervisor_bit(const struct look_at *l)
{
	uint32_t reg[4];

	return look_cpuid(l, 1, reg) && (reg[2] >> 31);
}

uint32_t look_signature_at(const struct look_at *l, unsigned n, char text[13])
{
	uint32_t reg[4], leaf = LEAVES + n * LEAVES_STEP;

	if (n >= LEAVES_BLOCKS || !look_cpuid(l, leaf, reg))
		return 0;
	memcpy(text, &reg[1], 12);
	text[12] = '\0';
	/* Behind the last block a processor answers with anything: its own highest leaf, or zeros. */
	for (const char *s = text; *s; s++)
		if (*s < ' ' || *s > '~')
			return 0;
	return *text && (reg[0] == 0 || (reg[0] >= leaf && reg[0] < leaf + LEAVES_STEP)) ? leaf : 0;
}

/* Without the bit the leaves mean nothing, but for a PV guest, whose CPUID may be the processor's own. */
uint32_t look_signature(const struct look_at *l, const char *signature)
{
	char text[13];

	for (unsigned n = 0; n < LEAVES_BLOCKS; n++) {
		uint32_t leaf = look_signature_at(l, n, text);

		if (leaf && streq(text, signature))
			return leaf;
	}
	return 0;
}

char *look_text(const struct look_at *l, const char *path, size_t max)
{
	_cleanup_(freep) char *full = xasprintf("%s%s", l->root, path);
	char *text = slurp(l, full, max);

	return text ? text : xstrdup("");
}

char *look_line(const struct look_at *l, const char *path)
{
	_cleanup_(freep) char *full = xasprintf("%s%s", l->root, path);
	char *text = slurp(l, full, LINE_MAX_BYTES);
	size_t n;

	if (!text)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	n = strlen(text);
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		text[--n] = '\0';
	return text;
}

static bool file_is(const struct look_at *l, const char *full, const char *pattern)
{
	_cleanup_(freep) char *line = NULL;

	if (!pattern && access(full, F_OK) < 0)
		return look_trouble(l, full, errno) && false;
	if (!pattern)
		return true;
	line = look_line(l, full + strlen(l->root));
	return line && fnmatch(pattern, line, 0) == 0;
}

/* A directory that is not there, or may not be read, has no names in it; others may. Returns whether there are any. */
static bool names_like(const struct look_at *l, const char *pattern, glob_t *ret)
{
	int r = glob(pattern, GLOB_NOSORT | GLOB_ERR, NULL, ret);

	if (r == GLOB_ABORTED && !look_trouble(l, pattern, errno)) {
		globfree(ret);
		r = glob(pattern, GLOB_NOSORT, NULL, ret);
	}
	if (r == GLOB_NOSPACE)
		look_trouble(l, pattern, ENOMEM);
	return r == 0;
}

static bool path_holds(const struct look_at *l, const struct trait *t)
{
	_cleanup_(freep) char *full = xasprintf("%s%s", l->root, t->path);
	glob_t found = { 0 };
	bool holds = false;

	if (!strpbrk(t->path, "*?["))
		return file_is(l, full, t->is);
	/* The root is a name and no pattern: one with such characters in it finds nothing. */
	if (!strpbrk(l->root, "*?[\\") && names_like(l, full, &found))
		for (size_t i = 0; i < found.gl_pathc && i < GLOB_MAX && !holds; i++)
			holds = file_is(l, found.gl_pathv[i], t->is);
	globfree(&found);
	return holds;
}

static bool bit_holds(const struct look_at *l, uint32_t base, const struct trait *t)
{
	uint32_t reg[4];

	return base && look_cpuid(l, base + *t->leaf, reg) && ((reg[t->reg] >> t->bit) & 1);
}

bool look_trait(const struct look_at *l, uint32_t base, const struct trait *t)
{
	return (t->path ? path_holds(l, t) : bit_holds(l, base, t)) != t->absent;
}

bool look_traits(const struct look_at *l, uint32_t base, const struct trait *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!look_trait(l, base, &list[i]))
			return false;
	return true;
}
