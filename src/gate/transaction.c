/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/transaction.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>

#include "base/command.h"
#include "base/fs.h"
#include "pkg/package.h"

#define PACKAGES_MAX 65536 /* a whole distribution has less */

static void package_done(struct transaction_package *p)
{
	free(p->path);
	free(p->name);
	free(p->version);
	free(p->arch);
	strings_done(&p->requires);
	free(p->release);
	free(p->link);
}

void transaction_done(struct transaction *t)
{
	struct error ignored = { 0 };

	for (size_t i = 0; i < t->count; i++)
		package_done(&t->packages[i]);
	free(t->packages);
	free(t->allow);
	free(t->command);
	if (t->dir)
		fs_remove(t->dir, &ignored);
	free(t->dir);
	*t = (struct transaction){ 0 };
}

void transaction_add(struct transaction *t, const char *path)
{
	ARRAY_GROW(t->packages, t->count);
	t->packages[t->count++] = (struct transaction_package){ .path = xstrdup(path) };
}

/* The next line without its newline; NULL at the end. */
static char *next_line(FILE *in, char **line, size_t *room)
{
	ssize_t n = getline(line, room, in);

	if (n < 0)
		return NULL;
	if (n > 0 && (*line)[n - 1] == '\n')
		(*line)[n - 1] = '\0';
	return *line;
}

static int too_many(struct error *err)
{
	return error_set(err, E2BIG, "standard input: more than %d packages, which is no transaction", PACKAGES_MAX);
}

