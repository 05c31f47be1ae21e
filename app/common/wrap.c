/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <string.h>
#include <sys/ioctl.h>

#include "wrap.h"

#define INDENT_MAX(width) ((width) / 2) /* a column further right is given up */
#define INDENT_SMALL	  2

unsigned int
app_wrap_width(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : APP_WRAP_WIDTH;
}

/* Where the second column of a line begins, or its text if there is one column. */
static size_t
indent_of(const char *line, size_t len)
{
	const size_t first = strspn(line, " ");

	for (size_t i = first; i + 2 < len; i++) {
		if (line[i] == ' ' && line[i + 1] == ' ')
			return i + strspn(line + i, " ");
	}
	return first;
}

/* Bytes of text, at most len, that fit into room: up to a blank, or all of the first word. */
static size_t
fitting(const char *text, size_t len, size_t room)
{
	size_t end = room;

	if (len <= room)
		return len;
	while (end > 0 && text[end] != ' ')
		end--;
	if (end > strspn(text, " "))
		return end;
	end = strspn(text, " ");
	while (end < len && text[end] != ' ')
		end++;
	return end;
}

static void
line_wrap(FILE *stream, const char *line, size_t len, size_t width)
{
	const size_t blanks = strspn(line, " ");
	size_t indent = indent_of(line, len);
	size_t done;

	if (indent > INDENT_MAX(width))
		indent = INDENT_SMALL;
	/* A line that only goes on the one before moves to the left with it. */
	if (blanks > INDENT_MAX(width) && len > width) {
		line += blanks - indent;
		len -= blanks - indent;
	}
	done = fitting(line, len, width);
	fwrite(line, 1, done, stream);
	while (done < len) {
		size_t part;

		done += strspn(line + done, " ");
		if (done >= len)
			break;
		part = fitting(line + done, len - done, width - indent);
		fprintf(stream, "\n%*s%.*s", (int)indent, "", (int)part, line + done);
		done += part;
	}
}

void
app_wrap(FILE *stream, const char *text, unsigned int width)
{
	while (*text != '\0') {
		const size_t len = strcspn(text, "\n");

		line_wrap(stream, text, len, width);
		text += len;
		if (*text == '\n') {
			fputc('\n', stream);
			text++;
		}
	}
}
