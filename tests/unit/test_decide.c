/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy_world.h"

/* decide(): every expected line follows from docs/policy.md and the invented world. */

#define TODAY "2026-11-23"

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	world_begin(w);
	world_kernels(w, "x86_64");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	world_end(*state);
	free(*state);
	return 0;
}

/* --- diff -------------------------------------------------------------------------------------- */

static void diff_of_equals_is_empty(void **state)
{
	struct world *w = *state;

	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->n_requirements, 0);
	assert_null(w->d->policy);
}

/* The bus no longer speaks what version 1 knows: only that version, there in its only mode. */
static void diff_finds_the_version(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- dropped new alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED); /* no policy, no block */
}

/* pdisk goes: in mode new nothing else is a disk; in mode old the emulation is left, and the row is degraded.
 */
static void diff_tells_dropped_from_narrowed(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new alpha-1-old-pdisk\n"
			   "- narrowed new alpha-2-old-pdisk\n"
			   "- dropped new alpha-2-new-pdisk\n"
			   "- narrowed new alpha-3-old-pdisk\n"
			   "- dropped new alpha-3-new-pdisk\n");
}

/* In a row that is dropped, all that it lost for what it must have is why. */
static void diff_of_a_dropped_row_names_all_of_it(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_driver(w, 1, "edisk", FACT_ABSENT);
	world_driver(w, 1, "pdisp", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_int_equal(world_finding(w, "alpha-1-old-chan")->kind, FINDING_DROPPED);
	assert_int_equal(world_finding(w, "alpha-1-old-edisk")->kind, FINDING_DROPPED);
	assert_int_equal(world_finding(w, "alpha-1-old-pdisp")->kind, FINDING_NARROWED);
	assert_int_equal(world_finding(w, "alpha-2-old-edisk")->kind, FINDING_NARROWED);
}

static void diff_of_optional_needs_narrows(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisp", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new alpha-1-old-pdisp\n"
			   "- narrowed new alpha-2-old-pdisp\n"
			   "- narrowed new alpha-3-old-pdisp\n");
}

/* An emulation that goes while the real thing stays is still told. */
static void diff_reports_a_lost_fallback(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "edisk", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new alpha-1-old-edisk\n"
			   "- narrowed new alpha-2-old-edisk\n"
			   "- narrowed new alpha-3-old-edisk\n");
}

static void diff_the_other_way_gains(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 0, "3.0 2.0");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- gained fixed alpha-1-old-chan\n");
	assert_string_equal(w->d->findings[0].message, "now runs on alpha:1/old through chan");
}

/* Where neither ran, nothing is said, whatever changed there. */
static void diff_passes_over_what_never_ran(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 0, "3.0");
	world_chan_speaks(w, 1, "3.0");
	world_driver(w, 1, "pdisp", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new alpha-3-old-pdisp\n");
}

static void diff_of_good_and_unknown(void **state)
{
	struct world *w = *state;
	struct fact *f = invent_fact(w->k, w->facts[1], WANT_PAYLOAD, "xz", NULL);

	f->state = FACT_UNKNOWN;
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- unknown new beta-4.2-direct-pack-xz\n- unknown new beta-5.0-direct-pack-xz\n");
	/* and the other way nothing is known to have been gained */
	facts_free(TAKE_PTR(w->facts[0]));
	w->facts[0] = w->facts[1];
	w->facts[1] = world_facts(w, "x86_64");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "");
}

/* Unknown before, not supported now: no drop that can be proved, and nothing to be passed over. */
static void diff_of_unknown_and_bad(void **state)
{
	struct world *w = *state;

	invent_fact(w->k, w->facts[0], WANT_PAYLOAD, "xz", NULL)->state = FACT_UNKNOWN;
	world_packed(w, 1, "zstd");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w,
			"- unknown new beta-4.2-direct-pack-xz\n- gained fixed beta-5.0-direct-pack-zstd\n");
	assert_non_null(strstr(w->d->findings[0].message, "whether it ran there before cannot be told"));
}

