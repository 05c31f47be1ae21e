/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * EAL meets a wrong argument with pages of usage on stdout, and with several lines on stderr, partly by its log and
 * partly not. Both streams make a detour while it starts, and the first line of what it wrote goes into our own.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove_base.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "complain.h"
#include "detour.h"
#include "eal.h"
#include "eal_primary.h"
#include "option.h"

#define LINE_SZ 256

/* ---- what EAL was asked ---- */

int
app_eal_argc(int argc, char **argv)
{
	int i = 1;

	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	return i;
}

static bool
asks_help(const char *word)
{
	const size_t len = strlen(word);

	return strcmp(word, "-h") == 0 || (len >= strlen("--he") && strncmp(word, "--help", len) == 0);
}

static bool
asks_log(const char *word)
{
	return strcmp(word, "-v") == 0 || strncmp(word, "--log-level", strlen("--log-level")) == 0;
}

static bool
any_word(int argc, char **argv, bool (*fits)(const char *word))
{
	for (int i = 1; i < argc; i++) {
		if (fits(argv[i]))
			return true;
	}
	return false;
}

static bool
is_word(const char *word, const char *option)
{
	const size_t len = strlen(option);

	return strncmp(word, option, len) == 0 && (word[len] == '\0' || word[len] == '=');
}

static bool
any_option(int argc, char **argv, const char *option)
{
	for (int i = 1; i < argc; i++) {
		if (is_word(argv[i], option))
			return true;
	}
	return false;
}

/* An option of the program there would be a wrong argument to EAL, with no hint at the "--". */
static int
words_check(int argc, char **argv, const struct app_option *table)
{
	for (int i = 1; i < argc; i++) {
		if (app_option_is(table, argv[i])) {
			app_complain("%s: stands among EAL's arguments, put it after a \"--\"", argv[i]);
			return GROOVE_ERR_INVAL;
		}
	}
	return GROOVE_SUCCESS;
}

/* ---- why it does not start ---- */

static const char *
skip(const char *text, const char *prefix)
{
	const size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : text;
}

/* EAL says that nobody takes its messages, and goes on. */
static bool
is_of_dead_primary(const char *line)
{
	return strstr(line, "mp_socket") != NULL || strstr(line, "from primary") != NULL ||
	       strstr(line, "to primary") != NULL;
}

/* What EAL complained of first; what follows are consequences. */
static void
first_cause(const struct app_detour *detour, bool is_orphan, const char *program, char *cause, size_t cause_sz)
{
	char line[LINE_SZ];
	const char *text = app_detour_line(detour, is_orphan ? is_of_dead_primary : NULL, line, sizeof(line));
	size_t len;

	text = skip(text, program);
	text = skip(text, ": "); /* after the program's name, by getopt */
	text = skip(text, "EAL: ");
	text = skip(text, "FATAL: ");
	snprintf(cause, cause_sz, "%s", text[0] != '\0' ? text : rte_strerror(rte_errno));
	len = strlen(cause);
	if (cause[len - 1] == '.')
		cause[len - 1] = '\0';
}

const char *
app_eal_words(int argc, char **argv, char *buf, size_t buf_sz)
{
	size_t used = 0;

	buf[0] = '\0';
	for (int i = 1; i < argc && used < buf_sz; i++)
		used += (size_t)snprintf(buf + used, buf_sz - used, " %s", argv[i]);
	return buf;
}

/* Whether hugepages have a file system, as EAL wants where it does not work in memory. */
static bool
hugetlbfs_is_mounted(void)
{
	FILE *mounts = fopen("/proc/mounts", "re");
	char line[4 * LINE_SZ];
	bool found = false;

	while (mounts != NULL && !found && fgets(line, sizeof(line), mounts) != NULL)
		found = strstr(line, " hugetlbfs ") != NULL;
	if (mounts != NULL)
		fclose(mounts);
	return found;
}

