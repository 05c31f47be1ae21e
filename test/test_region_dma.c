/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* A region as external memory of EAL, really registered, and mapped for a device, of which EAL's calls are the test's.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include <groove_volume_driver.h>

#include "fixture.h"

#define VOLUME_CNT 2UL
#define FILLER_MAX 200

/* ---- a device: EAL's calls for it, in place of the library's ---- */

static struct {
	unsigned int map_cnt, unmap_cnt;
	const void *addr;
	uint64_t iova;
	size_t sz;
	int error; /* what it refuses with; 0: it does not */
} device;

static struct rte_device *const the_device = (struct rte_device *)&device;

static int
device_call(struct rte_device *dev, void *addr, uint64_t iova, size_t sz)
{
	device.addr = addr;
	device.iova = iova;
	device.sz = sz;
	if (dev == the_device && device.error == 0)
		return 0;
	rte_errno = device.error;
	return -1;
}

int
rte_dev_dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	device.map_cnt++;
	return device_call(dev, addr, iova, len);
}

int
rte_dev_dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	device.unmap_cnt++;
	return device_call(dev, addr, iova, len);
}

/* ---- what EAL knows ---- */

struct stage {
	groove_region_t *region;
	groove_data_t join;
	uint8_t *first; /* bytes of the range */
	uint8_t *last;
};

static int
check_known(const struct stage *stage, bool known)
{
	const uint8_t *bytes[] = {stage->first, groove_region_volume0(stage->region), stage->last};

	for (unsigned int i = 0; i < 3; i++) {
		const struct rte_memseg_list *list = rte_mem_virt2memseg_list(bytes[i]);
		const struct rte_memseg *seg = rte_mem_virt2memseg(bytes[i], list);

		TEST_ASSERT_EQUAL(list != NULL, known, "byte %u is known to EAL", i);
		if (!known)
			continue;
		TEST_ASSERT(list->external, "byte %u is EAL's own", i);
		TEST_ASSERT(
			seg != NULL && bytes[i] >= (uint8_t *)seg->addr && bytes[i] < (uint8_t *)seg->addr + seg->len,
			"no segment of byte %u", i);
		TEST_ASSERT_EQUAL(seg->len, groove_region_page_sz(stage->region), "page of byte %u", i);
	}
	return TEST_SUCCESS;
}

static int
check_line(int err, int expected, const char *word, const char *way_out)
{
	TEST_ASSERT_EQUAL(err, expected, "%s", word);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word, way_out), "%s", word);
	test_log_begin();
	return TEST_SUCCESS;
}

static int
stage_open(struct stage *stage)
{
	const groove_region_cfg_t cfg = {
		.driver = "memfd",
		.volume_sz = VOLUME_SZ_MIN,
		.volume_cnt = 1,
		.volume_max = VOLUME_CNT,
		.page = GROOVE_PAGE_NORMAL,
		.node = GROOVE_NODE_ANY,
	};

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &stage->region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(stage->region, &stage->join, 0), "join");
	stage->last = (uint8_t *)groove_region_volume0(stage->region) + VOLUME_CNT * VOLUME_SZ_MIN - 1;
	/* The front is whole pages of 2 MiB, and begins in the one that its last byte is in. */
	stage->first = (uint8_t *)((uintptr_t)groove_region_shdata(stage->region) &
				   ~(uintptr_t)(GROOVE_VOLUME_ROOM_ALIGN - 1));
	return TEST_SUCCESS;
}

static int
check_unregistered(struct stage *stage)
{
	test_log_begin();
	TEST_CALL(check_known(stage, false));
	TEST_CALL(check_line(
		groove_region_dma_unregister(stage->region), GROOVE_ERR_INVAL, "not registered", "dma_register"));
	TEST_CALL(check_line(
		groove_region_dma_map(stage->region, the_device), GROOVE_ERR_INVAL, "not registered", "dma_register"));
	TEST_CALL(check_line(groove_region_dma_unmap(stage->region, the_device), GROOVE_ERR_INVAL, "not registered",
		"dma_register"));
	TEST_CALL(check_line(groove_region_dma_register(NULL), GROOVE_ERR_INVAL, "dma_register", "attach it"));
	TEST_CALL(check_line(groove_region_dma_unregister(NULL), GROOVE_ERR_INVAL, "dma_unregister", "attach it"));
	TEST_CALL(check_line(groove_region_dma_map(NULL, the_device), GROOVE_ERR_INVAL, "dma_map", "attach it"));
	test_log_end();
	TEST_ASSERT_EQUAL(device.map_cnt + device.unmap_cnt, 0, "the device was asked");
	return TEST_SUCCESS;
}

static int
check_registered(struct stage *stage)
{
	TEST_ASSERT_SUCCESS(groove_region_dma_register(stage->region), "register");
	TEST_CALL(check_known(stage, true));
	test_log_begin();
	TEST_CALL(check_line(
		groove_region_dma_register(stage->region), GROOVE_ERR_INVAL, "EAL does not take", "registered"));
	TEST_CALL(check_known(stage, true));
	/* A part has no memory, which the kernel would have to take. */
	TEST_CALL(check_line(groove_region_dma_map(stage->region, the_device), GROOVE_ERR_INVAL, "1 of 2 volumes",
		"grow the region"));
	test_log_end();
	TEST_ASSERT_EQUAL(device.map_cnt, 0, "the device was asked");
	return TEST_SUCCESS;
}

