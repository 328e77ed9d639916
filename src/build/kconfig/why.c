// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds a .config against what was asked for, and tells why an option is not as asked. It is compiled in a private
 * copy of a kernel source, with that kernel's own parser of Kconfig (scripts/kconfig), so that it knows what the
 * kernel's make knows. Of that parser it uses only what all series from 5.10 on have.
 *
 * Reads $WHY_REQUESTS, a line for each option in the order of who has the last word: "RANK NAME VALUE", the value
 * without quotes. Writes to $WHY_ANSWERS a line for each option that is not as asked:
 *
 *   NAME \t KIND \t TYPE \t PROMPT \t GOT \t CAUSE \t SENTENCE
 *
 * KIND: unknown (no such option), nomod (m, but it is y or n only), hidden (nobody can set it by itself), unmet (its
 * dependencies), choice (another one of a choice was taken), forced (selected by others), value. PROMPT is 1 when
 * it can be set at all. CAUSE is the option of a higher rank that is behind it, or "-".
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkc.h"

#define DEPTH_MAX 24 /* of options that depend on each other: for a cause, and no further */

struct request {
	int rank;
	char *name, *value;
	struct request *next;
};

static struct request *requests[SYMBOL_HASHSIZE_OURS];

static unsigned int bucket(const char *name)
{
	unsigned int h = 5381;

	while (*name)
		h = h * 33 + (unsigned char)*name++;
	return h % SYMBOL_HASHSIZE_OURS;
}

static struct request *request_of(const char *name)
{
	struct request *r = name ? requests[bucket(name)] : NULL;

	while (r && strcmp(r->name, name))
		r = r->next;
	return r;
}

/* --- where an option is defined: the first entry of the menu tree that is about it */

static struct menu *find_menu(struct menu *menu, const struct symbol *sym)
{
	for (; menu; menu = menu->next) {
		struct menu *found;

		if (menu->sym == sym)
			return menu;
		found = find_menu(menu->list, sym);
		if (found)
			return found;
	}
	return NULL;
}

static void print_place(struct menu *menu, FILE *out)
{
	if (menu)
		fprintf(out, " (%s:%d)", MENU_FILE(menu), menu->lineno);
}

/* --- expressions */

#define EXPR_MAX 400 /* characters; some are selected by half of all drivers */

/* With the values of its options: "PCI [=n] && (X86_32 [=n] || COMPAT [=y])". */
static void print_expr(struct expr *e, FILE *out)
{
	struct gstr text = str_new();
	const char *p;

	expr_gstr_print(e, &text);
	for (p = str_get(&text); *p && p - str_get(&text) < EXPR_MAX; p++)
		fputc(*p == '\n' || *p == '\t' ? ' ' : *p, out);
	if (*p)
		fprintf(out, " ...");
	str_free(&text);
}

static const char *value_of(struct symbol *sym)
{
	if (!sym->name)
		return "";
	sym_calc_value(sym);
	return sym_get_string_value(sym);
}

static int is_leaf(const struct expr *e)
{
	return e->type != E_OR && e->type != E_AND && e->type != E_NOT;
}

/* Those terms, joined by "and", which keep the whole below what was wanted. */
static void print_unmet(struct expr *e, tristate want, FILE *out, int *first)
{
	if (!e || expr_calc_value(e) >= want)
		return;
	if (e->type == E_AND) {
		print_unmet(e->left.expr, want, out, first);
		print_unmet(e->right.expr, want, out, first);
		return;
	}
	fprintf(out, "%s", *first ? "" : ", ");
	*first = 0;
	print_expr(e, out);
}

/* Of all that may select an option, the names of those that do. */
static void print_selecting(struct expr *e, FILE *out, int *first)
{
	if (!e || expr_calc_value(e) == no)
		return;
	if (e->type == E_OR) {
		print_selecting(e->left.expr, out, first);
		print_selecting(e->right.expr, out, first);
		return;
	}
	while (e && !is_leaf(e))
		e = e->left.expr;
	if (e && e->left.sym && e->left.sym->name)
		fprintf(out, "%s%s", *first ? "" : ", ", e->left.sym->name);
	*first = 0;
}

