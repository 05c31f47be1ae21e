/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_PLAIN_H
#define APP_PLAIN_H

/** @file Text that shows itself. Names and paths may hold any byte, and some of these steer a terminal. */

/** Have control characters, also those of UTF-8, be '?'. Line ends stay. */
static inline void
app_plain(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++) {
		if ((*c < ' ' && *c != '\n') || *c == 0x7f)
			*c = '?';
		else if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			c[0] = c[1] = '?';
	}
}

#endif /* APP_PLAIN_H */
