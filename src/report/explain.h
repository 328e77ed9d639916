/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_EXPLAIN_H
#define HVCOMPAT_REPORT_EXPLAIN_H

#include "policy/policy.h"
#include "report/text.h"

/* What the knowledge says of something, in words. All of it is made from the data files. */

/*
 * `id`: a verdict ("hyperv:2008r2/gen1"), a finding ("hyperv-2008r2-gen1-vmbus"), an interface or a host.
 * What is the name of both is told as both. Returns 0, or -ENOENT with `err`.
 */
int explain(const struct text *t, const struct knowledge *k, const char *id, struct error *err);

/* What a policy requires and waives. */
void explain_policy(const struct text *t, const struct policy *p);

/*
 * explain_rule.c: a rule as a condition: "CONFIG_XEN_PV is set and the driver xen-blkfront is there". Owned.
 */
char *rule_text(const struct rule *r);

/* explain_iface.c */
void explain_iface(const struct text *t, const struct knowledge *k, const struct iface *i);
void explain_help(const struct text *t, size_t indent, const struct help *h);
void explain_refusals(const struct text *t, size_t indent, const struct refusal *list, unsigned n);

/* explain_host.c */
void explain_host(const struct text *t, const struct host *h);
void explain_verdict(const struct text *t, const struct host *h, unsigned version, unsigned mode);
void explain_offer(const struct text *t, size_t indent, const struct offer *o, unsigned version);

#endif
