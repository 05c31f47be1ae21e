/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-test [EAL arguments]: a prompt with one command per registered test, dump_tests and quit.
 * With DPDK_TEST=name[,name] in the environment: runs those and exits.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_socket.h>
#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "runner.h"

#define WORD_SZ 128

static const char *const builtin[] = {"dump_tests", "quit"};

#define BUILTIN_CNT (sizeof(builtin) / sizeof(builtin[0]))

struct word {
	char text[WORD_SZ];
};

/* i-th word that completion offers; NULL beyond the last. */
static const char *
choice(unsigned int i)
{
	return i < BUILTIN_CNT ? builtin[i] : runner_name(i - BUILTIN_CNT);
}

/*
 * One token that takes any word: so an unknown command gets our own message, with near names, and the commands need
 * no table beside the registry.
 */
static int
word_parse(cmdline_parse_token_hdr_t *token, const char *buf, void *result, unsigned int result_sz)
{
	const size_t len = strcspn(buf, " \t\r\n#");

	(void)token;
	if (len == 0 || len >= WORD_SZ)
		return -1;
	if (result != NULL && result_sz >= sizeof(struct word))
		snprintf(((struct word *)result)->text, WORD_SZ, "%.*s", (int)len, buf);
	return (int)len;
}

static int
word_choice_cnt(cmdline_parse_token_hdr_t *token)
{
	unsigned int cnt = 0;

	(void)token;
	while (choice(cnt) != NULL)
		cnt++;
	return (int)cnt;
}

static int
word_choice(cmdline_parse_token_hdr_t *token, int i, char *buf, unsigned int buf_sz)
{
	const char *text = choice((unsigned int)i);

	(void)token;
	if (text == NULL)
		return -1;
	snprintf(buf, buf_sz, "%s", text);
	return 0;
}

static int
word_help(cmdline_parse_token_hdr_t *token, char *buf, unsigned int buf_sz)
{
	(void)token;
	snprintf(buf, buf_sz, "a test, dump_tests or quit");
	return 0;
}

static struct cmdline_token_ops word_ops = {
	.parse = word_parse,
	.complete_get_nb = word_choice_cnt,
	.complete_get_elt = word_choice,
	.get_help = word_help,
};

static cmdline_parse_token_hdr_t word_token = {.ops = &word_ops, .offset = 0};

static struct runner_tally tally;

static void
run_word(void *parsed, struct cmdline *prompt, void *arg)
{
	const char *text = ((const struct word *)parsed)->text;

	(void)arg;
	if (strcmp(text, "quit") == 0)
		cmdline_quit(prompt);
	else if (strcmp(text, "dump_tests") == 0)
		runner_list();
	else
		runner_run(text, &tally);
	fflush(stdout);
}

static cmdline_parse_inst_t word_command = {
	.f = run_word,
	.help_str = "run a test",
	.tokens = {&word_token, NULL},
};

static cmdline_parse_ctx_t commands[] = {&word_command, NULL};

static int
serve_prompt(void)
{
	struct cmdline *prompt = cmdline_stdin_new(commands, "RTE>>");

	if (prompt == NULL) {
		fprintf(stderr, "no prompt: out of memory\n");
		return EXIT_FAILURE;
	}
	cmdline_interact(prompt);
	cmdline_stdin_exit(prompt);
	return runner_status(&tally);
}

int
main(int argc, char **argv)
{
	const char *names = getenv("DPDK_TEST");
	int status;

	if (rte_eal_init(argc, argv) < 0)
		rte_exit(EXIT_FAILURE, "EAL does not start: %s\n", rte_strerror(rte_errno));
	if (names != NULL && names[0] != '\0') {
		runner_run_list(names, &tally);
		status = runner_status(&tally);
	} else {
		status = serve_prompt();
	}
	rte_eal_cleanup();
	return status;
}