/* Version 5.0 takes the new codec as well as the old: nothing changed there. */
static void diff_of_codecs(void **state)
{
	struct world *w = *state;

	world_packed(w, 1, "zstd");
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- dropped new beta-4.2-direct-pack-xz\n");
}

static void diff_of_userspace(void **state)
{
	struct world *w = *state;

	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL", NULL)->state = FACT_ABSENT;
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- dropped new oldlibc-oldcall\n");
	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL_EMULATED", NULL)->state = FACT_PRESENT;
	world_decide(w, WITH_OLD, TODAY);
	assert_findings(w, "- narrowed new oldlibc-oldcall\n");
}

/* --- check ------------------------------------------------------------------------------------- */

static void check_of_a_good_kernel(void **state)
{
	struct world *w = *state;

	world_policy(
		w, "requires:\n - {hypervisor: alpha, grade: full}\n - {userspace: oldlibc, grade: full}\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->n_requirements, 2);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
	assert_ptr_equal(w->d->requirements[1].requirement, &w->policy->requires[1]);
	assert_int_equal(w->d->requirements[1].result, REQUIREMENT_MET);
}

static void check_blocks_what_is_required(void **state)
{
	struct world *w = *state;
	const struct finding *f;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNMET);
	f = &w->d->findings[0];
	assert_true(f->required);
	assert_string_equal(f->host->name, "alpha");
	assert_int_equal(f->version, 0);
	assert_string_equal(f->through->name, "chan");
	world_policy(w, "requires: [{hypervisor: alpha, versions: '>= 2'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_findings(w, "");
}

/* Nothing is a disk: one finding for the need, by what was made for the host and not by its emulation. */
static void check_names_the_nearest_way(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "edisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-pdisk\n");
}

/* Of several codecs that would do, the one that came to that version last is named, and the others beside it.
 */
static void check_names_one_of_equals(void **state)
{
	struct world *w = *state;

	world_packed(w, 1, "zstd");
	world_policy(w, "requires: [{hypervisor: beta, versions: '<= 4.2', loader: stage}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(
		w,
		"! dropped existing beta-4.1-direct-pack-gzip\n! dropped existing beta-4.2-direct-pack-xz\n");
	assert_non_null(strstr(w->d->findings[1].message, "pack-xz (or pack-gzip)"));
}

static void check_asks_for_the_grade(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', grade: full}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! narrowed existing alpha-1-old-pdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNMET);
}

/* One that can be the real thing is nearer to the grade than a makeshift that works already. */
static void check_does_not_ask_for_makeshifts(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "bdisk", FACT_ABSENT);
	world_driver(w, 1, "sdisk", FACT_PRESENT);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner], grade: full}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! narrowed existing beta-5.0-inner-bdisk\n");
}

/* What decides an unknown need is what is unknown, be it only an emulation. */
static void check_names_what_is_unknown(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "edisk", FACT_UNKNOWN);
	world_driver(w, 1, "pdisp", FACT_ABSENT); /* optional, and nothing that was asked for */
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing alpha-1-old-edisk\n");
}

static void check_asks_optional_needs_of_full_only(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisp", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', grade: full}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! narrowed existing alpha-1-old-pdisp\n");
	/* what cannot be told about an optional need is unknown, not narrowed */
	world_driver(w, 1, "pdisp", FACT_UNKNOWN);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing alpha-1-old-pdisp\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
}

/* The row stands by its emulation, but the named way must work too. */
static void check_asks_for_the_way(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', through: [chan, pdisk]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-pdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_non_null(strstr(w->d->findings[0].message, "does not work on alpha:1/old"));
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', through: [edisk], grade: full}]\n");
	world_driver(w, 1, "pdisk", FACT_PRESENT);
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! narrowed existing alpha-1-old-edisk\n");
}