int transaction_read_paths(struct transaction *t, FILE *in, struct error *err)
{
	_cleanup_(freep) char *line = NULL;
	size_t room = 0;

	while (next_line(in, &line, &room)) {
		if (t->count == PACKAGES_MAX)
			return too_many(err);
		if (*line)
			transaction_add(t, line);
	}
	return ferror(in) ? error_set(err, EIO, "standard input: cannot be read") : 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What apt encodes in values of the configuration, in place. */
static void decode(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '%' && hex_digit(s[1]) >= 0 && hex_digit(s[2]) >= 0) {
			*to++ = (char)(hex_digit(s[1]) << 4 | hex_digit(s[2]));
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* Keys of apt's configuration know no case. */
static void take_setting(struct transaction *t, char *line)
{
	char *value = strchr(line, '=');
	char **into;

	if (!value)
		return;
	*value++ = '\0';
	into = strcasecmp(line, "HvCompat::Allow") == 0		 ? &t->allow
	       : strcasecmp(line, "CommandLine::AsString") == 0 ? &t->command
								 : NULL;
	if (!into)
		return;
	decode(value);
	free(*into);
	*into = *value ? xstrdup(value) : NULL;
}

/* Eight fields, then the action, which may hold blanks: a path as it stands, or a word in stars. */
static int take_package(struct transaction *t, const char *line, struct error *err)
{
	const char *p = line;

	for (int i = 0; i < 8; i++) {
		const char *blank = strchr(p, ' ');

		if (!blank || blank == p)
			return error_set(err, EBADMSG,
					 "standard input: a package line of %d fields, where protocol 3 of apt has nine; is "
					 "the hook configured as it was installed?", i + 1);
		p = blank + 1;
	}
	if (*p == '/')
		transaction_add(t, p);
	else if (!startswith(p, "**"))
		return error_set(err, EBADMSG, "standard input: a package line that ends in neither a path nor a step");
	return streq(p, "**ERROR**") ? error_set(err, EBADMSG, "standard input: apt does not say where a package is") : 0;
}

int transaction_read_apt(struct transaction *t, FILE *in, struct error *err)
{
	_cleanup_(freep) char *line = NULL;
	size_t room = 0;
	bool settings = true;
	int r = 0;

	if (!next_line(in, &line, &room) || !streq(line, "VERSION 3"))
		return error_set(err, EBADMSG,
				 "standard input: apt does not speak protocol 3 to its hook: is "
				 "DPkg::Tools::Options::…::Version \"3\" set for the command as it is called?");
	while (r == 0 && next_line(in, &line, &room)) {
		if (settings && *line)
			take_setting(t, line);
		else if (settings)
			settings = false;
		else if (t->count == PACKAGES_MAX)
			r = too_many(err);
		else
			r = take_package(t, line, err);
	}
	if (r == 0 && settings)
		r = error_set(err, EBADMSG, "standard input: ends within the configuration: apt was cut off");
	return r;
}

/* --- what they are ---------------------------------------------------------------------------- */

static bool is_module(const char *path)
{
	static const char *const ends[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (endswith(path, ends[i]))
			return true;
	return false;
}

static bool is_image(const char *base)
{
	return startswith(base, "vmlinu") || startswith(base, "Image") || startswith(base, "bzImage");
}

static void set_release(struct transaction_package *p, const char *release, size_t n)
{
	/* The first tells; a package for several releases would be several kernels' part, which no distro makes. */
	if (!p->release && n > 0 && isdigit((unsigned char)*release))
		p->release = xstrndup(release, n);
}

static void look_at_member(struct transaction_package *p, const char *path)
{
	const char *rest = startswith(path, "usr/lib/modules/"), *slash, *dash;

	if (!rest)
		rest = startswith(path, "lib/modules/");
	if (rest) {
		slash = strchr(rest, '/');
		if (!slash)
			return;
		if (is_image(slash + 1) && !strchr(slash + 1, '/'))
			p->image = true;
		else if (is_module(slash))
			p->modules = true;
		else if (streq(slash, "/config"))
			p->config = true;
		else if (!startswith(slash, "/modules."))
			return;
		set_release(p, rest, (size_t)(slash - rest));
		return;
	}
	rest = startswith(path, "boot/");
	dash = rest && (is_image(rest) || startswith(rest, "config-")) ? strchr(rest, '-') : NULL;
	if (dash && isdigit((unsigned char)dash[1]) && !strchr(dash, '/')) {
		*(is_image(rest) ? &p->image : &p->config) = true;
		set_release(p, dash + 1, strlen(dash + 1));
	}
}

static int package_look(struct transaction_package *p, struct error *err)
{
	_cleanup_(package_freep) struct package *package = NULL;
	const struct package_info *info;
	const struct member *members;
	int r = package_open(p->path, NULL, &package, err);
	size_t n;

	if (r < 0)
		return r;
	info = package_info(package);
	if (info->format != PACKAGE_DEB && info->format != PACKAGE_RPM)
		return error_set(err, EOPNOTSUPP, "%s: is no package", p->path);
	p->family = info->format == PACKAGE_DEB ? "deb" : "rpm";
	p->name = info->name ? xstrdup(info->name) : NULL;
	p->version = info->version ? xstrdup(info->version) : NULL;
	p->arch = info->arch ? xstrdup(info->arch) : NULL;
	for (size_t i = 0; info->requires[i]; i++)
		strings_add(&p->requires, xstrdup(info->requires[i]));
	n = package_members(package, &members);
	for (size_t i = 0; i < n; i++)
		look_at_member(p, members[i].path);
	return 0;
}

static int make_dir(struct transaction *t, struct error *err)
{
	const char *tmp = getenv("TMPDIR");
	_cleanup_(freep) char *dir = NULL;

	if (t->dir)
		return 0;
	dir = xasprintf("%s/hvcompat-gate.XXXXXX", tmp && *tmp == '/' && !strchr(tmp, ',') ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return error_set(err, errno, "%s: this directory cannot be made: %m", dir);
	t->dir = TAKE_PTR(dir);
	return 0;
}

/* So that messages name the package, and nothing in its path matters. */
static int make_link(struct transaction *t, struct transaction_package *p, struct error *err)
{
	_cleanup_(freep) char *real = NULL, *name = xstrdup(p->name ? p->name : "package");
	int r = make_dir(t, err);

	if (r < 0)
		return r;
	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("+-._", *c))
			*c = '_';
	/* A descriptor's path stays as it is: what it leads to may have no name. */
	real = startswith(p->path, "/proc/") || startswith(p->path, "/dev/") ? xstrdup(p->path) : realpath(p->path, NULL);
	p->link = xasprintf("%s/%zu-%.128s.%s", t->dir, (size_t)(p - t->packages), name, p->family);
	if (!real || symlink(real, p->link) < 0)
		return error_set(err, errno, "%s: cannot be linked to as %s: %m", p->path, p->link);
	return 0;
}

int transaction_open(struct transaction *t, void (*skipped)(void *ctx, const char *why), void *ctx, struct error *err)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; i < t->count && r == 0; i++) {
		struct transaction_package *p = &t->packages[i];
		struct error why = { 0 };

		if (package_look(p, &why) < 0) {
			skipped(ctx, why.text);
			package_done(p);
			*p = (struct transaction_package){ 0 };
			continue;
		}
		t->packages[kept] = *p;
		if (kept != i)
			*p = (struct transaction_package){ 0 };
		p = &t->packages[kept++];
		if (p->release)
			r = make_link(t, p, err);
	}
	if (r == 0)
		t->count = kept;
	return r;
}

size_t transaction_releases(const struct transaction *t, const char ***ret)
{
	const char **list = xcalloc(t->count + 1, sizeof(*list));
	size_t n = 0, j;

	for (size_t i = 0; i < t->count; i++) {
		if (!t->packages[i].release)
			continue;
		for (j = 0; j < n && !streq(list[j], t->packages[i].release); j++)
			;
		if (j == n)
			list[n++] = t->packages[i].release;
	}
	*ret = list;
	return n;
}

/* --- one kernel ------------------------------------------------------------------------------- */

/* Where a kernel's files are when it is installed; the first that is there counts. "%s" is its release. */
static const char *const boot_images[] = { "boot/vmlinuz-%s", "boot/Image-%s", "boot/vmlinux-%s", NULL };
static const char *const dir_images[] = {
	"usr/lib/modules/%s/vmlinuz", "usr/lib/modules/%s/vmlinuz.unsigned", "usr/lib/modules/%s/Image",
	"usr/lib/modules/%s/vmlinux", "lib/modules/%s/vmlinuz",		     "lib/modules/%s/vmlinuz.unsigned",
	"lib/modules/%s/Image",	      "lib/modules/%s/vmlinux",		     NULL
};
static const char *const boot_configs[] = { "boot/config-%s", NULL };
static const char *const dir_configs[] = { "usr/lib/modules/%s/config", "lib/modules/%s/config", NULL };
static const char *const module_dirs[] = { "usr/lib/modules/%s", "lib/modules/%s", NULL };

/* Path of the first of them that is there; owned, NULL: none is. */
static char *installed(const char *root, const char *release, const char *const *formats)
{
	for (; *formats; formats++) {
		const char *at = strstr(*formats, "%s");
		_cleanup_(freep) char *path = xasprintf("%s%s%.*s%s%s", root, endswith(root, "/") ? "" : "/",
							(int)(at - *formats), *formats, release, at + 2);

		if (access(path, R_OK) == 0)
			return TAKE_PTR(path);
	}
	return NULL;
}

static bool add_installed(struct buf *arg, const char *root, const char *release, const char *const *formats)
{
	_cleanup_(freep) char *path = installed(root, release, formats);

	if (path)
		buf_addf(arg, ",%s", path);
	return path;
}

struct sought {
	const char *name;
	bool found;
};

/* A line of dpkg-query: a name, and a state. Of packages in these two there are no files but for configuration. */
static void take_state(void *ctx, const char *line)
{
	struct sought *sought = ctx;
	const char *state = startswith(line, sought->name);

	if (state && *state == ' ')
		sought->found |= !streq(state + 1, "not-installed") && !streq(state + 1, "config-files");
}

/*
 * Whether a package takes the place of another version of itself, whose files go. Where there is no dpkg-query, no
 * package of its family is installed; where it fails, one may be.
 */
static bool replaces(const struct transaction_package *p, const char *root)
{
	_cleanup_(freep) char *where = xasprintf("--root=%s", root);
	const char *const argv[] = { "dpkg-query", where, "--show",
				     "--showformat=${Package} ${db:Status-Status}\n", NULL };
	struct sought sought = { .name = p->name ? p->name : "" };
	const struct command query = { .argv = argv, .log = -1, .line = take_state, .ctx = &sought };
	struct error ignored = { 0 };
	int r;

	if (!streq(p->family, "deb"))
		return false;
	r = command_run(&query, &ignored);
	return r == 0 ? sought.found : r != -ENOENT;
}

/*
 * Adds what is installed of a release and the packages do not bring. Where modules are replaced, the old ones must not
 * be taken for the new. Returns whether there is an image then.
 */
static bool complete(struct buf *arg, const char *root, const char *release, const struct transaction_package *has,
		     bool replaced)
{
	if (!(has->image && has->modules) && !replaced)
		add_installed(arg, root, release, module_dirs);
	if (!has->config && !add_installed(arg, root, release, boot_configs))
		add_installed(arg, root, release, dir_configs);
	return has->image || add_installed(arg, root, release, boot_images) ||
	       add_installed(arg, root, release, dir_images);
}

char *transaction_kernel(const struct transaction *t, const char *release, const char *root)
{
	_cleanup_(buf_done) struct buf arg = { 0 };
	struct transaction_package has = { 0 };
	bool replaced = false;

	for (size_t i = 0; i < t->count; i++) {
		const struct transaction_package *p = &t->packages[i];

		if (!streq_null(p->release, release))
			continue;
		buf_addf(&arg, "%s%s", arg.len ? "," : "", p->link);
		has.image |= p->image;
		has.modules |= p->modules;
		has.config |= p->config;
		replaced |= p->modules && replaces(p, root);
	}
	return complete(&arg, root, release, &has, replaced) ? TAKE_PTR(arg.text) : NULL;
}

void transaction_dependents(const struct transaction *t, const char *release, bool *ret)
{
	bool more = true;

	for (size_t i = 0; i < t->count; i++)
		ret[i] = streq_null(t->packages[i].release, release);
	while (more) {
		more = false;
		for (size_t i = 0; i < t->count; i++) {
			for (size_t j = 0; j < t->count && !ret[i]; j++)
				if (ret[j] && t->packages[j].name && strings_have(&t->packages[i].requires, t->packages[j].name))
					ret[i] = more = true;
		}
	}
}
