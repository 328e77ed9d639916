/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/read.h"

#include <ctype.h>

static void identify_release(struct reading *r)
{
	const char *path = r->kernel->release, *image = r->image ? image_release(r->image) : NULL;

	if (path && image && !streq(path, image))
		contradiction_add(r->facts,
				  "the paths of the packages say release %s, the kernel image says %s", path,
				  image);
	if (image || path)
		r->facts->release = xstrdup(image ? image : path);
}

static const char *config_arch(const struct config *c)
{
	static const struct {
		const char *symbol, *arch;
	} arches[] = { { "X86_64", "x86_64" }, { "X86_32", "i686" }, { "ARM64", "aarch64" } };

	for (size_t i = 0; c && i < ARRAY_SIZE(arches); i++)
		if (config_is_set(c, arches[i].symbol))
			return arches[i].arch;
	return NULL;
}

/* The words of dpkg and rpm for what uname -m says. */
static const char *package_arch(const struct kernel *k)
{
	static const struct {
		const char *word, *arch;
	} words[] = { { "amd64", "x86_64" }, { "x86_64", "x86_64" }, { "i386", "i686" },  { "i586", "i686" },
		      { "i686", "i686" },    { "arm64", "aarch64" },  { "aarch64", "aarch64" } };

	for (size_t i = 0; i < k->n_parts; i++)
		for (size_t j = 0; part_info(&k->parts[i])->arch && j < ARRAY_SIZE(words); j++)
			if (streq(part_info(&k->parts[i])->arch, words[j].word))
				return words[j].arch;
	return NULL;
}

static bool differ(const char *a, const char *b)
{
	return a && b && !streq(a, b);
}

static void identify_arch(struct reading *r)
{
	const char *image = r->image ? image_arch(r->image) : NULL;
	const char *config = config_arch(r->config), *package = package_arch(r->kernel);
	const char *arch = image ? image : config ? config : package;

	if (differ(image, config))
		contradiction_add(r->facts, "the kernel image is for %s, the config for %s", image, config);
	/* 32-bit distributions have shipped 64-bit kernels in packages of their own architecture. */
	if (differ(arch, package) && !(streq(arch, "x86_64") && streq(package, "i686")))
		contradiction_add(r->facts, "the kernel is for %s, its package for %s", arch, package);
	if (arch)
		r->facts->arch = xstrdup(arch);
}

/* -ABI ("-50", "-427.el9.x86_64") or -rcN. */
static bool is_abi(const char *s)
{
	return isdigit((unsigned char)s[1]) || (startswith(s, "-rc") && isdigit((unsigned char)s[3]));
}

/*
 * What follows VERSION and ABI: 6.1.0-50-cloud-amd64, 6.1.0-50-686-pae, 6.4.0-150600.23.17-default. A version
 * with a '+' has no ABI behind it: 6.12.107+deb13-amd64. A vendor that ends the release in the architecture
 * adds to that: 5.14.0-427.el9.x86_64+rt.
 */
static char *flavour_of(const char *release)
{
	const char *s = strchr(release, '-'), *plus = strchr(release, '+');

	if (s && is_abi(s) && !(plus && plus < s))
		s = strchr(s + 1, '-');
	if (s && s[1])
		return xstrdup(s + 1);
	s = strchr(release, '-');
	plus = s ? strchr(s, '+') : NULL;
	return plus && plus[1] ? xstrdup(plus + 1) : NULL;
}

static void add_input(struct facts *f, const struct origin *s)
{
	const struct package_info *info = package_info(s->package);
	struct input in = { .path = xstrdup(info->path) };

	in.package = info->name ? xstrdup(info->name) : NULL;
	in.version = info->version ? xstrdup(info->version) : NULL;
	in.arch = info->arch ? xstrdup(info->arch) : NULL;
	ARRAY_GROW(f->inputs, f->n_inputs);
	f->inputs[f->n_inputs++] = in;
}

static void identify_inputs(struct reading *r)
{
	const struct kernel *k = r->kernel;

	for (size_t i = 0; i < k->n_parts; i++)
		add_input(r->facts, k->parts[i].origin);
	for (size_t i = 0; i < k->n_metas; i++)
		add_input(r->facts, k->metas[i]);
}

void reading_identify(struct reading *r)
{
	const struct part *p = r->image_at.part;

	identify_release(r);
	identify_arch(r);
	if (r->facts->release)
		r->facts->flavour = flavour_of(r->facts->release);
	if (p && part_info(p)->version)
		r->facts->version = xstrdup(part_info(p)->version);
	identify_inputs(r);
}
