/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/range.h"

#include <ctype.h>
#include <errno.h>

#define PARTS_MAX 6  /* "6.1.176.1.2.3": more than any kernel has */
#define DIGITS_MAX 9 /* fits an unsigned */

struct release {
	unsigned parts[PARTS_MAX];
	unsigned n;
};

struct range {
	bool bare; /* low names all releases that begin so */
	bool has_low, has_high;
	struct release low, high;
};

/* Reads the dotted numbers at `*s` and moves behind them. False: there are none, or they are too many or too
 * long. */
static bool release_scan(const char **s, struct release *ret)
{
	struct release r = { 0 };
	const char *p = *s;

	for (;;) {
		unsigned value = 0, digits = 0;

		for (; isdigit((unsigned char)*p); p++, digits++) {
			if (digits == DIGITS_MAX)
				return false;
			value = value * 10 + (unsigned)(*p - '0');
		}
		if (digits == 0 || r.n == PARTS_MAX)
			return false;
		r.parts[r.n++] = value;
		if (p[0] != '.' || !isdigit((unsigned char)p[1]))
			break;
		p++;
	}
	*s = p;
	*ret = r;
	return true;
}

static int release_compare(const struct release *a, const struct release *b)
{
	for (unsigned i = 0; i < PARTS_MAX; i++)
		if (a->parts[i] != b->parts[i])
			return a->parts[i] < b->parts[i] ? -1 : 1;
	return 0;
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* One of the ranges between commas. Moves `*s` to the ',' or the end behind it. False: malformed. */
static bool range_scan(const char **s, struct range *ret)
{
	struct range r = { 0 };
	const char *p = skip_blanks(*s);
	bool below = startswith(p, "<="), above = startswith(p, ">=");

	p = skip_blanks(p + (below || above ? 2 : 0));
	if (!release_scan(&p, below ? &r.high : &r.low))
		return false;
	r.has_low = !below;
	r.has_high = below;
	p = skip_blanks(p);
	if (!below && !above) {
		r.bare = !startswith(p, "..");
		r.has_high = !r.bare;
	}
	if (r.has_low && r.has_high) {
		p = skip_blanks(p + 2);
		if (!release_scan(&p, &r.high))
			return false;
		p = skip_blanks(p);
	}
	if (*p != ',' && *p != '\0')
		return false;
	*s = p;
	*ret = r;
	return true;
}

int range_check(const char *range, struct error *err)
{
	const char *p = range;
	struct range r;

	for (;;) {
		if (!range_scan(&p, &r))
			return error_set(
				err, EINVAL,
				"'%s' is no range of kernels; write \"6.1 .. 6.1.999\", \">= 6.12\", "
				"\"<= 5.10.999\" or \"6.1\", separated by ','",
				range);
		if (r.has_low && r.has_high && release_compare(&r.low, &r.high) > 0)
			return error_set(err, EINVAL,
					 "the range of kernels '%s' is empty: its end is below its start",
					 range);
		if (*p == '\0')
			return 0;
		p++;
	}
}

static bool in_range(const struct range *r, const struct release *k)
{
	if (r->bare)
		return k->n >= r->low.n &&
		       memcmp(k->parts, r->low.parts, r->low.n * sizeof(k->parts[0])) == 0;
	return (!r->has_low || release_compare(k, &r->low) >= 0) &&
	       (!r->has_high || release_compare(k, &r->high) <= 0);
}

bool range_covers(const char *range, const char *release)
{
	const char *p = range, *rest = release;
	struct release k;
	struct range r;

	if (!range)
		return true;
	if (!release || !release_scan(&rest, &k))
		return false;
	while (range_scan(&p, &r)) {
		if (in_range(&r, &k))
			return true;
		if (*p == '\0')
			break;
		p++;
	}
	return false;
}

bool date_valid(const char *text)
{
	static const unsigned char days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned year, month, day;
	bool leap;

	for (unsigned i = 0; i < 10; i++) {
		bool dash = i == 4 || i == 7;

		if (dash ? text[i] != '-' : !isdigit((unsigned char)text[i]))
			return false;
	}
	if (text[10] != '\0' || sscanf(text, "%4u-%2u-%2u", &year, &month, &day) != 3)
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return leap || month != 2 || day < 29;
}
