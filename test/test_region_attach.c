/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Attach to what is damaged, truncated, foreign or half made: an error of its own each time, one line, and no crash.
 * What may be torn is attached read-only, changes nothing, and can be rebuilt.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fixture.h"
#include "region_hdr.h"
#include "region_state.h"
#include "shared.h"

#define VOLUME_MAX 2UL
#define NAME	   "case"

static char dir[64];
static char good_path[96], case_path[96];

static const groove_region_id_t case_id = {.driver = "file", .dir = dir, .name = NAME};

/* ---- a copy of a good one, to be damaged ---- */

struct patient {
	int fd;
	uint64_t sz; /* of the file */
	struct region_hdr *hdr;
	struct groove_shdata *shdata;
};

static int
make_good(void)
{
	const groove_region_cfg_t cfg = {
		.driver = "file",
		.dir = dir,
		.name = "good",
		.volume_sz = VOLUME_SZ_MIN,
		.volume_max = VOLUME_MAX,
		.node = GROOVE_NODE_ANY,
	};
	groove_region_t *region;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
patient_open(struct patient *patient)
{
	const int from = open(good_path, O_RDONLY | O_CLOEXEC);
	struct region_hdr hdr;
	ssize_t copied;

	TEST_ASSERT_EQUAL(pread(from, &hdr, sizeof(hdr), 0), (ssize_t)sizeof(hdr), "read");
	unlink(case_path);
	patient->fd = open(case_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	TEST_ASSERT(patient->fd >= 0, "%s: %m", case_path);
	patient->sz = hdr.fixed.sz;
	copied = copy_file_range(from, NULL, patient->fd, NULL, hdr.fixed.front_sz, 0);
	TEST_ASSERT_EQUAL(copied, (ssize_t)hdr.fixed.front_sz, "copy: %m");
	TEST_ASSERT_SUCCESS(ftruncate(patient->fd, (off_t)hdr.fixed.sz), "size: %m");
	close(from);
	patient->hdr = mmap(NULL, hdr.fixed.front_sz, PROT_READ | PROT_WRITE, MAP_SHARED, patient->fd, 0);
	TEST_ASSERT(patient->hdr != MAP_FAILED, "map: %m");
	patient->shdata = (struct groove_shdata *)((uint8_t *)patient->hdr + hdr.fixed.shdata_off);
	return TEST_SUCCESS;
}

static void
patient_close(struct patient *patient, uint64_t front_sz)
{
	munmap(patient->hdr, front_sz);
	close(patient->fd);
}

/* The sum is right, so that what it guards is looked at. */
static void
reseal(struct patient *patient)
{
	patient->hdr->sum = region_hdr_sum(&patient->hdr->fixed);
}

/* ---- damages ---- */

static void
cut_to(struct patient *patient, uint64_t sz)
{
	if (ftruncate(patient->fd, (off_t)sz) != 0)
		fprintf(stderr, "ftruncate to %lu: %m\n", sz);
}

/* Give a volume memory, and say so. */
static void
fill_volume(struct patient *patient, uint64_t idx)
{
	const uint64_t off = patient->hdr->fixed.front_sz + idx * VOLUME_SZ_MIN;
	void *zeros = calloc(1, VOLUME_SZ_MIN);

	if (zeros == NULL || pwrite(patient->fd, zeros, VOLUME_SZ_MIN, (off_t)off) != (ssize_t)VOLUME_SZ_MIN)
		fprintf(stderr, "cannot fill volume %lu: %m\n", idx);
	free(zeros);
	region_hdr_states(patient->hdr)[idx] = region_state_next(0, REGION_PRESENT, 0);
}

static void
punch(struct patient *patient, uint64_t off, uint64_t sz)
{
	if (fallocate(patient->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)off, (off_t)sz) != 0)
		fprintf(stderr, "cannot punch at %lu: %m\n", off);
}

static void
punch_volume(struct patient *patient, uint64_t off, uint64_t sz)
{
	fill_volume(patient, 0);
	fill_volume(patient, 1);
	punch(patient, patient->hdr->fixed.front_sz + off, sz);
}

/* As after a crash of the machine. */
static void
tear(struct patient *patient)
{
	patient->hdr->boot ^= 2;
	patient->hdr->attach_seq++;
}

/* No copy, but the file that was in use. */
static void
be_this_file(struct patient *patient)
{
	struct statx now;

	if (statx(patient->fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &now) != 0)
		fprintf(stderr, "statx: %m\n");
	patient->hdr->file.dev = (uint64_t)now.stx_dev_major << 32 | now.stx_dev_minor;
	patient->hdr->file.ino = now.stx_ino;
	patient->hdr->file.birth = (uint64_t)now.stx_btime.tv_sec * 1000000000UL + now.stx_btime.tv_nsec;
}

#define DAMAGE(name, statement)                                                                                        \
	static void name(struct patient *p)                                                                            \
	{                                                                                                              \
		statement;                                                                                             \
	}
#define DAMAGE_FIXED(name, statement) DAMAGE(name, statement; reseal(p))

DAMAGE(no_damage, (void)p)
DAMAGE(empty, cut_to(p, 0))
DAMAGE(one_byte, cut_to(p, 1))
DAMAGE(less_than_header, cut_to(p, sizeof(struct region_hdr) - 1))
DAMAGE(header_alone, cut_to(p, sizeof(struct region_hdr)))
DAMAGE(a_page_short, cut_to(p, p->sz - 4096))
DAMAGE(a_volume_short, cut_to(p, p->sz - VOLUME_SZ_MIN))
DAMAGE(a_byte_long, cut_to(p, p->sz + 1))
DAMAGE(no_magic, p->hdr->magic = 0)
DAMAGE(zeros, memset(p->hdr, 0, p->hdr->fixed.front_sz))
DAMAGE(other_magic, p->hdr->magic = 0x464c457fUL)
DAMAGE(bad_sum, p->hdr->sum ^= 1UL << 40)
DAMAGE(bad_fixed, p->hdr->fixed.volume_max++)
DAMAGE(newer, p->hdr->fixed.version = 3)
DAMAGE(older, p->hdr->fixed.version = 1)
DAMAGE_FIXED(other_layout, p->hdr->fixed.layout_sum++)
DAMAGE_FIXED(other_header, p->hdr->fixed.hdr_sz += 64)
DAMAGE_FIXED(no_volume_sz, p->hdr->fixed.volume_sz = 0)
DAMAGE_FIXED(odd_volume_sz, p->hdr->fixed.volume_sz = 48UL << 20)
DAMAGE_FIXED(no_volumes, p->hdr->fixed.volume_max = 0)
DAMAGE_FIXED(all_volumes, p->hdr->fixed.volume_max = UINT64_MAX)
DAMAGE_FIXED(more_volumes, p->hdr->fixed.volume_max++)
DAMAGE_FIXED(no_joins, p->hdr->fixed.join_max = 0)
DAMAGE_FIXED(many_joins, p->hdr->fixed.join_max = 1025)
DAMAGE_FIXED(shdata_in_header, p->hdr->fixed.shdata_off = 64)
DAMAGE_FIXED(shdata_outside, p->hdr->fixed.shdata_off = 1UL << 50)
DAMAGE_FIXED(shdata_longer, p->hdr->fixed.shdata_sz += 64)
DAMAGE_FIXED(front_odd, p->hdr->fixed.front_sz += 4096)
DAMAGE_FIXED(front_huge, p->hdr->fixed.front_sz = 1UL << 62)
DAMAGE_FIXED(front_longer, p->hdr->fixed.front_sz += 1UL << 30; p->hdr->fixed.sz += 1UL << 30;
	     cut_to(p, p->hdr->fixed.sz))
DAMAGE_FIXED(other_sz, p->hdr->fixed.sz += VOLUME_SZ_MIN)
DAMAGE_FIXED(other_pages, p->hdr->fixed.page_sz = 2UL << 20)
DAMAGE_FIXED(other_placement, p->hdr->fixed.placement = 3)
DAMAGE_FIXED(other_driver, memcpy(p->hdr->fixed.driver, "memfd", 6))
DAMAGE_FIXED(endless_driver, memset(p->hdr->fixed.driver, 'x', sizeof(p->hdr->fixed.driver)))
DAMAGE_FIXED(endless_name, memset(p->hdr->fixed.name, 'x', sizeof(p->hdr->fixed.name)))
DAMAGE_FIXED(name_of_a_tag, memcpy(p->hdr->fixed.name, "<b>\"", 5))
DAMAGE_FIXED(name_hidden, memcpy(p->hdr->fixed.name, ".x", 3))
DAMAGE(destroyed, p->hdr->destroyed = REGION_DESTROYED)
DAMAGE(about_to_be_destroyed, p->hdr->destroyed = 5)
DAMAGE(in_use_at_power_off, tear(p))
DAMAGE(clean_of_the_future, p->hdr->boot ^= 2; p->hdr->clean_seq = p->hdr->attach_seq + 5)
DAMAGE(rebuild_died, p->hdr->boot = 0; p->hdr->attach_seq++)
DAMAGE(torn_no_groove, tear(p); p->shdata->magic = 0)
DAMAGE(torn_zeros, tear(p); memset(p->shdata, 0, p->hdr->fixed.shdata_sz))
DAMAGE(torn_pool, tear(p); shdata_pool(p->shdata)->slot[1].state = VOLUME_USED)
DAMAGE(torn_states, tear(p); memset(region_hdr_states(p->hdr), 0x5a, VOLUME_MAX * 8))
DAMAGE(torn_members, tear(p); memset(p->hdr->member, 0x5a, sizeof(p->hdr->member)))
DAMAGE(torn_classes, tear(p); p->shdata->szc_sum++)
DAMAGE(torn_layout, tear(p); p->shdata->version++)
DAMAGE(torn_and_destroyed, tear(p); p->hdr->destroyed = REGION_DESTROYED)
DAMAGE(whole_volume, fill_volume(p, 0))
DAMAGE(punched_first, punch_volume(p, 0, 4096))
DAMAGE(punched_last, punch_volume(p, 2 * VOLUME_SZ_MIN - 4096, 4096))
DAMAGE(punched_whole, punch_volume(p, VOLUME_SZ_MIN, VOLUME_SZ_MIN))
DAMAGE(cut_and_back, fill_volume(p, 0); fill_volume(p, 1); cut_to(p, p->sz - VOLUME_SZ_MIN / 2); cut_to(p, p->sz))
DAMAGE(punched_front, punch(p, p->hdr->fixed.shdata_off / 4096 * 4096 + 4096, 4096))
DAMAGE(punched_unused, fill_volume(p, 0); punch(p, p->hdr->fixed.front_sz + VOLUME_SZ_MIN, VOLUME_SZ_MIN))
DAMAGE(clean_at_power_off, p->hdr->boot ^= 2)
DAMAGE(in_use_in_this_boot, be_this_file(p); p->hdr->attach_seq++)
DAMAGE(copied_in_use, p->hdr->attach_seq++)
DAMAGE(copied_to_its_device, be_this_file(p); p->hdr->file.dev++; p->hdr->attach_seq++)
DAMAGE(copied_to_its_number, be_this_file(p); p->hdr->file.birth++; p->hdr->attach_seq++)
DAMAGE(file_unknown, be_this_file(p); p->hdr->file.ino = 0; p->hdr->attach_seq++)
DAMAGE(no_groove, p->shdata->magic = 0)
DAMAGE(groove_of_zeros, memset(p->shdata, 0, p->hdr->fixed.shdata_sz))
DAMAGE(newer_groove, p->shdata->version++)
DAMAGE(other_classes, p->shdata->szc_sum++)
DAMAGE(other_groove, groove_data_new_cfg(p->shdata, &(groove_data_cfg_t){.volume_sz = VOLUME_SZ_MIN, .volume_max = 1}))
DAMAGE(larger_pool, shdata_pool(p->shdata)->volume_max = 1UL << 40)
DAMAGE(no_state, region_hdr_states(p->hdr)[1] = 7)
DAMAGE(state_of_nobody, region_hdr_states(p->hdr)[0] = region_state_next(0, REGION_GROWING, REGION_OWNER_NONE))
DAMAGE(used_without_memory, shdata_pool(p->shdata)->slot[1].state = VOLUME_USED)

struct damage_case {
	const char *name;
	void (*damage)(struct patient *patient);
	int expected;
	const char *words[3]; /* of the line; with GROOVE_SUCCESS: that it is attached read-only */
};

static const struct damage_case cases[] = {
	{"no damage", no_damage, GROOVE_SUCCESS, {NULL}},
	{"empty", empty, GROOVE_ERR_INVAL, {"no region", "0 bytes", "name another"}},
	{"one byte", one_byte, GROOVE_ERR_INVAL, {"no region", "1 bytes"}},
	{"less than a header", less_than_header, GROOVE_ERR_INVAL, {"no region"}},
	{"a header alone", header_alone, GROOVE_ERR_CORRUPT, {"its header says", "destroy it"}},
	{"a page short", a_page_short, GROOVE_ERR_CORRUPT, {"its header says", "destroy it"}},
	{"a volume short", a_volume_short, GROOVE_ERR_CORRUPT, {"its header says", "destroy it"}},
	{"a byte long", a_byte_long, GROOVE_ERR_CORRUPT, {"its header says", "destroy it"}},
	{"no magic", no_magic, GROOVE_ERR_AGAIN, {"being made", "try again"}},
	{"zeros", zeros, GROOVE_ERR_AGAIN, {"being made", "try again"}},
	{"another magic", other_magic, GROOVE_ERR_INVAL, {"magic 0x464c457f", "name another"}},
	{"bad sum", bad_sum, GROOVE_ERR_CORRUPT, {"sum", "destroy it"}},
	{"a name that is a tag", name_of_a_tag, GROOVE_ERR_CORRUPT, {"name in its header", "destroy it"}},
	{"a hidden name", name_hidden, GROOVE_ERR_CORRUPT, {"name in its header", "destroy it"}},
	{"bad header", bad_fixed, GROOVE_ERR_CORRUPT, {"sum", "destroy it"}},
	{"newer", newer, GROOVE_ERR_INVAL, {"layout 3", "reads layout 2", "library"}},
	{"older", older, GROOVE_ERR_INVAL, {"layout 1", "reads layout 2", "library"}},
	{"another layout", other_layout, GROOVE_ERR_INVAL, {"built in another way"}},
	{"another header", other_header, GROOVE_ERR_INVAL, {"built in another way"}},
	{"volumes of nothing", no_volume_sz, GROOVE_ERR_CORRUPT, {"contradict", "2 volumes of 0"}},
	{"odd volumes", odd_volume_sz, GROOVE_ERR_CORRUPT, {"48"}},
	{"no volumes", no_volumes, GROOVE_ERR_CORRUPT, {"contradict", "0 volumes"}},
	{"all volumes", all_volumes, GROOVE_ERR_CORRUPT, {"18446744073709551615 volumes"}},
	{"more volumes", more_volumes, GROOVE_ERR_CORRUPT, {"contradict", "3 volumes"}},
	{"no joins", no_joins, GROOVE_ERR_CORRUPT, {"contradict", "0 joins"}},
	{"many joins", many_joins, GROOVE_ERR_CORRUPT, {"1025 joins"}},
	{"shared region in the header", shdata_in_header, GROOVE_ERR_CORRUPT, {"contradict"}},
	{"shared region outside", shdata_outside, GROOVE_ERR_CORRUPT, {"contradict"}},
	{"shared region longer", shdata_longer, GROOVE_ERR_CORRUPT, {"contradict"}},
	{"odd front", front_odd, GROOVE_ERR_CORRUPT, {"contradict"}},
	{"huge front", front_huge, GROOVE_ERR_CORRUPT, {"contradict"}},
	{"front longer than is used", front_longer, GROOVE_ERR_CORRUPT, {"contradict"}},
	{"another size", other_sz, GROOVE_ERR_CORRUPT, {"contradict"}},
	{"other pages", other_pages, GROOVE_ERR_INVAL, {"pages of 2097152", "pages of 4096", "move it back"}},
	{"another placement", other_placement, GROOVE_ERR_CORRUPT, {"placement 3", "destroy it"}},
	{"another driver", other_driver, GROOVE_ERR_INVAL, {"driver memfd", "not file", "move it back"}},
	{"endless driver", endless_driver, GROOVE_ERR_CORRUPT, {"contradict"}},
	{"endless name", endless_name, GROOVE_ERR_CORRUPT, {"contradict"}},
	{"destroyed", destroyed, GROOVE_ERR_KEY, {"destroyed", "new one"}},
	{"about to be destroyed", about_to_be_destroyed, GROOVE_SUCCESS, {NULL}},
	{"in use at power off", in_use_at_power_off, GROOVE_SUCCESS, {"went down", "torn", "groove_region_rebuild"}},
	{"clean of the future", clean_of_the_future, GROOVE_SUCCESS, {"torn", "groove_region_rebuild"}},
	{"rebuild died", rebuild_died, GROOVE_SUCCESS, {"unknown", "torn", "groove_region_rebuild"}},
	{"torn, no groove", torn_no_groove, GROOVE_SUCCESS, {"torn", "groove_region_rebuild"}},
	{"torn, groove of zeros", torn_zeros, GROOVE_SUCCESS, {"torn", "groove_region_rebuild"}},
	{"torn, used without memory", torn_pool, GROOVE_SUCCESS, {"torn", "groove_region_rebuild"}},
	{"torn, garbage for states", torn_states, GROOVE_SUCCESS, {"torn", "groove_region_rebuild"}},
	{"torn, garbage for members", torn_members, GROOVE_SUCCESS, {"torn", "groove_region_rebuild"}},
	{"torn, other size classes", torn_classes, GROOVE_ERR_CORRUPT, {"size classes", "use that one"}},
	{"torn, newer groove", torn_layout, GROOVE_ERR_CORRUPT, {"another layout", "use that one"}},
	{"torn and destroyed", torn_and_destroyed, GROOVE_ERR_KEY, {"destroyed", "new one"}},
	{"a volume with memory", whole_volume, GROOVE_SUCCESS, {NULL}},
	{"first page punched", punched_first, GROOVE_SUCCESS, {"has a hole", "groove_region_rebuild"}},
	{"last page punched", punched_last, GROOVE_SUCCESS, {"has a hole", "groove_region_rebuild"}},
	{"a volume punched", punched_whole, GROOVE_SUCCESS, {"has a hole", "groove_region_rebuild"}},
	{"cut, and made long again", cut_and_back, GROOVE_SUCCESS, {"has a hole", "groove_region_rebuild"}},
	{"front punched", punched_front, GROOVE_SUCCESS, {"has a hole", "groove_region_rebuild"}},
	{"unused volume punched", punched_unused, GROOVE_SUCCESS, {NULL}},
	{"clean at power off", clean_at_power_off, GROOVE_SUCCESS, {NULL}},
	{"in use in this boot", in_use_in_this_boot, GROOVE_SUCCESS, {NULL}},
	{"copied in use", copied_in_use, GROOVE_SUCCESS, {"is a copy", "torn", "groove_region_rebuild"}},
	{"copied to its device", copied_to_its_device, GROOVE_SUCCESS, {"is a copy", "torn"}},
	{"copied to its number", copied_to_its_number, GROOVE_SUCCESS, {"is a copy", "torn"}},
	{"file unknown", file_unknown, GROOVE_SUCCESS, {"is a copy", "torn"}},
	{"no groove", no_groove, GROOVE_ERR_CORRUPT, {"no groove"}},
	{"groove of zeros", groove_of_zeros, GROOVE_ERR_CORRUPT, {"no groove"}},
	{"newer groove", newer_groove, GROOVE_ERR_CORRUPT, {"layout"}},
	{"other size classes", other_classes, GROOVE_ERR_CORRUPT, {"other size classes"}},
	{"another groove", other_groove, GROOVE_ERR_CORRUPT, {"not that of its header"}},
	{"larger pool", larger_pool, GROOVE_ERR_CORRUPT, {"not that of its header"}},
	{"no state", no_state, GROOVE_ERR_CORRUPT, {"volume 1", "0x7", "destroy it"}},
	{"state of nobody", state_of_nobody, GROOVE_ERR_CORRUPT, {"volume 0", "destroy it"}},
	{"used without memory", used_without_memory, GROOVE_ERR_CORRUPT, {"volume 1", "destroy it"}},
};

/* ---- attach ---- */

/* All of a file's bytes. */
static uint64_t
sum_of_file(void)
{
	const int fd = open(case_path, O_RDONLY | O_CLOEXEC);
	uint64_t words[512], sum = 0;
	ssize_t got;

	while (fd >= 0 && (got = read(fd, words, sizeof(words))) > 0) {
		for (size_t i = 0; i < (size_t)got / sizeof(words[0]); i++)
			sum = (sum ^ words[i]) * 0x100000001b3UL;
	}
	close(fd);
	return sum;
}

static int
check_whole(groove_region_t *region)
{
	groove_data_t join;

	TEST_ASSERT_EQUAL(groove_region_needs_rebuild(region), 0, "needs a rebuild");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_data_verify(&join), "verify");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	TEST_ASSERT_NOT_NULL(groove_data_alloc(&join, 0, 1000, 1, NULL), "alloc");
	TEST_ASSERT_SUCCESS(groove_region_recover(region, &join), "recover");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	return TEST_SUCCESS;
}

