/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CTL_VALUES_H
#define CTL_VALUES_H

/** @file Values of options that are neither words nor single numbers. GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed. */

int ctl_tag_parse(const char *text, void *options);
int ctl_sz_parse(const char *text, void *options);
int ctl_szc_parse(const char *text, void *options);
int ctl_page_parse(const char *text, void *options);

#endif /* CTL_VALUES_H */
