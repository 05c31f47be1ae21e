/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_JSON_PUT_H
#define APP_JSON_PUT_H

/** @file Keys of a result for machines. */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/** Whether JSON can hold a text: not when it is not UTF-8. */
static inline bool
app_json_can_hold(const char *text)
{
	json_t *value = json_string(text);
	const bool can = value != NULL;

	json_decref(value);
	return can;
}

/** A text, or "?" for one that JSON cannot hold. */
static inline json_t *
app_json_text(const char *text)
{
	json_t *value = json_string(text);

	return value != NULL ? value : json_string("?");
}

/** A value, which is given up. */
static inline void
app_json_put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static inline void
app_json_put_count(json_t *object, const char *key, uint64_t count)
{
	app_json_put(object, key, json_integer((json_int_t)count));
}

#endif /* APP_JSON_PUT_H */
