/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_CTL_H
#define REGION_CTL_H

/* Command lines of groove-ctl, which messages give as the way out. */

#include <groove_volume_driver.h>

/*
 * What the calling thread is about to open by a name: region_ctl() means that from here on. name NULL: something that
 * has none. The strings are copied.
 */
void region_ctl_begin(const char *driver, const char *dir, const char *name);

/* The command line that does something ("destroy") to it. Valid until the thread's next message. */
const char *region_ctl(const char *command);

#endif /* REGION_CTL_H */