/* What is attached read-only stays so, and unchanged, until it is rebuilt; then it is whole. */
static int
check_readonly(groove_region_t *region, uint64_t sum)
{
	TEST_ASSERT_EQUAL(groove_region_needs_rebuild(region), 1, "attached for writing");
	groove_region_detach(region);
	TEST_ASSERT_EQUAL(sum_of_file(), sum, "attach and detach changed it");
	test_log_begin();
	TEST_ASSERT_SUCCESS(groove_region_attach(&case_id, &region), "attach again");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "read-only"), "attach again");
	TEST_ASSERT_SUCCESS(groove_region_rebuild(region, NULL, NULL), "rebuild");
	TEST_CALL(check_whole(region));
	groove_region_detach(region);
	TEST_ASSERT_SUCCESS(groove_region_attach(&case_id, &region), "attach when it is whole");
	TEST_CALL(check_whole(region));
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* Whether attach returns as expected, with one line that has the words, and leaves nothing. */
static int
check_attach(int expected, const char *const *words)
{
	const uint64_t sum = expected == GROOVE_SUCCESS && words[0] != NULL ? sum_of_file() : 0;
	groove_region_t *const untouched = (groove_region_t *)dir;
	groove_region_t *region = untouched;
	const char *logged;
	int err;

	test_log_begin();
	err = groove_region_attach(&case_id, &region);
	logged = test_log_end();
	TEST_ASSERT_EQUAL(err, expected, "attach, said \"%s\"", logged);
	if (err == GROOVE_SUCCESS && words[0] == NULL) {
		TEST_ASSERT_EQUAL(logged[0], '\0', "said \"%s\"", logged);
		TEST_CALL(check_whole(region));
		groove_region_detach(region);
		return TEST_SUCCESS;
	}
	TEST_ASSERT(test_log_is_line(logged, words), "the line of error %d", expected);
	if (err == GROOVE_SUCCESS)
		return check_readonly(region, sum);
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	return TEST_SUCCESS;
}

