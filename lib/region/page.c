/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Page sizes and their names. */

#include <string.h>
#include <unistd.h>

#include <groove_region.h>

static const struct {
	const char *name;
	uint64_t sz; /* 0: the base page of the machine. */
	enum groove_page page;
} pages[] = {
	{"normal", 0, GROOVE_PAGE_NORMAL},
	{"huge", 2UL << 20, GROOVE_PAGE_HUGE},
	{"gigantic", 1UL << 30, GROOVE_PAGE_GIGANTIC},
};

#define PAGE_CNT (sizeof(pages) / sizeof(pages[0]))

int
groove_page_parse(const char *name, enum groove_page *page)
{
	for (size_t i = 0; name != NULL && i < PAGE_CNT; i++) {
		if (strcmp(name, pages[i].name) == 0) {
			*page = pages[i].page;
			return GROOVE_SUCCESS;
		}
	}
	return GROOVE_ERR_KEY;
}

uint64_t
groove_page_sz(enum groove_page page)
{
	for (size_t i = 0; i < PAGE_CNT; i++) {
		if (pages[i].page == page)
			return pages[i].sz != 0 ? pages[i].sz : (uint64_t)sysconf(_SC_PAGESIZE);
	}
	return 0;
}

const char *
groove_page_name(uint64_t page_sz)
{
	for (size_t i = 0; i < PAGE_CNT; i++) {
		if (groove_page_sz(pages[i].page) == page_sz)
			return pages[i].name;
	}
	return "other";
}
