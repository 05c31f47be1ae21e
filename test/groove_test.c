/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-test [[EAL arguments] --] [NAME...]: runs these tests and exits. Without names: those of DPDK_TEST=name[,name]
 * in the environment; without these, too, a prompt with one command per registered test, dump_tests, help and quit.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_socket.h>
#include <groove_base.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_log.h>

#include "eal.h"
#include "runner.h"

/* Longer lines are refused; rdline would silently cut them, at more than this. */
#define LINE_SZ	    256
#define FORGET_LINE '\003' /* Ctrl-C, for rdline */

static const char *const builtin[] = {"dump_tests", "help", "quit"};

static const char usage[] =
	"usage: groove-test [[EAL arguments] --] [NAME...]\n"
	"\n"
	"Runs the tests of these names. Without names: those of DPDK_TEST=NAME[,NAME] in the\n"
	"environment, or a prompt, at which the name of a test runs it.\n"
	"\n"
	"  --list      print the names of all, with the suite of each\n"
	"  -h, --help  print this; among EAL's arguments, these too\n"
	"\n"
	"Without EAL arguments: --no-huge -m 1024 --no-shconf.\n"
	"Exit status: 0 none failed; 77 all were skipped; 1 one failed, or there is none of a name.\n"
	"\n"
	"  groove-test szc_autotest\n"
	"  groove-test --in-memory -l 0,1 -- stress_autotest tile_autotest\n"
	"\n";

#define BUILTIN_CNT (sizeof(builtin) / sizeof(builtin[0]))

struct line {
	char text[LINE_SZ];
};

/* i-th word that completion offers; NULL beyond the last. */
static const char *
choice(unsigned int i)
{
	return i < BUILTIN_CNT ? builtin[i] : runner_name(i - BUILTIN_CNT);
}

/*
 * One token that takes the whole line, up to a comment: so an unknown command, or one with more after it, gets our own
 * message with near names and is counted, and the commands need no table besides the registry.
 */
static int
line_parse(cmdline_parse_token_hdr_t *token, const char *buf, void *result, unsigned int result_sz)
{
	size_t len = strcspn(buf, "\r\n#");

	(void)token;
	while (len > 0 && (buf[len - 1] == ' ' || buf[len - 1] == '\t'))
		len--;
	if (len == 0)
		return -1;
	if (result != NULL && result_sz >= sizeof(struct line))
		snprintf(((struct line *)result)->text, LINE_SZ, "%.*s", (int)len, buf);
	return (int)len;
}

static int
line_choice_cnt(cmdline_parse_token_hdr_t *token)
{
	unsigned int cnt = 0;

	(void)token;
	while (choice(cnt) != NULL)
		cnt++;
	return (int)cnt;
}

static int
line_choice(cmdline_parse_token_hdr_t *token, int i, char *buf, unsigned int buf_sz)
{
	const char *text = choice((unsigned int)i);

	(void)token;
	if (text == NULL)
		return -1;
	snprintf(buf, buf_sz, "%s", text);
	return 0;
}

static int
line_help(cmdline_parse_token_hdr_t *token, char *buf, unsigned int buf_sz)
{
	(void)token;
	snprintf(buf, buf_sz, "a test, dump_tests, help or quit");
	return 0;
}

static struct cmdline_token_ops line_ops = {
	.parse = line_parse,
	.complete_get_nb = line_choice_cnt,
	.complete_get_elt = line_choice,
	.get_help = line_help,
};

static cmdline_parse_token_hdr_t line_token = {.ops = &line_ops, .offset = 0};

static struct runner_tally tally;

static void
run_line(void *parsed, struct cmdline *prompt, void *arg)
{
	const char *text = ((const struct line *)parsed)->text;

	(void)arg;
	if (strcmp(text, "quit") == 0)
		cmdline_quit(prompt);
	else if (strcmp(text, "dump_tests") == 0)
		runner_list();
	else if (strcmp(text, "help") == 0)
		printf("The name of a test runs it; dump_tests lists all, quit ends. The tab key completes.\n");
	else
		runner_run(text, &tally);
	fflush(stdout);
}