/* No region that this library knows: destroy leaves it there. */
static bool
is_foreign(const struct damage_case *each)
{
	return each->damage == one_byte || each->damage == other_magic || each->damage == newer ||
	       each->damage == older || each->damage == other_layout || each->damage == other_header;
}

static int
check_destroy(const struct damage_case *each)
{
	static const char *const words[] = {"no region", "nothing was destroyed", NULL};
	const uint64_t sum = is_foreign(each) ? sum_of_file() : 0;
	int err;

	if (!is_foreign(each)) {
		TEST_ASSERT_SUCCESS(groove_region_destroy(&case_id), "case \"%s\" cannot be destroyed", each->name);
		return TEST_SUCCESS;
	}
	test_log_begin();
	err = groove_region_destroy(&case_id);
	TEST_ASSERT(test_log_is_line(test_log_end(), words), "the line of case \"%s\"", each->name);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "case \"%s\" was destroyed", each->name);
	TEST_ASSERT_EQUAL(sum_of_file(), sum, "case \"%s\" was written to", each->name);
	return TEST_SUCCESS;
}

static int
check_case(const struct damage_case *each)
{
	const char *words[4] = {each->words[0], each->words[1], each->words[2], NULL};
	struct patient patient;
	uint64_t front_sz;

	TEST_CALL(patient_open(&patient));
	front_sz = patient.hdr->fixed.front_sz;
	each->damage(&patient);
	patient_close(&patient, front_sz);
	if (check_attach(each->expected, words) != TEST_SUCCESS) {
		fprintf(stderr, "case \"%s\"\n", each->name);
		return TEST_FAILED;
	}
	return check_destroy(each);
}

