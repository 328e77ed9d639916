/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/driver.h"
#include "kernel/read.h"

void driver_state_done(struct driver_state *s)
{
	free(s->why);
	*s = (struct driver_state){ 0 };
}

static const struct module_ref *find_in_part(const struct part *p, const struct driver *d)
{
	const struct module_ref *m = locate_module(&p->files, d->name);

	for (size_t i = 0; !m && d->also && d->also[i]; i++)
		m = locate_module(&p->files, d->also[i]);
	return m;
}

struct driver_file driver_find_file(const struct reading *r, const struct driver *d)
{
	const struct kernel *k = r->kernel;
	struct driver_file found = { 0 };

	for (size_t i = 0; i < k->n_parts; i++) {
		const struct module_ref *m = find_in_part(&k->parts[i], d);

		if (!m || (found.part && !k->parts[i].required))
			continue;
		found = (struct driver_file){ &k->parts[i], m };
		if (k->parts[i].required)
			break;
	}
	return found;
}

/* The first symbol that the config has governs; the others are its names in other kernels. */
static void find_symbol(const struct reading *r, const struct driver *d, struct driver_state *s)
{
	for (size_t i = 0; r->config && d->configs && d->configs[i]; i++) {
		s->value = config_get(r->config, d->configs[i]);
		if (!s->value)
			continue;
		s->symbol = d->configs[i];
		return;
	}
}

static bool is_set(const char *value)
{
	return value && (streq(value, "y") || streq(value, "m"));
}

/* There is a module file: that beats any config, which may speak of a part of the driver only. */
static void resolve_file(struct reading *r, const struct driver *d, const struct driver_file *f,
			 struct driver_state *s)
{
	if (!f->part->required) {
		s->state = FACT_ABSENT;
		s->placement = PLACEMENT_NOT_REQUIRED;
		s->why = xasprintf("%.*s.ko is in %s, which nothing in the set pulls in",
				   (int)f->module->length, f->module->base, origin_name(f->part->origin));
		return;
	}
	s->state = FACT_PRESENT;
	s->placement = r->image_at.part && r->image_at.part != f->part ? PLACEMENT_OTHER : PLACEMENT_MODULE;
	if (r->config && d->configs && d->configs[0] && !is_set(s->value))
		contradiction_add(r->facts, "%s holds %s, but the config does not set CONFIG_%s",
				  origin_name(f->part->origin), f->module->base,
				  s->symbol ? s->symbol : d->configs[0]);
}

/* CONFIG_X=m and no file. */
static void resolve_missing_file(struct reading *r, const struct driver *d, struct driver_state *s)
{
	_cleanup_(freep) char *missing = NULL;

	if (!r->kernel->listed) {
		/* Bare files have no module list, so the config is all there is to ask. */
		s->state = FACT_PRESENT;
		s->placement = PLACEMENT_MODULE;
		return;
	}
	missing = missing_package(r->kernel);
	s->state = FACT_UNKNOWN;
	s->why = xasprintf(
		"configured as a module (CONFIG_%s=m), but no given package holds %s.ko; give the package "
		"that has it%s%s",
		s->symbol, d->name, *missing ? ", perhaps " : "", missing);
}

static void resolve_config(struct reading *r, const struct driver *d, struct driver_state *s)
{
	if (s->value && streq(s->value, "m")) {
		resolve_missing_file(r, d, s);
	} else if (s->value && streq(s->value, "y")) {
		s->state = FACT_PRESENT;
		s->placement = PLACEMENT_BUILTIN;
	} else {
		s->state = FACT_ABSENT;
	}
}

static bool in_builtin_list(const struct reading *r, const char *name)
{
	const char *s = (const char *)r->builtin.data, *end = s + r->builtin.size;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *stop = nl ? nl : end;

		if (locate_is_module(s, (size_t)(stop - s), name))
			return true;
		s = stop + 1;
	}
	return false;
}

static bool is_builtin(const struct reading *r, const struct driver *d)
{
	if (in_builtin_list(r, d->name))
		return true;
	for (size_t i = 0; d->also && d->also[i]; i++)
		if (in_builtin_list(r, d->also[i]))
			return true;
	return false;
}

static bool has_modules(const struct kernel *k)
{
	for (size_t i = 0; i < k->n_parts; i++)
		if (k->parts[i].files.n_modules > 0)
			return true;
	return false;
}

/* No config, or the knowledge names no symbol: modules.builtin lists what could be a module, but is not. */
static void resolve_lists(struct reading *r, const struct driver *d, struct driver_state *s)
{
	if (r->builtin.data && is_builtin(r, d)) {
		s->state = FACT_PRESENT;
		s->placement = PLACEMENT_BUILTIN;
		s->listed_builtin = true;
	} else if (r->builtin.data && has_modules(r->kernel)) {
		s->state = FACT_ABSENT;
	} else if (!r->config && (r->image_state == IMAGE_SKIPPED || r->image_state == IMAGE_HEADER)) {
		s->state = FACT_UNREAD;
	} else {
		s->state = FACT_UNKNOWN;
		s->why = xasprintf(
			"nothing tells whether %s is there: give the package that holds the config%s",
			d->name, r->builtin.data ? " or the modules" : " or modules.builtin");
	}
}

void driver_resolve(struct reading *r, size_t driver)
{
	const struct driver *d = &r->wants->drivers[driver];
	struct driver_state *s = &r->drivers[driver];

	find_symbol(r, d, s);
	if (r->files[driver].part)
		resolve_file(r, d, &r->files[driver], s);
	else if (r->config && d->configs && d->configs[0])
		resolve_config(r, d, s);
	else
		resolve_lists(r, d, s);
}