static cmdline_parse_inst_t line_command = {
	.f = run_line,
	.help_str = "run a test",
	.tokens = {&line_token, NULL},
};

static cmdline_parse_ctx_t commands[] = {&line_command, NULL};

/*
 * Hand a character to the prompt; false: it is over. A line that is too long runs nothing and counts as unknown. Its
 * length is that of what was typed, of which editing may have left less.
 */
static bool
take(struct cmdline *prompt, size_t *len, char c)
{
	const bool is_end = c == '\n' || c == '\r';

	if (is_end && *len >= LINE_SZ) {
		printf("\nline of %zu characters, %d at most\n", *len, LINE_SZ - 1);
		fflush(stdout);
		tally.unknown++;
		c = FORGET_LINE;
	}
	*len = is_end ? 0 : *len + 1;
	return cmdline_in(prompt, &c, 1) >= 0;
}

/* Unlike cmdline_interact(), run a last line that does not end in a newline, too. */
static void
interact(struct cmdline *prompt)
{
	size_t len = 0;
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1)
		if (!take(prompt, &len, c))
			return;
	if (len > 0)
		take(prompt, &len, '\n');
}

static int
serve_prompt(void)
{
	struct cmdline *prompt = cmdline_stdin_new(commands, "RTE>>");

	if (prompt == NULL) {
		fprintf(stderr, "no prompt: out of memory\n");
		return EXIT_FAILURE;
	}
	interact(prompt);
	cmdline_stdin_exit(prompt);
	return runner_status(&tally);
}

/* Run the tests of names, of the environment, or of the prompt. */
static int
run_tests(int cnt, char *const *names)
{
	const char *listed = getenv("DPDK_TEST");

	for (int i = 0; i < cnt; i++)
		runner_run(names[i], &tally);
	if (cnt == 0 && (listed == NULL || listed[0] == '\0'))
		return serve_prompt();
	if (cnt == 0)
		runner_run_list(listed, &tally);
	return runner_status(&tally);
}

/* ---- the command line ---- */

static void
usage_print(const char *program)
{
	(void)program;
	fputs(usage, stdout);
}

/* Whether a word alone says that it is none of EAL's. */
static bool
is_ours(const char *word)
{
	return word[0] != '-' || strcmp(word, "--list") == 0;
}

/* Index of the first name, or argc: after the "--"; without one all words, or the tests at the end. */
static int
names_begin(int argc, char **argv)
{
	const int split = app_eal_argc(argc, argv);
	int i = 1;

	if (split < argc)
		return split + 1;
	while (i < argc && is_ours(argv[i]))
		i++;
	if (i == argc)
		return 1;
	for (i = argc; runner_has(argv[i - 1]);)
		i--;
	return i;
}

/* EAL with the arguments given, or with those that every machine has what they take for. */
static int
eal_start(int argc, char **argv)
{
	static const struct app_option no_options[] = {{.name = NULL}};
	static char *words[] = {NULL, "--no-huge", "-m", "1024", "--no-shconf", "--log-level=lib.eal:warning", NULL};
	int err;

	words[0] = argv[0];
	if (argc == 1)
		err = app_eal_start((int)(sizeof(words) / sizeof(words[0])) - 1, words, no_options, usage_print);
	else
		err = app_eal_start(argc, argv, no_options, usage_print);
	rte_log_set_global_level(RTE_LOG_DEBUG); /* tests look at what is logged, each at the level of its library */
	return err;
}

int
main(int argc, char **argv)
{
	const int first = names_begin(argc, argv);
	int status = runner_words(argc - first, argv + first, usage);

	if (status != RUNNER_GO_ON)
		return status;
	if (eal_start(RTE_MIN(first, app_eal_argc(argc, argv)), argv) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	status = run_tests(argc - first, argv + first);
	rte_eal_cleanup();
	return status;
}