/* Whatever bit of the header is wrong, it is seen. */
static int
check_bits(void)
{
	for (uint64_t bit = 0; bit < 8 * (sizeof(struct region_fixed) + 16); bit++) {
		groove_region_t *region;
		struct patient patient;
		uint64_t front_sz;

		TEST_CALL(patient_open(&patient));
		front_sz = patient.hdr->fixed.front_sz;
		((uint8_t *)patient.hdr)[bit / 8] ^= (uint8_t)(1U << bit % 8);
		patient_close(&patient, front_sz);
		test_log_begin();
		TEST_ASSERT(groove_region_attach(&case_id, &region) != GROOVE_SUCCESS, "bit %lu", bit);
		TEST_ASSERT_EQUAL(test_log_lines(), 1, "lines for bit %lu", bit);
		test_log_end();
	}
	return TEST_SUCCESS;
}

/* Garbage anywhere in the front: any answer, no crash. */
static int
check_garbage(void)
{
	uint64_t state = 4711;

	for (int round = 0; round < 200; round++) {
		groove_region_t *region;
		struct patient patient;
		uint64_t front_sz;
		int err;

		TEST_CALL(patient_open(&patient));
		front_sz = patient.hdr->fixed.front_sz;
		for (int i = 0; i < 64; i++) {
			const uint64_t words = front_sz / sizeof(uint64_t);
			const uint64_t first = offsetof(struct region_hdr, attach_seq) / sizeof(uint64_t);

			((uint64_t *)patient.hdr)[first + test_rand(&state) % (words - first)] = test_rand(&state);
		}
		patient_close(&patient, front_sz);
		test_log_begin();
		err = groove_region_attach(&case_id, &region);
		TEST_ASSERT_EQUAL(test_log_lines(), err != GROOVE_SUCCESS || groove_region_needs_rebuild(region),
			"lines, round %d", round);
		test_log_end();
		if (err == GROOVE_SUCCESS && groove_region_needs_rebuild(region))
			TEST_ASSERT_SUCCESS(groove_region_rebuild(region, NULL, NULL), "rebuild, round %d", round);
		if (err == GROOVE_SUCCESS)
			groove_region_detach(region);
	}
	return TEST_SUCCESS;
}

