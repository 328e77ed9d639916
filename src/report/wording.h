/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_WORDING_H
#define HVCOMPAT_REPORT_WORDING_H

#include "base/status.h"
#include "policy/decision.h"

/* The words that text and JSON share for the enumerations of the other rooms. All are constant strings. */

const char *want_kind_word(enum want_kind kind); /* as docs/knowledge.md spells the leaf */
const char *fact_state_word(enum fact_state state);
const char *placement_word(enum placement placement);
const char *depth_word(enum depth depth);
const char *image_state_word(enum image_state state);
char *reach_text(const struct facts *f); /* what was really read, for people; owned */
const char *finding_kind_word(enum finding_kind kind);
const char *finding_state_word(enum finding_state state);
const char *decision_word(enum decision_result result);
const char *requirement_word(const struct requirement_result *r);
const char *meets_word(enum meets meets); /* as docs/knowledge.md spells it */
const char *truth_word(enum truth truth);
const char *exit_words(enum exit_status status); /* "allowed, or supported" */
const char *grade_word(enum grade grade);

/* "config XEN_PV", "table vmbus_versions of hv_vmbus", "note Xen/18". Owned by the caller. */
char *want_text(const struct want *w);

/*
 * "hyperv >= 2012 as gen1 through vmbus, in full": a requirement as a person would say it. Owned by the
 * caller.
 */
char *requirement_text(const struct requirement *r);

#endif
