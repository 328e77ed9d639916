/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/boot_files.h"

#include <errno.h>

#include "kernel/image.h"
#include "kernel/kernel_set.h"
#include "kernel/module.h"
#include "kernel/module_unpack.h"

#define IMAGE_FILE_MAX ((size_t)128 << 20)
#define MODULE_FILE_MAX ((size_t)64 << 20)
#define MODULES_MAX 512
/* A line of the index that the initrd carries; no honest alias is near. */
#define WORD_MAX_BYTES 256

struct boot_files *boot_files_free(struct boot_files *f)
{
	for (size_t i = 0; f && i < f->n_modules; i++) {
		struct boot_module *m = &f->modules[i];

		for (size_t j = 0; j < m->n_aliases; j++)
			free(m->aliases[j]);
		free(m->aliases);
		free(m->name);
		free(m->depends);
		free(m->bytes);
	}
	if (f) {
		free(f->modules);
		free(f->image);
	}
	free(f);
	return NULL;
}

/* One module file on its way. */
struct load {
	const struct part *part;
	const struct module_ref *ref;
	struct member_bytes bytes;
};

static void load_find(const struct kernel *k, const char *name, struct load *ret)
{
	*ret = (struct load){ 0 };
	for (size_t i = 0; i < k->n_parts && !ret->ref; i++) {
		ret->part = &k->parts[i];
		ret->ref = locate_module(&k->parts[i].files, name);
	}
}

static bool has_module(const struct boot_files *f, const char *name)
{
	for (size_t i = 0; i < f->n_modules; i++)
		if (locate_same_name(f->modules[i].name, strlen(f->modules[i].name), name))
			return true;
	return false;
}

/* What goes into a line of words: anything else from a module is dropped. */
static bool is_word(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	return n > 0 && n <= WORD_MAX_BYTES;
}

static void take_aliases(struct boot_module *m, const struct module *elf)
{
	const char *alias;
	size_t at = 0;

	while ((alias = module_modinfo(elf, "alias", &at))) {
		if (!is_word(alias))
			continue;
		ARRAY_GROW(m->aliases, m->n_aliases);
		m->aliases[m->n_aliases++] = xstrdup(alias);
	}
}

static int take_bytes(struct boot_module *m, struct load *l, struct error *err)
{
	if (unpack_is_packed(l->bytes.data, l->bytes.size))
		return unpack(l->bytes.data, l->bytes.size, MODULE_MAX_BYTES, &m->bytes, &m->size, err);
	m->bytes = TAKE_PTR(l->bytes.data);
	m->size = l->bytes.size;
	return 0;
}

/* Adds the module; the names that it depends on go to `next`. */
static int take_module(struct boot_files *f, struct load *l, const char *name, struct strings *next, struct error *err)
{
	_cleanup_(module_freep) struct module *elf = NULL;
	struct boot_module *m;
	const char *depends;
	size_t at = 0;
	int r;

	ARRAY_GROW(f->modules, f->n_modules);
	m = &f->modules[f->n_modules++];
	*m = (struct boot_module){ .name = xstrdup(name) };
	for (char *s = m->name; *s; s++)
		*s = *s == '-' ? '_' : *s;
	r = take_bytes(m, l, err);
	if (r == 0)
		r = module_open(m->bytes, m->size, MODULE_MAX_BYTES, &elf, err);
	if (r < 0)
		return r;
	take_aliases(m, elf);
	depends = module_modinfo(elf, "depends", &at);
	m->depends = xstrdup(depends && strlen(depends) < 4096 ? depends : "");
	for (const char *s = m->depends, *end; *s; s = *end ? end + 1 : end) {
		end = strchrnul(s, ',');
		if (end > s)
			strings_add(next, xstrndup(s, (size_t)(end - s)));
	}
	return 0;
}