/* --- causes: whether what stands in the way was asked for by somebody of a higher rank */

static const char *cause_of(struct symbol *sym, int rank, int depth);

static const char *cause_in(struct expr *e, int rank, int depth)
{
	const char *cause;

	if (!e || depth > DEPTH_MAX)
		return NULL;
	if (e->type == E_AND || e->type == E_OR) {
		if (expr_calc_value(e) == yes)
			return NULL;
		cause = cause_in(e->left.expr, rank, depth);
		return cause ? cause : cause_in(e->right.expr, rank, depth);
	}
	if (e->type == E_NOT && e->left.expr && is_leaf(e->left.expr))
		return cause_in(e->left.expr, rank, depth);
	return is_leaf(e) && e->left.sym ? cause_of(e->left.sym, rank, depth + 1) : NULL;
}

static int same_value(struct symbol *sym, const char *want)
{
	const char *got = value_of(sym);
	enum symbol_type type = sym_get_type(sym);

	if (type == S_INT)
		return strtoll(got, NULL, 10) == strtoll(want, NULL, 10);
	if (type == S_HEX)
		return strtoull(got, NULL, 16) == strtoull(want, NULL, 16);
	/* A driver that became built in is not lost. */
	if (type == S_TRISTATE && !strcmp(want, "m") && !strcmp(got, "y"))
		return 1;
	return !strcmp(got, *want || type == S_STRING ? want : "n");
}

/* The other member of the choice that was taken, if `sym` is a member of one. */
static struct symbol *choice_taken(struct symbol *sym)
{
	struct menu *menu = find_menu(rootmenu.list, sym), *m;

	if (!menu || !menu->parent || !menu->parent->sym || menu->parent->sym->name)
		return NULL;
	for (m = menu->parent->list; m; m = m->next)
		if (m->sym && m->sym != sym && !strcmp(value_of(m->sym), "y"))
			return m->sym;
	return NULL;
}

static const char *cause_of(struct symbol *sym, int rank, int depth)
{
	struct request *r = request_of(sym->name);
	struct property *prompt;
	struct symbol *taken;
	const char *cause;

	if (depth > DEPTH_MAX || !sym->name)
		return NULL;
	if (r && r->rank > rank)
		return same_value(sym, r->value) ? r->name : NULL;
	taken = choice_taken(sym);
	if (taken) {
		r = request_of(taken->name);
		if (r && r->rank > rank)
			return r->name;
	}
	cause = cause_in(sym->dir_dep.expr, rank, depth);
	for_all_prompts(sym, prompt)
		if (!cause)
			cause = cause_in(prompt->visible.expr, rank, depth);
	return cause;
}

/* --- one option */

static int has_prompt(struct symbol *sym)
{
	struct property *p;

	for_all_prompts(sym, p)
		return 1;
	return 0;
}

/* The dependencies of the prompt, where there is one: they hold those of the option, and "if" behind its text. */
static struct expr *deps_of(struct symbol *sym)
{
	struct property *p;

	for_all_prompts(sym, p)
		return p->visible.expr;
	return sym->dir_dep.expr;
}

static tristate as_tristate(const char *value)
{
	return !strcmp(value, "y") ? yes : !strcmp(value, "m") ? mod : no;
}

static const char *say_unmet(struct symbol *sym, tristate want, FILE *out)
{
	int first = 1;

	fprintf(out, "depends on ");
	print_expr(deps_of(sym), out);
	fprintf(out, "; not met is ");
	print_unmet(deps_of(sym), want, out, &first);
	return "unmet";
}

static const char *say_forced(struct symbol *sym, FILE *out)
{
	int first = 1;

	fprintf(out, "is selected by ");
	print_selecting(sym->rev_dep.expr, out, &first);
	return "forced";
}

static const char *say_value(struct symbol *sym, FILE *out)
{
	struct property *p;

	for_all_properties(sym, p, P_RANGE) {
		if (!p->expr || expr_calc_value(p->visible.expr) == no)
			continue;
		fprintf(out, "the range here is %s to %s", value_of(p->expr->left.sym), value_of(p->expr->right.sym));
		return "value";
	}
	fprintf(out, "this source has another value for it");
	return "value";
}

