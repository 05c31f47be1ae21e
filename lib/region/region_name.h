/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_NAME_H
#define REGION_NAME_H

/*
 * What can be the name of a region. It may become part of a path, and is shown and typed: so no '/', no "..", nothing
 * hidden, and nothing that a shell, a terminal or a format for machines reads in a way of its own.
 */

#include <stdbool.h>
#include <string.h>

#include <groove_region_life.h>

static inline bool
region_is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       c == '.';
}

static inline bool
region_is_name(const char *name)
{
	const size_t len = strnlen(name, GROOVE_REGION_NAME_MAX + 1);

	if (len == 0 || len > GROOVE_REGION_NAME_MAX || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!region_is_name_char(name[i]))
			return false;
	}
	return true;
}

#endif /* REGION_NAME_H */
