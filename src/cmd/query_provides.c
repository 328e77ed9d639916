/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/package.h"
#include "cmd/query_provides.h"
#include "report/text.h"

/* What is being said about one kernel and its package. */
struct verification {
	struct session *session;
	const struct look *look;
	struct provides should;
	struct carried package; /* the one with the image */
	enum package_format format;
	FILE *out;
	enum exit_status status;
};

static enum exit_status print_lines(struct session *s, FILE *out)
{
	struct provides p;
	enum exit_status status = EXIT_OK;

	provides_of(s->looks[0]->support, &p);
	if (p.n == 0)
		status = EXIT_UNDECIDED;
	for (size_t i = 0; i < p.n; i++) {
		_cleanup_(freep) char *line =
			provide_text(&p.lines[i], s->options->provides == PROVIDES_DEB ? PACKAGE_DEB : PACKAGE_RPM);

		fprintf(out, "%s\n", line);
	}
	provides_done(&p);
	return status;
}

static enum exit_status print(struct session *s, const struct kernel_list *list)
{
	enum exit_status status;

	if (list->count != 1)
		return usage_error(s->options, "--provides deb and rpm are for one kernel, and here are %zu",
				   list->count);
	status = session_look(s, list->kernels[0], NULL, DEPTH_DEEP, NULL);
	if (status == EXIT_OK)
		status = session_print(s, print_lines);
	if (status == EXIT_UNDECIDED)
		complain("%s: nothing can be promised of it: give its image, config and modules",
			 kernel_label(list->kernels[0]));
	return status;
}

static void say(struct verification *v, enum exit_status status, const char *line, const char *what)
{
	_cleanup_(freep) char *text = xasprintf("%s: %s %s", v->package.name, line, what);
	_cleanup_(freep) char *clean = text_clean(text);

	fprintf(v->out, "%s\n", clean);
	v->status = status_worse(v->status, status);
}

static bool is_due(const struct verification *v, const char *line)
{
	for (size_t i = 0; i < v->should.n; i++) {
		_cleanup_(freep) char *due = provide_text(&v->should.lines[i], v->format);

		if (streq(due, line))
			return true;
	}
	return false;
}

/* The interface that a line is about; NULL: none that is known. */
static const struct spoken *about(const struct verification *v, const char *line)
{
	const struct support *s = v->look->support;
	const char *name = line + strcspn(line, "(-") + 1;
	size_t n = strcspn(name, ") ");

	for (size_t i = 0; i < s->knowledge->n_ifaces; i++)
		if (strlen(s->spoken[i].iface->name) == n && strncmp(s->spoken[i].iface->name, name, n) == 0)
			return &s->spoken[i];
	return NULL;
}

/* It carries what is not due: that is false, unless nothing tells. */
static void judge_surplus(struct verification *v, const char *line)
{
	const struct spoken *s = about(v, line);

	if (!s)
		say(v, EXIT_UNDECIDED, line, "is carried, and nothing is known of that");
	else if (s->present == TRUTH_UNKNOWN || (s->present == TRUTH_YES && !s->versions_known))
		say(v, EXIT_UNDECIDED, line,
		    "is carried, and what was given does not tell whether it is true: give the packages of its "
		    "modules, too");
	else
		say(v, EXIT_BLOCKED, line, "is carried, and its kernel does not keep that");
}

static void compare(struct verification *v)
{
	for (size_t i = 0; i < v->should.n; i++) {
		_cleanup_(freep) char *line = provide_text(&v->should.lines[i], v->format);

		if (!strings_have(&v->package.provides, line))
			say(v, EXIT_BLOCKED, line, "is missing");
	}
	for (size_t i = 0; i < v->package.provides.n; i++)
		if (!is_due(v, v->package.provides.items[i]))
			judge_surplus(v, v->package.provides.items[i]);
	if (v->should.n == 0 && v->package.provides.n == 0)
		say(v, EXIT_UNDECIDED, "nothing", "is carried, and nothing could be told of its kernel");
	else if (v->status == EXIT_OK && v->session->options->verbose)
		fprintf(v->out, "%s: carries all %zu\n", v->package.name, v->should.n);
}

enum exit_status session_package(struct session *s, const struct look *look, struct carried *ret)
{
	const struct facts *f = look->facts;
	const char *label = kernel_label(look->kernel);

	for (size_t i = 0; i < f->n_inputs; i++) {
		struct error err = { 0 };

		if (carried_read(f->inputs[i].path, ret, &err) < 0)
			return session_refuse(s, label, "%s", err.text);
		if (ret->name && ret->image)
			return EXIT_OK;
		carried_done(ret);
	}
	return session_refuse(s, label,
			      "comes from no package that holds an image: this is for packages that are made");
}

static enum exit_status check(struct session *s, FILE *out)
{
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < s->n_looks; i++) {
		struct verification v = { .session = s, .look = s->looks[i], .out = out };
		enum exit_status one = session_package(s, v.look, &v.package);

		if (one == EXIT_OK) {
			v.format = v.package.rpm ? PACKAGE_RPM : PACKAGE_DEB;
			provides_of(v.look->support, &v.should);
			compare(&v);
			one = v.status;
		}
		provides_done(&v.should);
		carried_done(&v.package);
		status = status_worse(status, one);
	}
	return status;
}

enum exit_status query_provides(struct session *s, const struct kernel_list *list)
{
	enum exit_status status = EXIT_OK;

	if (s->options->provides != PROVIDES_CHECK)
		return print(s, list);
	for (size_t i = 0; i < list->count; i++)
		status = status_worse(status, session_look(s, list->kernels[i], NULL, DEPTH_DEEP, NULL));
	return status == EXIT_OK ? session_print(s, check) : status;
}