/* ---- what is no file ---- */

static int
check_refused(const char *word)
{
	const char *words[] = {word, NULL};

	TEST_CALL(check_attach(GROOVE_ERR_INVAL, words));
	TEST_ASSERT_SUCCESS(remove(case_path), "remove %s: %m", case_path);
	return TEST_SUCCESS;
}

static int
make_socket(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", case_path);
	TEST_ASSERT_SUCCESS(bind(fd, (const struct sockaddr *)&address, sizeof(address)), "bind: %m");
	close(fd);
	return TEST_SUCCESS;
}

static int
check_no_files(void)
{
	unlink(case_path);
	TEST_ASSERT_SUCCESS(mkdir(case_path, 0700), "mkdir: %m");
	TEST_CALL(check_refused(case_path));
	TEST_ASSERT_SUCCESS(mkfifo(case_path, 0600), "mkfifo: %m");
	TEST_CALL(check_refused("no regular file"));
	TEST_ASSERT_SUCCESS(symlink(good_path, case_path), "symlink: %m");
	TEST_CALL(check_refused("links are not followed"));
	TEST_ASSERT_SUCCESS(symlink("/nonexistent", case_path), "symlink: %m");
	TEST_CALL(check_refused("links are not followed"));
	TEST_CALL(make_socket());
	return check_refused(case_path);
}