static int
check_asked(const struct stage *stage)
{
	TEST_ASSERT_EQUAL(device.addr, stage->first, "address");
	TEST_ASSERT_EQUAL(device.iova, (uintptr_t)stage->first, "IOVA");
	TEST_ASSERT_EQUAL(device.sz, stage->last + 1 - stage->first, "bytes");
	return TEST_SUCCESS;
}

/* Volumes that come later need nothing more. */
static int
check_mapped(struct stage *stage)
{
	uint8_t *obj;

	for (unsigned int i = 0; i < VOLUME_CNT; i++)
		TEST_ASSERT_SUCCESS(groove_region_grow(stage->region, &stage->join, NULL), "grow");
	TEST_CALL(check_known(stage, true));
	obj = groove_data_alloc(&stage->join, 0, 1000, 1, NULL);
	TEST_ASSERT_NOT_NULL(rte_mem_virt2memseg(obj, NULL), "an object that EAL does not know");
	TEST_ASSERT_SUCCESS(groove_data_free(&stage->join, obj), "free");

	TEST_ASSERT_SUCCESS(groove_region_dma_map(stage->region, the_device), "map");
	TEST_ASSERT_EQUAL(device.map_cnt, 1, "times the device was asked");
	TEST_CALL(check_asked(stage));
	TEST_ASSERT_SUCCESS(groove_region_dma_unmap(stage->region, the_device), "unmap");
	TEST_ASSERT_EQUAL(device.unmap_cnt, 1, "times the device was asked");
	TEST_CALL(check_asked(stage));
	return TEST_SUCCESS;
}

static int
check_device_refuses(struct stage *stage)
{
	device.error = ENOTSUP;
	test_log_begin();
	TEST_CALL(check_line(
		groove_region_dma_map(stage->region, the_device), GROOVE_ERR_INVAL, "device refuses", "use another"));
	TEST_CALL(check_line(groove_region_dma_unmap(stage->region, the_device), GROOVE_ERR_INVAL, "device refuses",
		"map it first"));
	test_log_end();
	device.error = 0;
	return TEST_SUCCESS;
}

/* ---- EAL is full ---- */

static unsigned int
fillers_take(uint8_t *mem)
{
	const size_t page_sz = (size_t)sysconf(_SC_PAGESIZE);
	unsigned int cnt = 0;

	while (cnt < FILLER_MAX && rte_extmem_register(mem + cnt * page_sz, page_sz, NULL, 0, page_sz) == 0)
		cnt++;
	return cnt;
}

static int
check_full(struct stage *stage)
{
	const size_t page_sz = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *mem = test_mem_map(FILLER_MAX * page_sz);
	const char *logged;
	unsigned int cnt;

	TEST_ASSERT_NOT_NULL(mem, "out of memory");
	cnt = fillers_take(mem);
	TEST_ASSERT(cnt > 0 && cnt < FILLER_MAX, "EAL has taken %u ranges", cnt);
	test_log_begin(); /* EAL has a line of its own for it */
	TEST_ASSERT_EQUAL(groove_region_dma_register(stage->region), GROOVE_ERR_FULL, "register");
	logged = test_log_end();
	TEST_ASSERT(strstr(logged, "no more external memory: unregister some") != NULL, "said \"%s\"", logged);
	TEST_CALL(check_known(stage, false));
	while (cnt-- > 0)
		TEST_ASSERT_SUCCESS(rte_extmem_unregister(mem + cnt * page_sz, page_sz), "unregister %u", cnt);
	test_mem_unmap(mem, FILLER_MAX * page_sz);
	return TEST_SUCCESS;
}

static int
test_region_dma(void)
{
	struct stage stage;

	device.map_cnt = device.unmap_cnt = 0;
	TEST_CALL(stage_open(&stage));
	TEST_CALL(check_unregistered(&stage));
	TEST_CALL(check_registered(&stage));
	TEST_CALL(check_mapped(&stage));
	TEST_CALL(check_device_refuses(&stage));
	TEST_ASSERT_SUCCESS(groove_region_dma_unregister(stage.region), "unregister");
	TEST_CALL(check_known(&stage, false));
	test_log_begin();
	TEST_CALL(check_line(
		groove_region_dma_unregister(stage.region), GROOVE_ERR_INVAL, "not registered", "dma_register"));
	test_log_end();
	TEST_CALL(check_full(&stage));
	/* Again, with all volumes there; detach takes it back. */
	TEST_ASSERT_SUCCESS(groove_region_dma_register(stage.region), "register again");
	TEST_CALL(check_known(&stage, true));
	TEST_ASSERT_NOT_NULL(groove_region_leave(stage.region, &stage.join), "leave");
	groove_region_detach(stage.region);
	TEST_ASSERT_NULL(rte_mem_virt2memseg_list(stage.first), "EAL knows what is gone");
	return TEST_SUCCESS;
}

GROOVE_TEST(region_dma_autotest, fast, test_region_dma);