static int read_round(struct kernel *k, struct load *loads, size_t n, struct error *err)
{
	for (size_t p = 0; p < k->n_parts; p++) {
		_cleanup_(freep) struct member_read *reads = xcalloc(n, sizeof(*reads));
		size_t m = 0;
		int r;

		for (size_t i = 0; i < n; i++)
			if (loads[i].part == &k->parts[p])
				reads[m++] = (struct member_read){ .member = loads[i].ref->member,
								   .sink = member_bytes_sink(&loads[i].bytes) };
		r = m > 0 ? package_read(k->parts[p].origin->package, reads, m, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

/* One pass over the packages: the modules of `names`, and in `next` what these depend on. */
static int take_round(struct kernel *k, const struct strings *names, struct boot_files *f, struct strings *next,
		      struct error *err)
{
	_cleanup_(freep) struct load *loads = xcalloc(names->n, sizeof(*loads));
	_cleanup_(freep) const char **of = xcalloc(names->n, sizeof(*of));
	size_t n = 0;
	int r;

	for (size_t i = 0; i < names->n; i++) {
		bool twice = has_module(f, names->items[i]);

		for (size_t j = 0; j < n && !twice; j++)
			twice = locate_same_name(of[j], strlen(of[j]), names->items[i]);
		load_find(k, names->items[i], &loads[n]);
		if (twice || !loads[n].ref)
			continue;
		loads[n].bytes.limit = MODULE_FILE_MAX;
		of[n++] = names->items[i];
	}
	if (f->n_modules + n > MODULES_MAX)
		return error_set(err, E2BIG, "more than %d modules are wanted to boot it", MODULES_MAX);
	r = read_round(k, loads, n, err);
	for (size_t i = 0; i < n; i++) {
		if (r == 0) {
			r = take_module(f, &loads[i], of[i], next, err);
			if (r < 0)
				error_prefix(err, "module %s", of[i]);
		}
		free(loads[i].bytes.data);
	}
	return r;
}

static int take_modules(struct kernel *k, const struct strings *drivers, struct boot_files *f, struct error *err)
{
	struct strings names = { 0 }, next = { 0 };
	int r = take_round(k, drivers, f, &names, err);

	while (r == 0 && names.n > 0) {
		r = take_round(k, &names, f, &next, err);
		strings_done(&names);
		names = next;
		next = (struct strings){ 0 };
	}
	strings_done(&names);
	strings_done(&next);
	return r;
}

/* Both at once: its bytes, and the payload decoded. */
struct image_sink {
	struct member_bytes bytes;
	struct image *image;
};

static int image_take(void *ctx, const uint8_t *bytes, size_t n, struct error *err)
{
	struct image_sink *s = ctx;
	struct member_sink keep = member_bytes_sink(&s->bytes);
	int r = keep.take(keep.ctx, bytes, n, err);

	/* Its "enough" is not ours: the file is wanted to its end. */
	if (r == 0)
		r = image_feed(s->image, bytes, n, err);
	return r < 0 ? r : 0;
}

static int image_last(void *ctx, struct error *err)
{
	return image_end(((struct image_sink *)ctx)->image, err);
}

static int take_image(struct kernel *k, bool bare, struct boot_files *f, struct error *err)
{
	for (size_t p = 0; p < k->n_parts; p++) {
		_cleanup_(image_freep) struct image *image = NULL;
		struct image_sink s = { .bytes.limit = IMAGE_FILE_MAX };
		struct member_read read;
		const uint8_t *flat;
		int r;

		if (k->parts[p].files.image < 0)
			continue;
		s.image = image = image_new(IMAGE_WHOLE);
		read = (struct member_read){ .member = (size_t)k->parts[p].files.image,
					     .sink = { image_take, image_last, &s } };
		r = package_read(k->parts[p].origin->package, &read, 1, err);
		if (r == 0 && bare) {
			flat = image_unpacked(image, &f->image_size);
			f->image = xmalloc(f->image_size);
			memcpy(f->image, flat, f->image_size);
			free(s.bytes.data);
			f->bare = true;
			return 0;
		}
		f->image = s.bytes.data;
		f->image_size = s.bytes.size;
		return r;
	}
	return error_set(err, ENOENT, "%s: there is no kernel image in it, so that it cannot be booted", k->label);
}

int kernel_boot_files(struct kernel *k, const struct strings *drivers, bool bare, struct boot_files **ret,
		      struct error *err)
{
	_cleanup_(boot_files_freep) struct boot_files *f = NULL;
	size_t total;
	int r;

	if (k->box)
		return box_boot_files(k->box, k->id, drivers, bare, ret, err);
	f = xcalloc(1, sizeof(*f));
	r = take_image(k, bare, f, err);
	if (r == 0)
		r = take_modules(k, drivers, f, err);
	if (r < 0)
		return r;
	total = f->image_size;
	for (size_t i = 0; i < f->n_modules; i++)
		total += f->modules[i].size;
	if (total > BOOT_FILES_MAX - (16u << 20))
		return error_set(err, E2BIG, "%s: what booting it takes has %zu bytes; no honest kernel comes near", k->label,
				 total);
	*ret = TAKE_PTR(f);
	return 0;
}

static void wire_module(struct wire *w, struct boot_module *m)
{
	wire_text(w, &m->name);
	wire_text(w, &m->depends);
	wire_count(w, &m->n_aliases, 8);
	if (!w->out)
		m->aliases = xcalloc(m->n_aliases, sizeof(*m->aliases));
	for (size_t i = 0; i < m->n_aliases; i++) {
		wire_text(w, &m->aliases[i]);
		if (!w->out && (!m->aliases[i] || !is_word(m->aliases[i])))
			w->bad = true;
	}
	wire_bytes(w, &m->bytes, &m->size);
	if (!w->out && (!m->name || !m->depends || !is_word(m->name) || strpbrk(m->name, "/.,") ||
			(*m->depends && !is_word(m->depends))))
		w->bad = true;
}

void wire_boot_files(struct wire *w, struct boot_files *f)
{
	wire_bytes(w, &f->image, &f->image_size);
	wire_bool(w, &f->bare);
	wire_count(w, &f->n_modules, 40);
	if (!w->out)
		f->modules = xcalloc(f->n_modules, sizeof(*f->modules));
	for (size_t i = 0; i < f->n_modules; i++)
		wire_module(w, &f->modules[i]);
}