/* A user that may not open it gets an error that says so. */
static int
as_nobody(void *arg)
{
	(void)arg;
	if (geteuid() == 0)
		TEST_ASSERT_SUCCESS(setresuid(65534, 65534, 65534), "%m");
	return check_attach(GROOVE_ERR_INVAL, (const char *const[]){case_path, "change its mode", NULL});
}

static int
check_permission(void)
{
	struct patient patient;
	uint64_t front_sz;

	TEST_CALL(patient_open(&patient));
	front_sz = patient.hdr->fixed.front_sz;
	patient_close(&patient, front_sz);
	TEST_ASSERT_SUCCESS(chmod(case_path, 0), "chmod: %m");
	TEST_ASSERT_SUCCESS(chmod(dir, 0755), "chmod: %m");
	TEST_CALL(test_child_run(as_nobody, NULL));
	return TEST_SUCCESS;
}

/* ---- bad arguments ---- */

static int
check_arguments(void)
{
	static const groove_region_id_t no_name = {.driver = "file"};
	static const groove_region_id_t bad_name = {.driver = "file", .name = "../etc/passwd"};
	static const groove_region_id_t no_driver = {.driver = "nosuch", .name = "x"};
	groove_region_t *region;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(NULL, &region), GROOVE_ERR_INVAL, "NULL");
	TEST_ASSERT_EQUAL(groove_region_attach(&case_id, NULL), GROOVE_ERR_INVAL, "no place");
	TEST_ASSERT_EQUAL(groove_region_attach(&no_name, &region), GROOVE_ERR_INVAL, "no name");
	TEST_ASSERT_EQUAL(groove_region_attach(&bad_name, &region), GROOVE_ERR_INVAL, "bad name");
	TEST_ASSERT_EQUAL(groove_region_attach(&no_driver, &region), GROOVE_ERR_KEY, "no driver");
	TEST_ASSERT_EQUAL(groove_region_destroy(NULL), GROOVE_ERR_INVAL, "destroy NULL");
	TEST_ASSERT_EQUAL(groove_region_destroy(&bad_name), GROOVE_ERR_INVAL, "destroy bad name");
	TEST_ASSERT_EQUAL(test_log_lines(), 7, "lines");
	test_log_end();
	groove_region_detach(NULL);
	return TEST_SUCCESS;
}

