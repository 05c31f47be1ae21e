/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-test [EAL arguments]: a prompt with one command per registered test, dump_tests and quit.
 * With DPDK_TEST=name[,name] in the environment: runs those and exits.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_socket.h>
#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "runner.h"

/* Longer lines are refused; rdline would silently cut them, at more than this. */
#define LINE_SZ	    256
#define FORGET_LINE '\003' /* Ctrl-C, for rdline */

static const char *const builtin[] = {"dump_tests", "quit"};

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
 * One token that takes the whole line, up to a comment: so an unknown command, or one with more behind it, gets our own
 * message with near names and is counted, and the commands need no table beside the registry.
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
	snprintf(buf, buf_sz, "a test, dump_tests or quit");
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