static void check_unknown_blocks_or_reports(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "bdisk", FACT_UNKNOWN);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing beta-5.0-inner-bdisk\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
	world_policy(w, "unknown: report\nrequires: [{hypervisor: beta, versions: '5.0', modes: [inner]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- unknown existing beta-5.0-inner-bdisk\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
}

/* Something known to be lost is worth more than something unknown. */
static void check_blocked_beats_undecided(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "bdisk", FACT_UNKNOWN);
	world_chan_speaks(w, 1, "3.0 2.0");
	world_policy(w, "requires:\n - {hypervisor: beta, modes: [inner], versions: '5.0'}\n - {hypervisor: "
			"alpha}\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-chan\n! unknown existing beta-5.0-inner-bdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

static void check_minds_the_architecture(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_policy(w, "requires: [{hypervisor: alpha, arch: [aarch64]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_NOT_APPLICABLE);
	/* where it is not known and would matter, so is the answer */
	free(TAKE_PTR(w->facts[1]->arch));
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! unknown existing alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	/* and where it would not matter, it does not */
	world_chan_speaks(w, 1, "1.0");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
}

static void check_minds_the_flavour(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	world_policy(w, "requires: [{hypervisor: alpha, flavour: [cloud, tiny]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_NOT_APPLICABLE);
	free(w->facts[1]->flavour);
	w->facts[1]->flavour = xstrdup("tiny");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	free(TAKE_PTR(w->facts[1]->flavour));
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
}

/* Mode direct does not exist on aarch64: nothing is asked there, unless the requirement names that very
 * place. */
static void check_of_rows_that_do_not_exist(void **state)
{
	struct world *w = *state;

	world_kernels(w, "aarch64");
	world_policy(w, "requires: [{hypervisor: beta, modes: [direct]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_NOT_APPLICABLE);
	world_policy(w, "requires: [{hypervisor: beta, modes: [direct], arch: [aarch64, x86_64]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing beta-aarch64\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNMET);
	/* some rows that do are enough to be asked about them only */
	world_policy(w, "requires: [{hypervisor: beta, arch: [aarch64, x86_64]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
}

/* sdisk is offered on x86_64 only. */
static void check_of_ways_that_do_not_exist(void **state)
{
	struct world *w = *state;

	world_kernels(w, "aarch64");
	world_policy(w, "requires: [{hypervisor: beta, versions: '4.1', modes: [inner],"
			" through: [sdisk]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "");
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
	world_policy(w, "requires: [{hypervisor: beta, versions: '4.1', modes: [inner], through: [sdisk],"
			" arch: [aarch64]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing beta-4.1-inner-sdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

/* --- gate -------------------------------------------------------------------------------------- */

static void gate_tells_new_from_existing(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha, versions: '<= 2', modes: [old]}]\n");
	world_chan_speaks(w, 0, "3.0 2.0");
	world_chan_speaks(w, 1, "3.0");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-chan\n"
			   "! dropped new alpha-2-old-chan\n"
			   "- dropped new alpha-2-new-chan\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	/* an existing loss alone blocks all the same */
	world_chan_speaks(w, 1, "3.0 2.0");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "! dropped existing alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

static void gate_tells_what_was_fixed(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_chan_speaks(w, 0, "3.0 2.0");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "- gained fixed alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
}

/* Of several ways to a disk, those that the old kernel had are named, not those that it never had. */
static void gate_names_what_was_had(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_driver(w, 0, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "edisk", FACT_ABSENT);
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_string_equal(w->d->findings[0].id, "alpha-1-old-edisk");
	assert_true(w->d->findings[0].blocking);
	assert_int_equal(w->d->findings[0].state, STATE_NEW);
	assert_null(world_finding(w, "alpha-1-old-pdisk"));
}

/* A requirement and the comparison speak of one path: one finding, the graver word. */
static void gate_says_it_once(void **state)
{
	struct world *w = *state;

	world_policy(w, "requires: [{hypervisor: alpha, versions: '1', through: [pdisk]}]\n");
	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(world_finding(w, "alpha-1-old-pdisk")->kind, FINDING_DROPPED);
	assert_true(world_finding(w, "alpha-1-old-pdisk")->blocking);
	assert_int_equal(world_finding(w, "alpha-2-old-pdisk")->kind, FINDING_NARROWED);
	assert_non_null(
		strstr(world_finding(w, "alpha-1-old-pdisk")->message, "no longer works on alpha:1/old"));
}

static void gate_reports_or_blocks_drops(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: beta, modes: [inner]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(world_finding(w, "alpha-2-new-pdisk")->kind, FINDING_DROPPED);
	world_policy(w, "drops: block\nrequires: [{hypervisor: beta, modes: [inner]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "! dropped new alpha-2-new-pdisk\n"
			   "! dropped new alpha-3-new-pdisk\n"
			   "- narrowed new alpha-1-old-pdisk\n"
			   "- narrowed new alpha-2-old-pdisk\n"
			   "- narrowed new alpha-3-old-pdisk\n");
	assert_int_equal(w->d->result, DECISION_BLOCKED);
	assert_false(w->d->findings[0].required);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_MET);
}

/* What may be a drop and cannot be told leaves `drops: block` undecided, unless unknown is only reported. */
static void gate_does_not_guess_drops(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "bdisk", FACT_UNKNOWN);
	world_policy(w, "drops: block\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	/* nor what may have been there before */
	world_driver(w, 0, "bdisk", FACT_UNKNOWN);
	world_driver(w, 1, "bdisk", FACT_ABSENT);
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	world_driver(w, 0, "bdisk", FACT_PRESENT);
	world_driver(w, 1, "bdisk", FACT_UNKNOWN);
	world_policy(w, "drops: block\nunknown: report\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	world_policy(w, "drops: report\nrequires: [{userspace: oldlibc}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->kind, FINDING_UNKNOWN);
}

/* An old kernel that nothing is known of excuses nothing. */
static void gate_with_an_unknown_past(void **state)
{
	struct world *w = *state;

	world_driver(w, 0, "bdisk", FACT_UNKNOWN);
	world_driver(w, 1, "bdisk", FACT_ABSENT);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->kind, FINDING_DROPPED);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->state, STATE_NEW);
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

static void gate_with_an_unknown_past_and_a_grade(void **state)
{
	struct world *w = *state;

	world_driver(w, 0, "bdisk", FACT_UNKNOWN);
	world_driver(w, 1, "bdisk", FACT_ABSENT);
	world_driver(w, 1, "sdisk", FACT_PRESENT);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0', modes: [inner], grade: full}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->kind, FINDING_NARROWED);
	assert_int_equal(world_finding(w, "beta-5.0-inner-bdisk")->state, STATE_NEW);
}

/* Of two disks one is lost and one unknown: the unknown one decides, so it blocks; the other is reported. */
static void gate_blocks_for_what_decides(void **state)
{
	struct world *w = *state;

	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_driver(w, 1, "edisk", FACT_UNKNOWN);
	world_policy(w, "requires: [{hypervisor: alpha, versions: '1'}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	assert_int_equal(world_finding(w, "alpha-1-old-edisk")->kind, FINDING_UNKNOWN);
	assert_true(world_finding(w, "alpha-1-old-edisk")->blocking);
	assert_int_equal(world_finding(w, "alpha-1-old-pdisk")->kind, FINDING_NARROWED);
	assert_false(world_finding(w, "alpha-1-old-pdisk")->blocking);
}

/* That it is dropped is known; whether the policy wants it is not, unless it wants no drops at all. */
static void gate_with_an_unknown_flavour(void **state)
{
	struct world *w = *state;

	world_chan_speaks(w, 1, "3.0 2.0");
	free(TAKE_PTR(w->facts[1]->flavour));
	world_policy(w, "requires: [{hypervisor: alpha, flavour: [cloud]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "! dropped new alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	assert_int_equal(w->d->requirements[0].result, REQUIREMENT_UNKNOWN);
	world_policy(w, "unknown: report\nrequires: [{hypervisor: alpha, flavour: [cloud]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "- dropped new alpha-1-old-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	world_policy(w, "drops: block\nrequires: [{hypervisor: alpha, flavour: [cloud]}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_BLOCKED);
}

/* --- evidence and help ------------------------------------------------------------------------- */

static void findings_show_both_sides(void **state)
{
	struct world *w = *state;
	const struct finding *f;
	struct fact *fact;

	world_chan_speaks(w, 1, "3.0 2.0");
	for (unsigned i = 0; i < 2; i++) {
		fact = invent_fact(w->k, w->facts[i], WANT_TABLE, "chan_versions", "chan_drv");
		fact->text = xstrdup(i ? "3.0 2.0" : "3.0 2.0 1.0");
		fact->package = xstrdup(i ? "image-new" : "image-old");
		fact->member = xstrdup("lib/chan_drv.ko");
		fact->place = xstrdup(".data chan_versions");
	}
	world_decide(w, WITH_OLD, TODAY);
	f = world_finding(w, "alpha-1-old-chan");
	assert_non_null(f);
	assert_true(f->n_evidence >= 2);
	assert_string_equal(f->evidence[0].kind, "table");
	assert_string_equal(f->evidence[0].package, "image-new");
	assert_string_equal(f->evidence[0].member, "lib/chan_drv.ko");
	assert_string_equal(f->evidence[0].place, ".data chan_versions");
	assert_string_equal(f->evidence[0].found, "3.0 2.0");
	assert_non_null(strstr(f->evidence[0].expected, "<= 1.0"));
	assert_false(f->evidence[0].old);
	assert_string_equal(f->evidence[f->n_evidence - 1].package, "image-old");
	assert_string_equal(f->evidence[f->n_evidence - 1].found, "3.0 2.0 1.0");
	assert_true(f->evidence[f->n_evidence - 1].old);
}

static void findings_say_what_helps(void **state)
{
	struct world *w = *state;
	const struct finding *f;

	world_chan_speaks(w, 1, "3.0 2.0");
	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL", NULL)->state = FACT_ABSENT;
	world_decide(w, WITH_OLD, TODAY);
	f = world_finding(w, "alpha-1-old-chan");
	/* the option is on: what is missing is a version, and no option brings that back */
	assert_string_equal(f->help[0], "apply the shim old-chan");
	assert_null(f->help[1]);
	f = world_finding(w, "oldlibc-oldcall");
	assert_string_equal(f->help[0], "build with CONFIG_OLDCALL=y");
	assert_string_equal(f->help[1], "Ask for it.");
	invent_fact(w->k, w->facts[1], WANT_CONFIG, "OLDCALL_EMULATED", NULL)->state = FACT_PRESENT;
	world_decide(w, WITH_OLD, TODAY);
	assert_string_equal(world_finding(w, "oldlibc-oldcall")->help[0], "boot with oldcall=on");
	/* what the host and the interface both advise is said once */
	world_driver(w, 1, "pdisk", FACT_ABSENT);
	world_decide(w, WITH_OLD, TODAY);
	f = world_finding(w, "alpha-2-new-pdisk");
	assert_string_equal(f->help[0], "build with CONFIG_PDISK=m");
	assert_null(f->help[1]);
}

/* --- contradictions ---------------------------------------------------------------------------- */

static void contradict(struct facts *f, const char *what)
{
	f->contradictions =
		xreallocarray(f->contradictions, f->n_contradictions + 1, sizeof(f->contradictions[0]));
	f->contradictions[f->n_contradictions++].what = xstrdup(what);
}

/* Rules that disagree are told as "NAME: …"; the policy's answer about alpha rests on chan, that about beta
 * does not. */
static void contradictions_block_what_rests_on_them(void **state)
{
	struct world *w = *state;

	contradict(w->facts[1], "chan: one thing but another");
	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! contradiction existing contradiction-chan\n");
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- contradiction existing contradiction-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

/* A driver is named: what asks for it is in doubt, in alpha chan, in beta sdisk, of the userspace nothing. */
static void contradictions_by_driver(void **state)
{
	struct world *w = *state;

	contradict(w->facts[1], "the package holds chan-drv, but the config does not set CONFIG_CHAN");
	world_policy(w, "requires: [{userspace: oldlibc}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "- contradiction existing contradiction-chan\n");
	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
	world_policy(w, "requires: [{hypervisor: beta, versions: '5.0'}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_UNDECIDED);
}

/* What names nothing may be about anything; where nothing is required it still blocks nothing. */
static void contradictions_of_the_kernel(void **state)
{
	struct world *w = *state;

	contradict(w->facts[1], "chance: the image says 6.1, the config 5.10"); /* not about chan */
	contradict(w->facts[1], "the image is for one machine, the config for another");
	world_policy(w, "requires: [{userspace: oldlibc}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_findings(w, "! contradiction existing contradiction-kernel\n"
			   "! contradiction existing contradiction-kernel-2\n");
	world_policy(w, "requires: [{userspace: oldlibc, flavour: [none-such]}]\n");
	world_decide(w, WITH_POLICY, TODAY);
	assert_int_equal(w->d->result, DECISION_ALLOWED);
}

static void contradictions_of_the_old_kernel(void **state)
{
	struct world *w = *state;

	contradict(w->facts[0], "chan: one thing but another");
	world_policy(w, "requires: [{hypervisor: alpha}]\n");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(w, "- contradiction existing contradiction-chan\n");
	assert_int_equal(w->d->result, DECISION_ALLOWED);
	contradict(w->facts[1], "chan: something else");
	world_decide(w, WITH_OLD | WITH_POLICY, TODAY);
	assert_findings(
		w, "! contradiction new contradiction-chan\n- contradiction existing contradiction-chan-2\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(diff_of_equals_is_empty),
		TEST(diff_finds_the_version),
		TEST(diff_tells_dropped_from_narrowed),
		TEST(diff_of_a_dropped_row_names_all_of_it),
		TEST(diff_of_optional_needs_narrows),
		TEST(diff_reports_a_lost_fallback),
		TEST(diff_the_other_way_gains),
		TEST(diff_passes_over_what_never_ran),
		TEST(diff_of_good_and_unknown),
		TEST(diff_of_unknown_and_bad),
		TEST(diff_of_codecs),
		TEST(diff_of_userspace),
		TEST(check_of_a_good_kernel),
		TEST(check_blocks_what_is_required),
		TEST(check_names_the_nearest_way),
		TEST(check_names_one_of_equals),
		TEST(check_asks_for_the_grade),
		TEST(check_does_not_ask_for_makeshifts),
		TEST(check_names_what_is_unknown),
		TEST(check_asks_optional_needs_of_full_only),
		TEST(check_asks_for_the_way),
		TEST(check_unknown_blocks_or_reports),
		TEST(check_blocked_beats_undecided),
		TEST(check_minds_the_architecture),
		TEST(check_minds_the_flavour),
		TEST(check_of_rows_that_do_not_exist),
		TEST(check_of_ways_that_do_not_exist),
		TEST(gate_tells_new_from_existing),
		TEST(gate_tells_what_was_fixed),
		TEST(gate_names_what_was_had),
		TEST(gate_says_it_once),
		TEST(gate_reports_or_blocks_drops),
		TEST(gate_does_not_guess_drops),
		TEST(gate_with_an_unknown_past),
		TEST(gate_with_an_unknown_past_and_a_grade),
		TEST(gate_blocks_for_what_decides),
		TEST(gate_with_an_unknown_flavour),
		TEST(findings_show_both_sides),
		TEST(findings_say_what_helps),
		TEST(contradictions_block_what_rests_on_them),
		TEST(contradictions_by_driver),
		TEST(contradictions_of_the_kernel),
		TEST(contradictions_of_the_old_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
