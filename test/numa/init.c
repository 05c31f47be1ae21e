/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The first and only process of the guest: does what the other end of its second serial line asks for. A request is a
 * line of words:
 *
 *   read PATH          the content of a file
 *   write PATH WORD    put a word into a file
 *   run PROGRAM ...    run a program with these arguments
 *
 * The answer is output, then a line "= STATUS": 0 or an errno; of a program its exit status, or 128 and its signal. The
 * guest ends when the requests do.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LINE_PATH "/dev/ttyS1"
#define WORD_MAX  64

static const struct {
	const char *type;
	const char *dir;
	const char *options;
} mounts[] = {
	{"proc", "/proc", NULL},
	{"sysfs", "/sys", NULL},
	{"tmpfs", "/tmp", NULL},
	{"hugetlbfs", "/huge", "pagesize=2M"},
};

/* ---- requests ---- */

static int
do_read(const char *path)
{
	char buf[4096];
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return errno;
	while ((got = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)got, stdout);
	close(fd);
	return got < 0 ? errno : 0;
}

static int
do_write(const char *path, const char *word)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, word, strlen(word)) < 0)
		err = errno;
	close(fd);
	return err;
}

static int
do_run(char **words)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0) {
		execv(words[0], words);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
serve(unsigned int word_cnt, char **words)
{
	if (word_cnt == 2 && strcmp(words[0], "read") == 0)
		return do_read(words[1]);
	if (word_cnt == 3 && strcmp(words[0], "write") == 0)
		return do_write(words[1], words[2]);
	if (word_cnt >= 2 && strcmp(words[0], "run") == 0)
		return do_run(&words[1]);
	return EINVAL;
}

static void
serve_line(char *line)
{
	char *words[WORD_MAX + 1];
	unsigned int cnt = 0;

	for (char *word = strtok(line, " \n"); word != NULL && cnt < WORD_MAX; word = strtok(NULL, " \n"))
		words[cnt++] = word;
	words[cnt] = NULL;
	printf("= %d\n", serve(cnt, words));
	fflush(stdout);
}

/* ---- the guest ---- */

/* Say on the console what is missing, and end: nothing is there yet that could be asked. */
static void
need(int rc, const char *what)
{
	if (rc >= 0)
		return;
	perror(what);
	reboot(RB_POWER_OFF);
}

static void
line_open(void)
{
	struct termios settings;
	const int fd = open(LINE_PATH, O_RDWR | O_NOCTTY);

	need(fd, LINE_PATH);
	need(tcgetattr(fd, &settings), "tcgetattr");
	cfmakeraw(&settings);
	need(tcsetattr(fd, TCSANOW, &settings), "tcsetattr");
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		need(dup2(fd, std), "dup2");
	close(fd);
}

int
main(void)
{
	char *line = NULL;
	size_t line_sz = 0;

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		need(mount("none", mounts[i].dir, mounts[i].type, 0, mounts[i].options), mounts[i].dir);
	line_open();
	printf("= 0\n");
	fflush(stdout);
	while (getline(&line, &line_sz, stdin) > 0 && strcmp(line, "end\n") != 0)
		serve_line(line);
	free(line);
	reboot(RB_POWER_OFF);
	return EXIT_FAILURE;
}
