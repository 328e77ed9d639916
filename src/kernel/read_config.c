/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/read.h"

static void no_config(struct reading *r, size_t i)
{
	_cleanup_(freep) char *missing = NULL;

	/* The image may hold a config (CONFIG_IKCONFIG); it was not looked into. */
	if (r->image_state == IMAGE_SKIPPED || r->image_state == IMAGE_HEADER)
		return;
	missing = missing_package(r->kernel);
	if (r->image_state == IMAGE_DENIED)
		fact_unknown(r, i, "no config is there, and the kernel image cannot be read: run as root");
	else
		fact_unknown(r, i, "no kernel config in what was given%s; add the package that has it%s%s",
			     r->image_state == IMAGE_READ ? ", nor in the image" : "",
			     *missing ? ", perhaps " : "", missing);
}

void answer_config(struct reading *r, size_t i)
{
	const struct want *w = &r->wants->wants[i];
	const char *value;
	bool found;

	if (!r->config) {
		no_config(r, i);
		return;
	}
	value = config_get(r->config, w->name);
	if (w->kind == WANT_CONFIG_EXISTS)
		found = value;
	else if (w->value)
		found = value && streq(value, w->value);
	else
		found = config_is_set(r->config, w->name);
	if (found)
		fact_found(r, i, &r->config_at, xstrdup(value), "%sCONFIG_%s", r->config_kind, w->name);
	else
		fact_absent(r, i, &r->config_at, value ? xstrdup(value) : NULL, "%sCONFIG_%s", r->config_kind,
			    w->name);
}

/* Where the state of a driver was read: the config's line, or the list of what is built in. */
static void place_driver(struct reading *r, struct fact *f, const struct driver_state *s,
			 const struct driver *d)
{
	if (s->symbol)
		f->place = xasprintf("%sCONFIG_%s=%s", r->config_kind, s->symbol, s->value);
	else if (s->listed_builtin)
		f->place = xasprintf("modules.builtin %s", d->name);
	else if (r->config && d->configs && d->configs[0])
		f->place = xasprintf("%sCONFIG_%s", r->config_kind, d->configs[0]); /* does not occur */
}

/* Also for the wants of a driver's contents, when the driver is not there. */
void answer_driver(struct reading *r, size_t i)
{
	const struct want *w = &r->wants->wants[i];
	const char *name = w->kind == WANT_DRIVER ? w->name : w->of;
	ssize_t d = driver_index(r->wants, name);
	struct fact *f = &r->facts->facts[i];
	const struct driver_state *s;

	if (d < 0) {
		fact_unknown(r, i, "no driver %s is declared", name);
		return;
	}
	s = &r->drivers[d];
	f->state = s->state;
	f->placement = s->placement;
	f->why = s->why ? xstrdup(s->why) : NULL;
	place_driver(r, f, s, &r->wants->drivers[d]);
	if (s->state == FACT_PRESENT)
		f->text = xstrdup(s->placement == PLACEMENT_BUILTIN ? "y" : "m");
	if (r->files[d].part)
		fact_locate(f, &(struct location){ r->files[d].part, r->files[d].module->member });
	else
		fact_locate(f, f->place && !s->listed_builtin ? &r->config_at : &r->builtin_at);
}
