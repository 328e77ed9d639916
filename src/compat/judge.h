/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_JUDGE_H
#define HVCOMPAT_COMPAT_JUDGE_H

#include "compat/rule.h"
#include "compat/support.h"

/* Inside the room "judge". */

/* What rules are held against. */
struct bench {
	const struct knowledge *k;
	const struct facts *facts;
};

/* Indices into facts, each once. */
struct evidence_list {
	size_t *items;
	size_t count;
};
void evidence_add(struct evidence_list *list, size_t fact);
void evidence_done(struct evidence_list *list);

/* truth.c: rules in Kleene's logic. TRUTH_NO < TRUTH_UNKNOWN < TRUTH_YES makes `all` a minimum and `any` a
 * maximum. */
enum truth fact_truth(const struct fact *f);
enum truth rule_truth(const struct bench *b, const struct rule *r);

/* The leaves that decided: those of branches that say what the whole says (of `none`, the opposite). */
void rule_evidence(const struct bench *b, const struct rule *r, struct evidence_list *into);

/* Of an unknown rule: whether reading deeper is all it takes. */
bool rule_unread(const struct bench *b, const struct rule *r);

/* Of a true rule: the first true leaf that tells versions; NULL: none does. */
const struct fact *rule_versions(const struct bench *b, const struct rule *r);

/* Of a true rule: whether a table in it might yet tell versions, and lies deeper. */
bool rule_versions_unread(const struct bench *b, const struct rule *r);

/* Of a true rule: the part whose grade and way-out hold, the best that is true. */
const struct rule *rule_giver(const struct bench *b, const struct rule *r);

/* says.c: facts as a person would say them. */

/* "CONFIG_XEN_PV=y" */
void say_fact(const struct bench *b, size_t fact, struct buf *into);

/* The first few, "CONFIG_A=y; driver b absent; and 3 more". */
void say_facts(const struct bench *b, const struct evidence_list *list, struct buf *into);

/* Where a fact was looked for: "the config". */
void say_source(const struct bench *b, size_t fact, struct buf *into);

/* Why undecided facts are so, and what would help. Owned. */
char *say_unknown(const struct bench *b, const struct evidence_list *list);

/* "5.3 5.2 5.1"; the short form leaves out the middle of many: "5.3 … 0.13". */
void say_versions(const version_t *v, size_t n, unsigned parts, struct buf *into);
void say_versions_short(const version_t *v, size_t n, unsigned parts, struct buf *into);

/* "Microsoft Hyper-V 2008r2". Owned. */
char *say_host(const struct host *h, unsigned version);

/* spoken.c */
void spoken_judge(const struct bench *b, const struct iface *i, struct spoken *ret);
void spoken_done(struct spoken *s);
/* Appends one sentence for each later rule of `speaks` that says the opposite of the one that decided. */
void spoken_contradictions(const struct bench *b, const struct spoken *s, struct support *into);

/* path.c: one offer, at one version and mode of its host. */
struct site {
	const struct support *support;
	const struct host *host;
	unsigned version, mode;
};
void path_judge(const struct site *site, const struct offer *o, struct path *ret);
void path_done(struct path *p);

#endif
