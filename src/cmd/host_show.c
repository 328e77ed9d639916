/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/host_machine.h"
#include "report/json.h"
#include "report/text.h"

static void line(FILE *out, const char *key, const char *value)
{
	_cleanup_(freep) char *clean = text_clean(value);

	fprintf(out, "%-12s %s\n", key, clean);
}

static void print_place(const struct machine *m, FILE *out)
{
	const struct host *h = m->host;
	_cleanup_(freep) char *versions = NULL;

	if (m->first < 0) {
		line(out, "version", "none that is known fits");
		return;
	}
	versions = m->first == m->last ? xstrdup(h->versions[m->first].id)
				       : xasprintf("%s .. %s (cannot be told closer)", h->versions[m->first].id,
						   h->versions[m->last].id);
	line(out, "version", versions);
	if (m->mode < 0)
		line(out, "mode", "cannot be told");
	else if (*h->modes[m->mode].id)
		line(out, "mode", h->modes[m->mode].id);
}

static void print_text(const struct machine *m, const char *yaml, const char *note, FILE *out)
{
	line(out, "hypervisor", m->host		       ? m->host->title :
				machine_is_bare(m) ? "none: bare metal, as far as can be seen" :
							     "one that is not known");
	line(out, "detect-virt", m->detect_virt);
	if (m->host)
		print_place(m, out);
	for (size_t i = 0; i < m->n_uses; i++) {
		const struct machine_use *u = &m->uses[i];
		_cleanup_(freep) char *text = xasprintf("%s: %s (driver %s)%s", u->what, u->iface->name, u->driver,
							u->vital ? ", needed" : "");

		line(out, iface_class_name(u->iface->class_), text);
	}
	for (size_t i = 0; m->devices_unknown[i]; i++) {
		_cleanup_(freep) char *text = xasprintf("%s: no known interface serves it; its drivers are kept, and no more",
							m->devices_unknown[i]);

		line(out, "not known", text);
	}
	for (size_t i = 0; i < m->n_signs; i++) {
		_cleanup_(freep) char *text = xasprintf("%s: %s", m->signs[i].place, m->signs[i].found);

		line(out, "seen", text);
	}
	line(out, "protected", yaml ? "yes; `hvcompat host policy` shows the policy" : note);
}

static struct json_object *uses_json(const struct machine *m)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < m->n_uses; i++) {
		const struct machine_use *u = &m->uses[i];
		struct json_object *o = json_new_object();

		json_put(o, "what", u->what);
		json_put(o, "class", iface_class_name(u->iface->class_));
		json_put(o, "interface", u->iface->name);
		json_put(o, "driver", u->driver);
		json_add(o, "needed", json_new_boolean(u->vital));
		json_append(list, o);
	}
	return list;
}

static struct json_object *signs_json(const struct machine *m)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < m->n_signs; i++) {
		struct json_object *o = json_new_object();

		json_put(o, "place", m->signs[i].place);
		json_put(o, "found", m->signs[i].found);
		json_append(list, o);
	}
	return list;
}

static struct json_object *versions_json(const struct machine *m)
{
	struct json_object *list = json_new_array();

	for (int v = m->first; m->host && v >= 0 && v <= m->last; v++)
		for (unsigned i = 0; i < m->host->modes_count; i++)
			if (m->possible[(unsigned)v * m->host->modes_count + i]) {
				json_append(list, json_text(m->host->versions[v].id));
				break;
			}
	return list;
}

static void print_json(const struct machine *m, const char *yaml, const char *note, FILE *out)
{
	struct json_object *o = json_new_object();
	size_t n = 0;

	while (m->devices_unknown[n])
		n++;
	json_put(o, "schema", "hvcompat-host/1");
	json_put(o, "command", "host");
	json_add(o, "exit", json_new_int(EXIT_OK));
	json_put(o, "hypervisor", m->host ? m->host->name : NULL);
	json_put(o, "name", m->host ? m->host->title : NULL);
	json_put(o, "detect_virt", m->detect_virt);
	json_add(o, "bare_metal", json_new_boolean(machine_is_bare(m)));
	json_add(o, "versions", versions_json(m));
	json_put(o, "mode", m->host && m->mode >= 0 ? m->host->modes[m->mode].id : NULL);
	json_put(o, "arch", m->arch);
	json_add(o, "uses", uses_json(m));
	json_add(o, "devices_unknown", json_strings(m->devices_unknown, n));
	json_add(o, "signs", signs_json(m));
	json_put(o, "policy", yaml);
	json_put(o, "not_protected", yaml ? NULL : note);
	fprintf(out, "%s\n", json_pretty(o));
	json_object_put(o);
}

enum exit_status machine_show(struct session *s, const struct machine *m, const char *yaml, const char *note, FILE *out)
{
	if (s->options->format == REPORT_JSON)
		print_json(m, yaml, note, out);
	else
		print_text(m, yaml, note, out);
	return EXIT_OK;
}
