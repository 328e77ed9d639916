/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/ids.h"

#include <ctype.h>

#include "compat/support.h"

static const struct {
	const char *word;
	bool about; /* something stands behind it */
} kinds[ID_KINDS] = {
	[ID_CONTRADICTION] = { "contradiction", true },
	[ID_UNPROVEN] = { "unproven", true },
	[ID_WAIVER] = { "waiver", true },
	[ID_DRIVER] = { "this-machine-driver", true },
	[ID_FAILED] = { "failed", false },
	[ID_HELD] = { "held", false },
	[ID_KEPT_BACK] = { "kept-back", false },
	[ID_NO_UPDATE] = { "no-update", false },
	[ID_DECISION] = { "decision", false },
};

char *id_make(enum id_kind kind, const char *rest)
{
	return xasprintf("%s%s%s", kinds[kind].word, rest ? "-" : "", rest ? rest : "");
}

bool id_parse(const char *id, enum id_kind *ret, const char **ret_rest)
{
	for (enum id_kind kind = 0; kind < ID_KINDS; kind++) {
		const char *rest = startswith(id, kinds[kind].word);

		if (!rest || (kinds[kind].about ? *rest != '-' || !rest[1] : *rest != '\0'))
			continue;
		*ret = kind;
		*ret_rest = rest + kinds[kind].about;
		return true;
	}
	return false;
}

char *id_of_row(const struct host *host, unsigned version, unsigned mode, const struct iface *iface)
{
	_cleanup_(freep) char *label = verdict_label(host, version, mode);
	char *id = iface ? xasprintf("%s-%s", label, iface->name) : TAKE_PTR(label);

	for (char *p = id; *p; p++)
		*p = *p == ':' || *p == '/' ? '-' : (char)tolower((unsigned char)*p);
	return id;
}

/* What an id has behind its row: nothing, or an interface that the host offers. */
static bool takes_rest(const char *rest, struct id_row *row)
{
	row->iface = NULL;
	if (*rest == '\0')
		return true;
	if (*rest++ != '-')
		return false;
	for (unsigned i = 0; i < row->host->offers_count && !row->iface; i++)
		if (streq(row->host->offers[i].interface, rest))
			row->iface = row->host->offers[i].iface;
	return row->iface != NULL;
}

bool id_find_row(const struct knowledge *k, const char *id, struct id_row *ret)
{
	for (size_t i = 0; i < k->n_hosts; i++) {
		struct id_row row = { .host = k->hosts[i] };

		if (!startswith(id, row.host->name))
			continue;
		for (row.version = 0; row.version < row.host->versions_count; row.version++)
			for (row.mode = 0; row.mode < row.host->modes_count; row.mode++) {
				_cleanup_(freep) char *text = id_of_row(row.host, row.version, row.mode, NULL);
				const char *rest = startswith(id, text);

				if (!rest || !takes_rest(rest, &row))
					continue;
				*ret = row;
				return true;
			}
	}
	return false;
}

const struct host *id_find_arch(const struct knowledge *k, const char *id)
{
	for (size_t i = 0; i < k->n_hosts; i++) {
		const char *rest = startswith(id, k->hosts[i]->name);

		if (rest && *rest == '-' && arch_known(rest + 1))
			return k->hosts[i];
	}
	return NULL;
}

bool id_find_doubt(const struct knowledge *k, const char *rest, const struct iface **ret)
{
	size_t n = strlen(rest), digits = n;
	_cleanup_(freep) char *name = NULL;

	*ret = knowledge_iface(k, rest);
	if (*ret || streq(rest, "kernel"))
		return true;
	/* The second of its name, and so on. */
	while (digits > 0 && isdigit((unsigned char)rest[digits - 1]))
		digits--;
	if (digits == n || digits < 2 || rest[digits - 1] != '-')
		return false;
	name = xstrndup(rest, digits - 1);
	*ret = knowledge_iface(k, name);
	return *ret || streq(name, "kernel");
}
