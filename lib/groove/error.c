/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What the error codes mean, in words. */

#include <groove_base.h>

const char *
groove_strerror(int err)
{
	switch (err) {
	case GROOVE_SUCCESS:
		return "success";
	case GROOVE_ERR_INVAL:
		return "invalid argument";
	case GROOVE_ERR_AGAIN:
		return "try again later";
	case GROOVE_ERR_CORRUPT:
		return "corrupt state";
	case GROOVE_ERR_EMPTY:
		return "empty";
	case GROOVE_ERR_FULL:
		return "full";
	case GROOVE_ERR_KEY:
		return "no such key, or key exists";
	default:
		return "unknown error";
	}
}
