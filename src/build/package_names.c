/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/package_parts.h"

#include <ctype.h>
#include <errno.h>

#define RELEASE_MAX 64 /* __NEW_UTS_LEN of the kernel */

static const struct {
	const char *karch, *deb, *rpm;
} arches[] = {
	{ "i386", "i386", "i686" },
	{ "x86_64", "amd64", "x86_64" },
	{ "arm64", "arm64", "aarch64" },
};

static int find_arch(const char *karch, struct package_names *ret, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(arches); i++) {
		if (!streq(karch, arches[i].karch))
			continue;
		ret->deb_arch = arches[i].deb;
		ret->rpm_arch = arches[i].rpm;
		return 0;
	}
	return error_set(err, EINVAL, "no packages can be named for ARCH=%s; known are i386, x86_64 and arm64", karch);
}

static bool made_of(const char *s, const char *more)
{
	for (; *s; s++)
		if (!isascii(*s) || (!isalnum((unsigned char)*s) && !strchr(more, *s)))
			return false;
	return true;
}

static int check(const struct package_job *job, struct error *err)
{
	const char *r = job->release;

	if (!isdigit((unsigned char)r[0]) || !made_of(r, ".+~_-") || strlen(r) > RELEASE_MAX)
		return error_set(err, EINVAL,
				 "kernel release \"%s\" cannot be that of a package: it must begin with a digit, and have "
				 "at most %d letters, digits, and . + ~ _ -; set CONFIG_LOCALVERSION accordingly",
				 r, RELEASE_MAX);
	if (!job->revision[0] || !made_of(job->revision, ".+~"))
		return error_set(err, EINVAL,
				 "package revision \"%s\" must be letters, digits, and . + ~", job->revision);
	if (strpbrk(job->maintainer, "\n\r") || !job->maintainer[0])
		return error_set(err, EINVAL, "the maintainer must be one line: Name <address>");
	return 0;
}

/* Length of "6.1.192" or "6.2.0-rc3" at the front. */
static size_t kernel_length(const char *release)
{
	size_t n = strspn(release, "0123456789."), more;

	while (n > 0 && release[n - 1] == '.')
		n--;
	if (startswith(release + n, "-rc")) {
		more = strspn(release + n + 3, "0123456789");
		n += more > 0 ? 3 + more : 0;
	}
	return n;
}

static char *replaced(char *s, char from, char to)
{
	for (char *p = s; (p = strchr(p, from)); p++)
		*p = to;
	return s;
}

static char *debian_name(const char *release)
{
	char *s = replaced(replaced(xstrdup(release), '_', '-'), '~', '-');

	for (char *p = s; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return s;
}

static char *rpm_evr(const char *release)
{
	char *s = xstrdup(release), *dash = strchr(s, '-');

	if (dash)
		replaced(dash + 1, '-', '_');
	return s;
}

int package_names_of(const struct package_job *job, struct package_names *ret, struct error *err)
{
	struct package_names n = { 0 };
	const char *local;
	size_t length;
	int r;

	r = check(job, err);
	if (r == 0)
		r = find_arch(job->karch, &n, err);
	if (r < 0)
		return r;
	length = kernel_length(job->release);
	local = job->release + length;
	local += strspn(local, "-.+_~");
	n.kernel = xstrndup(job->release, length);
	n.version = replaced(xstrdup(n.kernel), '-', '~');
	n.name = debian_name(job->release);
	n.evr = rpm_evr(job->release);
	n.rpm_release = replaced(xasprintf("%s%s%s", job->revision, *local ? "." : "", local), '-', '.');
	*ret = n;
	return 0;
}

void package_names_done(struct package_names *n)
{
	free(n->kernel);
	free(n->version);
	free(n->name);
	free(n->evr);
	free(n->rpm_release);
	*n = (struct package_names){ 0 };
}
