/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <signal.h>

#include "base/confine.h"
#include "cmd/verbs.h"

static const struct verb verbs[] = {
	{ "query", "[--on HOST[:VERSIONS][/MODE]]… [--quick|--deep|--verify] [--facts] [KERNEL…]",
	  "on which hypervisors a kernel runs (default: the running one)",
	  "Tells for each hypervisor, version and mode whether the kernel runs there in full, degraded, or "
	  "not, or "
	  "that it cannot be told. With --on, only for those, from a deep reading, and the exit status says "
	  "it.",
	  query_options, true, run_query },
	{ "check", "--policy NAME KERNEL…|--repo WHERE…", "whether kernels, or those of a repository, satisfy a policy",
	  "Holds each kernel against the policy and tells what is required and missing, with the evidence. Of a repository, "
	  "a line for each kernel.",
	  check_options, true, run_check },
	{ "diff", "OLD NEW", "what a kernel gained, narrowed and dropped",
	  "Compares what two kernels can do. What is made differently and does the same is no difference.",
	  diff_options, true, run_diff },
	{ "gate", "--policy NAME OLD… NEW|--repo NEW…", "whether an update is allowed",
	  "Compares NEW, the last, with the newest of the others, and decides by the policy. Tells the "
	  "newest of all that the policy allows. With --repo, judges the kernels that an update from there would install on a "
	  "host, and tells what the update brings without those that are not allowed.",
	  gate_options, true, run_gate },
	{ "explain", "ID…", "what a verdict, finding, interface or host means",
	  "Tells what is known, from where, and what helps. ID is what reports show: HOST:VERSION/MODE of a "
	  "verdict, HOST-VERSION-MODE-INTERFACE of a finding, or the name of an interface or a host.",
	  NULL, false, run_explain },
	{ "policy", "lint [FILE…] | show [NAME] | list | cat NAME | package --policy NAME [KERNEL…]",
	  "check, show, list and package policies and knowledge",
	  "lint checks policy files; with no FILE, all knowledge and all policies. show tells in words what "
	  "a policy "
	  "requires. list names the policies. cat prints the files that make up a policy, an interface or a "
	  "host, and "
	  "where they come from. package makes a package that lets apt, dnf and zypper refuse what the policy blocks.",
	  policy_package_options, false, run_policy },
	{ "build", "--source SRC --config CONFIG… [--shim NAME…|--policy NAME] [--format deb,rpm]",
	  "build kernel packages that keep old hosts working",
	  "Builds a kernel source with shims into packages, and holds them against the policy before it lets them "
	  "out.",
	  build_options, false, run_build },
	{ "shim", "list | show NAME… | lint [DIR…] | apply NAME… TREE",
	  "list, show, check and apply shims",
	  "A shim brings back what a kernel has lost: an option, a patch, or new source files.",
	  shim_options, false, run_shim },
	{ "prove", "--on RECIPE|HOST[:VERSIONS][/MODE]|all… KERNEL… | --list", "boot a kernel, and record what happened",
	  "Boots each kernel by recipes that stand for a hypervisor, watches it, and makes a record of each boot. Holds what "
	  "happened against what was read of the kernel: where they contradict each other, one of them is wrong.",
	  prove_options, true, run_prove },
	{ "host", "[KERNEL…] | policy | gate PACKAGE… | learned [list|clear|write|exclude] | allow LOST…",
	  "on what this machine runs, and which kernels it may have",
	  "Alone, tells on which hypervisor and version this machine runs and what its disks and network use; with "
	  "kernels, whether they would run here. policy prints what that asks of a kernel. gate is what apt, dpkg and rpm "
	  "ask before they install one. learned shows and clears what was refused. allow lets the next transaction lose "
	  "what it names, once.",
	  host_options, true, run_host },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (streq(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

/* Whatever stdio still holds must arrive, or the exit status must say that it did not. */
static enum exit_status flushed(enum exit_status status)
{
	if (fflush(stdout) == EOF || ferror(stdout)) {
		complain("standard output: could not be written");
		return EXIT_FAILED;
	}
	return status;
}

static enum exit_status show_version(void)
{
	_cleanup_(freep) char *layers = confine_text(confine_layers());

	printf("hvcompat " HVCOMPAT_VERSION "\nreading is confined by %s\n", layers);
	return flushed(EXIT_OK);
}

static enum exit_status show_help(const char *name)
{
	const struct verb *v = name ? find_verb(name) : NULL;

	if (name && !v)
		return usage_error(NULL, "there is no verb '%s'", name);
	if (v)
		help_verb(v, stdout);
	else
		help_all(verbs, ARRAY_SIZE(verbs), stdout);
	return flushed(EXIT_OK);
}

/* For completions. `word` is NULL or a word of the verb's, `options` whether these are asked for. */
static enum exit_status list_of(const char *name, const char *word, bool options)
{
	const struct verb *v = name ? find_verb(name) : NULL;

	if (!v)
		return usage_error(NULL, "--list-%s needs a verb", options ? "options" : "words");
	if (options)
		complete_options(v, stdout);
	else
		complete_words(v, word, stdout);
	return flushed(EXIT_OK);
}

static enum exit_status list_verbs(void)
{
	complete_verbs(verbs, ARRAY_SIZE(verbs), stdout);
	return flushed(EXIT_OK);
}

static enum exit_status run_verb(const struct verb *v, int argc, char **argv)
{
	_cleanup_(options_done) struct options o = { 0 };
	enum exit_status status = options_parse(&o, v, argc, argv);

	if (status != EXIT_OK)
		return status;
	if (o.version)
		return show_version();
	if (o.help)
		return show_help(v->name);
	return v->run(&o);
}

/* What comes before any verb. */
static enum exit_status run_global(const char *word, const char *next, const char *third)
{
	if (streq(word, "--help") || streq(word, "-h") || streq(word, "help"))
		return show_help(next);
	if (streq(word, "--version"))
		return show_version();
	if (streq(word, "--list-verbs"))
		return list_verbs();
	if (streq(word, "--list-options"))
		return list_of(next, NULL, true);
	if (streq(word, "--list-words"))
		return list_of(next, third, false);
	if (*word == '-')
		return usage_error(NULL, "options come behind the verb, and '%s' is none that stands alone",
				   word);
	return usage_error(NULL, "there is no verb '%s'", word);
}

int main(int argc, char **argv)
{
	const struct verb *v;

	setlocale(LC_CTYPE, "");
	/* A reader that goes away is an error of the write, which is told apart and cleaned up after. */
	signal(SIGPIPE, SIG_IGN);
	/* So is a file that may not grow. */
	signal(SIGXFSZ, SIG_IGN);
	/* Who started us may have ignored that children end, and left us nothing to wait for. */
	signal(SIGCHLD, SIG_DFL);
	if (argc < 2)
		return (int)usage_error(NULL, "a verb is needed");
	v = find_verb(argv[1]);
	if (v)
		return (int)run_verb(v, argc - 1, argv + 1);
	return (int)run_global(argv[1], argv[2], argc > 2 ? argv[3] : NULL);
}