/* Says why to `out`, and returns the kind. */
static const char *why(struct symbol *sym, const struct request *r, struct symbol **taken, FILE *out)
{
	enum symbol_type type = sym_get_type(sym);
	tristate want = as_tristate(r->value);
	int logic = type == S_BOOLEAN || type == S_TRISTATE;

	if (!has_prompt(sym)) {
		fprintf(out, "cannot be set by itself: it follows from other options");
		return "hidden";
	}
	if (logic && want == no && as_tristate(value_of(sym)) != no)
		return say_forced(sym, out);
	if (type == S_BOOLEAN && want == mod) {
		fprintf(out, sym->type == S_TRISTATE ? "m needs CONFIG_MODULES=y" : "can be y or n only");
		return "nomod";
	}
	*taken = choice_taken(sym);
	if (*taken) {
		fprintf(out, "of a choice, %s was taken instead", (*taken)->name);
		return "choice";
	}
	if (expr_calc_value(deps_of(sym)) < (logic ? want : mod))
		return say_unmet(sym, logic ? want : mod, out);
	return say_value(sym, out);
}

static void answer(const struct request *r, FILE *out)
{
	static const char *const types[] = {
		[S_UNKNOWN] = "unknown", [S_BOOLEAN] = "bool", [S_TRISTATE] = "tristate", [S_INT] = "int",
		[S_HEX] = "hex",	 [S_STRING] = "string",
	};
	struct symbol *sym = sym_find(r->name), *taken = NULL;
	const char *kind, *cause = NULL;
	char *text = NULL;
	size_t n;
	FILE *says;

	/* One that is only mentioned, in somebody's dependencies, has no type. */
	if (!sym || sym_get_type(sym) == S_UNKNOWN) {
		fprintf(out, "%s\tunknown\tunknown\t0\t\t-\tthis source has no such option\n", r->name);
		return;
	}
	if (same_value(sym, r->value))
		return;
	says = open_memstream(&text, &n);
	kind = why(sym, r, &taken, says);
	print_place(find_menu(rootmenu.list, sym), says);
	fclose(says);
	cause = cause_of(sym, r->rank, 0);
	fprintf(out, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", r->name, kind, types[sym->type], has_prompt(sym), value_of(sym),
		cause ? cause : "-", text);
	free(text);
}

/* --- the two files */

static struct request **read_requests(FILE *in, size_t *ret_n)
{
	struct request **list = NULL;
	char *line = NULL, *name, *value;
	size_t room = 0, n = 0;

	while (getline(&line, &room, in) > 0) {
		struct request *r = xcalloc(1, sizeof(*r));

		line[strcspn(line, "\n")] = '\0';
		r->rank = (int)strtol(line, &name, 10);
		name += strspn(name, " ");
		value = name + strcspn(name, " ");
		if (*value)
			*value++ = '\0';
		r->name = xstrdup(name);
		r->value = xstrdup(value);
		r->next = requests[bucket(name)];
		requests[bucket(name)] = r;
		list = xrealloc(list, (n + 1) * sizeof(*list));
		list[n++] = r;
	}
	free(line);
	*ret_n = n;
	return list;
}

static FILE *open_named(const char *variable, const char *mode)
{
	const char *name = getenv(variable);
	FILE *f = name ? fopen(name, mode) : NULL;

	if (!f) {
		fprintf(stderr, "why: $%s: %s\n", variable, name ? strerror(errno) : "is not set");
		exit(1);
	}
	return f;
}

int main(int argc, char **argv)
{
	FILE *in = open_named("WHY_REQUESTS", "r"), *out = open_named("WHY_ANSWERS", "w");
	struct request **list;
	size_t n, i;

	if (argc != 2)
		return 1;
	conf_parse(argv[1]);
	if (conf_read(".config"))
		return 1;
	list = read_requests(in, &n);
	for (i = 0; i < n; i++)
		answer(list[i], out);
	return fclose(out) == 0 ? 0 : 1;
}
