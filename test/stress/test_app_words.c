/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What the programs share: numbers as they are read, both sides of each limit, and as they are shown. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <options.h>
#include <text.h>

#include "test.h"

/* ---- shown ---- */

#define SHOWN(found, expected)                                                                                         \
	do {                                                                                                           \
		const struct app_text shown = (found);                                                                 \
                                                                                                                       \
		TEST_ASSERT_EQUAL(strcmp(shown.s, expected), 0, "\"%s\", expected \"%s\"", shown.s, expected);         \
	} while (0)

static int
test_shown(void)
{
	SHOWN(app_text_count(0), "0");
	SHOWN(app_text_count(999), "999");
	SHOWN(app_text_count(1000), "1,000");
	SHOWN(app_text_count(12345), "12,345");
	SHOWN(app_text_count(999999), "999,999");
	SHOWN(app_text_count(1000000), "1,000,000");
	SHOWN(app_text_count(UINT64_MAX), "18,446,744,073,709,551,615");
	SHOWN(app_text_bytes(0), "0 bytes");
	SHOWN(app_text_bytes(1023), "1023 bytes");
	SHOWN(app_text_bytes(1024), "1 KiB");
	SHOWN(app_text_bytes(1536), "1.5 KiB");
	SHOWN(app_text_bytes(600UL << 10), "600 KiB");
	SHOWN(app_text_bytes(1UL << 20), "1 MiB");
	SHOWN(app_text_bytes(600UL << 20), "600 MiB");
	SHOWN(app_text_bytes(3UL << 29), "1.5 GiB");
	SHOWN(app_text_bytes(2UL << 40), "2 TiB");
	SHOWN(app_text_bytes(5000UL << 40), "5000 TiB");
	SHOWN(app_text_rate(999.9), "999.9");
	SHOWN(app_text_rate(1000), "1.0 k");
	SHOWN(app_text_rate(214100), "214.1 k");
	SHOWN(app_text_rate(1e6), "1.00 M");
	SHOWN(app_text_time(0), "0:00");
	SHOWN(app_text_time(59), "0:59");
	SHOWN(app_text_time(60), "1:00");
	SHOWN(app_text_time(3599), "59:59");
	SHOWN(app_text_time(3600), "1:00:00");
	SHOWN(app_text_time(90061), "25:01:01");
	return TEST_SUCCESS;
}

/* ---- read ---- */

/* Read one option; what it complains of goes nowhere. */
static int
read_option(const char *option, const char *text, struct stress_options *options)
{
	char word[2][64];
	char *argv[] = {"groove-stress", word[0], word[1]};
	const int kept = dup(STDERR_FILENO);
	const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int err;

	snprintf(word[0], sizeof(word[0]), "%s", option);
	snprintf(word[1], sizeof(word[1]), "%s", text);
	dup2(nowhere, STDERR_FILENO);
	err = stress_options_parse(3, argv, options);
	dup2(kept, STDERR_FILENO);
	close(nowhere);
	close(kept);
	return err;
}

/* An option, where its value goes, and the text and value of its lowest and highest, with those beyond. */
struct limits {
	const char *option;
	size_t field;
	const char *low, *high, *below, *above;
	uint64_t low_value, high_value;
};

#define FIELD(name) offsetof(struct stress_options, name)

static const struct limits limits[] = {
	{"--volume-sz", FIELD(volume_sz), "32M", "1G", "16M", "2G", 32UL << 20, 1UL << 30},
	{"--sz-max", FIELD(sz_max), "0", "10M", "-1", "10485761", 0, 10UL << 20},
	{"--slot-cnt", FIELD(slot_cnt), "1", "268435456", "0", "268435457", 1, 1UL << 28},
	{"--alloc-cnt", FIELD(alloc_cnt), "1", "4611686018427387904", "0", "4611686018427387905", 1, 1UL << 62},
	{"--seed", FIELD(seed), "0", "0x7fffffffffffffff", "-1", "0x8000000000000000", 0, INT64_MAX},
	{"--near-cpu", FIELD(near_cpu), "0", "2147483647", "-1", "2147483648", 0, INT32_MAX},
	{"--volume-cnt", FIELD(volume_cnt), "1", "2048", "0", "65537", 1, 2048},
};

static int
check_read(const char *option, size_t field, const char *text, uint64_t expected)
{
	struct stress_options options;

	TEST_ASSERT_SUCCESS(read_option(option, text, &options), "%s %s", option, text);
	TEST_ASSERT_EQUAL(*(const uint64_t *)((const uint8_t *)&options + field), expected, "%s %s", option, text);
	return TEST_SUCCESS;
}

static int
check_refused(const char *option, const char *text)
{
	struct stress_options options;

	TEST_ASSERT_EQUAL(read_option(option, text, &options), GROOVE_ERR_INVAL, "%s %s", option, text);
	return TEST_SUCCESS;
}

static int
test_read(void)
{
	static const char *const none[] = {"", " 1", "1 ", "x", "1x", "0x", "1.5", "+1", "18446744073709551616", "1e3"};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const struct limits *limit = &limits[i];

		TEST_CALL(check_read(limit->option, limit->field, limit->low, limit->low_value));
		TEST_CALL(check_read(limit->option, limit->field, limit->high, limit->high_value));
		TEST_CALL(check_refused(limit->option, limit->below));
		TEST_CALL(check_refused(limit->option, limit->above));
		for (size_t k = 0; k < sizeof(none) / sizeof(none[0]); k++)
			TEST_CALL(check_refused(limit->option, none[k]));
	}
	/* suffixes of sizes and of times, in either case */
	TEST_CALL(check_read("--sz-max", FIELD(sz_max), "3k", 3072));
	TEST_CALL(check_read("--sz-max", FIELD(sz_max), "3K", 3072));
	TEST_CALL(check_read("--sz-max", FIELD(sz_max), "0x10", 16));
	TEST_CALL(check_read("--volume-sz", FIELD(volume_sz), "65536k", 64UL << 20));
	TEST_CALL(check_read("--duration", FIELD(duration_s), "90", 90));
	TEST_CALL(check_read("--duration", FIELD(duration_s), "90s", 90));
	TEST_CALL(check_read("--duration", FIELD(duration_s), "10m", 600));
	TEST_CALL(check_read("--duration", FIELD(duration_s), "2h", 7200));
	TEST_CALL(check_refused("--duration", "0"));
	TEST_CALL(check_refused("--duration", "5G"));
	TEST_CALL(check_refused("--seed", "1K"));
	/* a multiple that is beyond 64 bits must not come round */
	return check_refused("--sz-max", "18014398509481984K");
}

static int
test_app_words(void)
{
	TEST_CALL(test_shown());
	return test_read();
}

GROOVE_TEST(app_words_autotest, fast, test_app_words);