/* DMA is a matter of EAL, which this program has not. */
static int
check_no_eal(const groove_region_id_t *good)
{
	groove_region_t *region;

	TEST_ASSERT_SUCCESS(groove_region_attach(good, &region), "attach");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_dma_register(region), GROOVE_ERR_INVAL, "without EAL");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "needs EAL", "rte_eal_init"), "without EAL");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
test_region_attach(void)
{
	const groove_region_id_t good = {.driver = "file", .dir = dir, .name = "good"};

	snprintf(dir, sizeof(dir), "/dev/shm/groove-tested-XXXXXX");
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	snprintf(good_path, sizeof(good_path), "%s/groove.good", dir);
	snprintf(case_path, sizeof(case_path), "%s/groove." NAME, dir);
	TEST_CALL(make_good());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		TEST_CALL(check_case(&cases[i]));
	TEST_CALL(check_bits());
	TEST_CALL(check_garbage());
	TEST_CALL(check_no_files());
	TEST_CALL(check_permission());
	TEST_CALL(check_arguments());
	TEST_CALL(check_no_eal(&good));
	unlink(case_path);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&good), "destroy");
	TEST_ASSERT_SUCCESS(rmdir(dir), "left something in %s: %m", dir);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_attach_autotest, fast, test_region_attach);