/* What to do about it. EAL itself gives one error number for most, and names no argument of its own. */
static const char *
way_out(int argc, char **argv, const char *cause)
{
	const bool has_dir = any_option(argc, argv, "--huge-dir") || any_option(argc, argv, "--in-memory");

	if (strstr(cause, "nother primary") != NULL || strstr(cause, "create lock") != NULL)
		return "another program of that name runs: give this one a --file-prefix of its own, or --no-shconf "
		       "(with hugepages --in-memory)";
	if (strstr(cause, "Cannot open") != NULL && strstr(cause, "rte_mem_config") != NULL)
		return "no DPDK primary process of that name has started: name its --file-prefix";
	if (rte_errno != EACCES && strstr(cause, "ugepage") == NULL && strstr(cause, "hugetlbfs") == NULL)
		return "see --help for its arguments";
	if (!has_dir && !hugetlbfs_is_mounted())
		return "no hugetlbfs is mounted: give it --in-memory, or mount -t hugetlbfs none /dev/hugepages; or "
		       "take normal pages by --no-huge -m 1280 (MiB, for one volume of 1 GiB)";
	return "reserve hugepages that it may use (sysctl vm.nr_hugepages=1024), or give it --no-huge -m 1280 (MiB, "
	       "for one volume of 1 GiB)";
}

static void
complain(int argc, char **argv, const char *cause)
{
	char words[LINE_SZ];

	app_eal_words(argc, argv, words, sizeof(words));
	app_complain("EAL does not start with%s: %s; %s", words[0] != '\0' ? words : "out arguments", cause,
		way_out(argc, argv, cause));
}

/* ---- start ---- */

/* EAL's own messages go to stderr, and are errors only: it warns of page sizes that nobody asked for. */
static void
log_open(void)
{
	rte_openlog_stream(stderr);
	rte_log_set_global_level(RTE_LOG_WARNING);
	rte_log_set_level_pattern("lib.eal", RTE_LOG_ERR);
}

/* EAL logs each message that it cannot send to a primary that has died: one line of ours says it, unless asked. */
static void
orphan_log(void)
{
	app_warn("the DPDK primary process has died: this works on the memory that it left");
	rte_log_set_level_pattern("lib.eal", RTE_LOG_CRIT);
}

/* Start EAL, and complain if it does not. Returns the index of the last argument that it used, or -1. */
static int
eal_init(int argc, char **argv, int user_argc, char **user_argv, bool is_orphan)
{
	const bool keep_err = !any_word(user_argc, user_argv, asks_log);
	struct app_detour detour = APP_DETOUR_NONE;
	char cause[LINE_SZ];
	int used;

	if (!any_word(user_argc, user_argv, asks_help))
		app_detour_begin(&detour, keep_err);
	used = rte_eal_init(argc, argv);
	if (used < 0)
		first_cause(&detour, is_orphan, argv[0], cause, sizeof(cause));
	app_detour_end(&detour, used >= 0 && !is_orphan);
	if (used >= 0 && is_orphan && keep_err)
		orphan_log();
	if (used < 0)
		complain(user_argc, user_argv, cause);
	return used;
}

/*
 * The arguments given come after some of ours: the program has no use for devices, and others may; nor is there
 * anything to ask it by telemetry.
 */
int
app_eal_start(int argc, char **argv, const struct app_option *table, void (*usage)(const char *program))
{
	static char no_pci[] = "--no-pci";
	static char no_telemetry[] = "--no-telemetry";
	const int last = argc + 1;
	char **eal_argv;
	bool is_orphan;
	int used;

	if (words_check(argc, argv, table) != GROOVE_SUCCESS ||
		app_eal_primary_check(argc, argv, &is_orphan) != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	eal_argv = calloc((size_t)last + 2, sizeof(*eal_argv));
	if (eal_argv == NULL) {
		app_complain("no memory for %d arguments", argc);
		return GROOVE_ERR_FULL;
	}
	eal_argv[0] = argv[0];
	eal_argv[1] = no_pci;
	eal_argv[2] = no_telemetry;
	memcpy(&eal_argv[3], &argv[1], (size_t)(argc - 1) * sizeof(*eal_argv));
	log_open();
	rte_set_application_usage_hook(usage);
	used = eal_init(last + 1, eal_argv, argc, argv, is_orphan);
	if (used >= 0 && used < last)
		app_complain("%s: not an EAL argument, see --help; what is the program's stands after a \"--\"",
			eal_argv[used + 1]);
	free(eal_argv);
	return used == last ? GROOVE_SUCCESS : GROOVE_ERR_INVAL;
}
