# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors

# A thin front door: meson and the scripts of config/ do the work. `make help` lists the targets.

BUILD ?= build
# CPUs that `make run` uses, as for EAL's -l: all that this process may use and EAL can number
CPUS ?= $(shell config/cpus.sh)
# volumes of 1 GiB that `make run` has; all of its memory follows from it
VOLUMES ?= 2
# more arguments for the programs, or for meson test
RUN_ARGS ?=
PERF_ARGS ?=
TEST_ARGS ?=
# names of tests, for `make test`: without any, all
TESTS ?=
# --quick: those that need neither Spin nor a sanitizer; --all: every detector of each; --only NAME...
MUTANT_ARGS ?=

# tests that have failed in hard times before, and arguments for them
HARD_TESTS ?= stress_cli perf_cli perf_count_cli interleave
# `make interleave`: scenarios that three preemptions are tried of whole, as each takes seconds; and which share of all
INTERLEAVE_WHOLE := double-free return return-nested return-under-parent bulk-free three-double-free three-last-free \
	three-return list-list shrink shrink-free cached cached-double-free cached-return spill-spill spill-empty bulk-spill \
	bulk-bulk bulk-undo
INTERLEAVE_SHARE ?= 1

# what the largest test takes
TEST_MEM := 3G
# tests with threads
TSAN_TESTS ?= plain_concurrent plain_volume_pool concurrent_autotest reference_autotest stress_autotest \
	stress_share_autotest tile_autotest volume_pool_autotest walk_autotest
# those that reach lines or branches that no other does, and those that take a second; meson keeps the order, so those
# that run together with others come first
COVERAGE_TESTS ?= interleave syscall_fail_autotest recovery_adopt owners region_attach_autotest region_share_autotest \
	region_stray_autotest region_identity_autotest region_torn_autotest region_descriptors_autotest \
	recover_full_autotest volume_limits_autotest region_looks_autotest region_clauses_autotest region_first_autotest \
	region_joins_autotest region_owner_autotest region_handle_autotest region_calls_autotest cfg_size_autotest \
	fuzz_calls fuzz_damage fuzz_region \
	bad_call_autotest bulk_autotest cache_autotest ctl_cli share_file stress_named \
	dump_autotest error_autotest drain_autotest fork_autotest groove_data_autotest lifecycle_autotest \
	rebuild_autotest recover_autotest reference_autotest region_autotest region_dma_autotest region_holes_2M \
	sb_word_autotest stats_autotest szc_autotest upkeep_autotest verify_autotest volume_hugetlbfs_2M \
	volume_memfd_2M volume_memzone_autotest volume_pool_autotest walk_autotest
# scenarios of groove-fault that `make coverage` plays
COVERAGE_FAULTS := "recover from free empties a superblock, during recovery" \
	"recover from grow with memory to spare, during recovery"
# scenarios of groove-fault that `make debug` plays; `make fault` plays all
DEBUG_FAULTS := "alloc refills" "free to the cache" "free of an overrun object" "free of an overrun large object" \
	"free_bulk with an overrun object" "free_bulk refused, won" "rebuild of aligned objects"
# all that need no EAL, and what else looks closely at objects and takes seconds
DEBUG_TESTS ?= bad_call_autotest bulk_autotest cache_autotest concurrent_autotest debug_checks_autotest drain_autotest \
	dump_autotest error_autotest fork_autotest fuzz_calls fuzz_damage groove_data_autotest heap_align_autotest \
	lifecycle_autotest rebuild_autotest recover_autotest recover_stopped_autotest reference_autotest sb_word_autotest stats_autotest \
	stress_autotest stress_share_autotest szc_autotest verify_autotest volume_pool_autotest walk_autotest
# seconds that `make fuzz` gives each fuzzer
FUZZ_SECONDS ?= 600
# where they start; 0: anywhere
FUZZ_SEED ?= 0
# how far `make debian13` goes: run (build, and the main job once) or test (the tests, too)
DEBIAN13 ?= test
SANITIZE_ARGS := -Db_lundef=false -Db_ndebug=false
SOURCES = $(shell git ls-files --cached --others --exclude-standard '*.c' '*.h')
SCRIPTS = $(shell git ls-files --cached --others --exclude-standard '*.sh' .ci/run)

.PHONY: all run perf test test-hard model interleave mutants fault check format format-check tidy shellcheck clang sanitize asan tsan debug \
	coverage fuzz \
	arm64 debian13 doc install \
	clean help

all: packages-run $(BUILD)/build.ninja ## build all of groove (default)
	ninja -C $(BUILD)

run: packages-run ## build, then let every CPU hammer one groove in hugepages; ends in "pass"
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	ninja -C $(BUILD) app/groove-stress drivers/groove_volume_memzone.so
	@config/with-hugepages.sh $(VOLUMES)G -- config/run-stress.sh $(BUILD) $(VOLUMES) -l $(CPUS) -- $(RUN_ARGS)

perf: packages-perf ## build, then time groove and other allocators; writes build/perf
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	ninja -C $(BUILD) app/groove-perf drivers/groove_volume_memzone.so
	@config/with-hugepages.sh 3G -- config/run-perf.sh $(BUILD) -l $(CPUS) -- --fill-s 5 $(PERF_ARGS)

test: packages-test ## build, then run every test
	@$(MAKE) --no-print-directory all
	@config/with-hugepages.sh $(TEST_MEM) -- config/run-tests.py $(BUILD) -- $(TEST_ARGS) $(TESTS)

test-hard: packages-test ## run HARD_TESTS under nohup, under load, and with free pages of both sizes
	@$(MAKE) --no-print-directory all
	@config/hard-times.sh $(BUILD) $(HARD_TESTS)

model: packages-model $(BUILD)/build.ninja ## check models and interleavings further than the tests do
	ninja -C $(BUILD) test/model/groove-interleave test/model/groove-interleave-pools
	test/model/run_spin.py --long
	$(BUILD)/test/model/groove-interleave --preemptions 3
	$(BUILD)/test/model/groove-interleave --deaths --preemptions 1
	$(BUILD)/test/model/groove-interleave --recovery
	$(BUILD)/test/model/groove-interleave --recovery --second
	$(BUILD)/test/model/groove-interleave --owners --preemptions 4
	$(BUILD)/test/model/groove-interleave --owners --deaths --preemptions 3
	$(BUILD)/test/model/groove-interleave --stale --preemptions 2
	$(BUILD)/test/model/groove-interleave --stale --recovery --preemptions 0
	$(BUILD)/test/model/groove-interleave --stale --owners --deaths --preemptions 2
	$(BUILD)/test/model/groove-interleave-pools 3

interleave: packages-run $(BUILD)/build.ninja ## short forms of the interleavings of make model: small scenarios, and a share of all
	ninja -C $(BUILD) test/model/groove-interleave
	@$(MAKE) --no-print-directory --output-sync -j $(INTERLEAVE_PARTS)

# each takes one CPU; the halves first, as they take longest
INTERLEAVE_PARTS := interleave-half-1 interleave-half-2 interleave-whole interleave-shares
.PHONY: $(INTERLEAVE_PARTS)

interleave-half-1 interleave-half-2: interleave-half-%:
	$(BUILD)/test/model/groove-interleave --preemptions 2 --share $*/2

interleave-whole:
	$(BUILD)/test/model/groove-interleave --preemptions 3 $(INTERLEAVE_WHOLE)

interleave-shares:
	$(BUILD)/test/model/groove-interleave --preemptions 3 --share $(INTERLEAVE_SHARE)/256
	$(BUILD)/test/model/groove-interleave --deaths --preemptions 1 --share $(INTERLEAVE_SHARE)/256

mutants: packages-mutants ## break the sources on purpose, one bug at a time, and see each caught
	test/mutation/mutants.py build-mutants $(MUTANT_ARGS)

# every form in full; the tests have short ones
fault: packages-run build-debug/build.ninja ## build, then kill and stop processes at every point of the library
	@$(MAKE) --no-print-directory all
	$(BUILD)/test/groove-fault matrix
	$(BUILD)/test/groove-fault matrix --reap
	$(BUILD)/test/stray/groove-stray --step 53
	$(BUILD)/test/fuzz/fuzz-region-seeds --bits=1 >/dev/null
	$(BUILD)/test/groove-fault soak
	$(BUILD)/test/groove-fault stop
	GROOVE_TEST_STOPS=1000 $(BUILD)/test/groove-test-stops region_stops_autotest
	@GROOVE_HUGEPAGES=huge GROOVE_TEST_PAGES=huge GROOVE_TEST_STOPS=1000 config/with-hugepages.sh 320M -- \
		$(BUILD)/test/groove-test-stops region_stops_autotest
	@GROOVE_HUGEPAGES=huge GROOVE_TEST_STOPS=1000 config/with-hugepages.sh 1G -- \
		test/share/share_cli.py $(BUILD)/test/share/groove-test-stops-memzone alone
	$(BUILD)/test/groove-fault matrix --volume-sz 64M --states 10
	ninja -C build-debug test/groove-fault
	build-debug/test/groove-fault matrix --states 10
	@GROOVE_HUGEPAGES=huge config/with-hugepages.sh 512M -- \
		test/fault/eal_kill.py $(BUILD)/test/fault/groove-fault-eal
	@GROOVE_HUGEPAGES=huge config/with-hugepages.sh 512M -- \
		test/mempool/mempool_kill.py $(BUILD)/test/mempool/groove-mempool-kill 1000 50
	@GROOVE_HUGEPAGES=huge config/with-hugepages.sh 512M -- \
		test/mempool/mempool_kill.py $(BUILD)/test/mempool/groove-mempool-kill others

check: format-check shellcheck tidy ## check format and analyse statically

format: packages-format ## format all C files
	clang-format -i $(SOURCES)

format-check: packages-format
	clang-format --dry-run -Werror $(SOURCES)

shellcheck: packages-shellcheck
	shellcheck $(SCRIPTS)

# it takes patterns, found anywhere in a path: so the checkout may lie at one with spaces
tidy: packages-tidy build-clang/build.ninja
	ninja -C build-clang lib/groove/szc_table.c
	config/tidy-commands.py build-clang build-clang/tidy
	run-clang-tidy -quiet -p build-clang/tidy $(addprefix /,$(filter %.c,$(SOURCES)))

clang: packages-clang build-clang/build.ninja ## build with clang
	ninja -C build-clang

sanitize: asan tsan ## run every test under ASan + UBSan, and those with threads under TSan

asan: packages-test build-asan/build.ninja
	ninja -C build-asan
	@config/with-hugepages.sh $(TEST_MEM) -- config/run-tests.py build-asan -- $(TEST_ARGS)

# without address space randomisation, which TSan's shadow memory cannot always live with
tsan: packages-run build-tsan/build.ninja
	ninja -C build-tsan
	@config/with-hugepages.sh $(TEST_MEM) -- setarch -R config/run-tests.py build-tsan -- $(TSAN_TESTS)

# meson builds what these tests need
debug: packages-run build-debug/build.ninja ## test objects with red zones, poison and quarantine
	@GROOVE_TEST_TURN_COST=8 GROOVE_HUGEPAGES=none config/run-tests.py build-debug -- $(DEBUG_TESTS)
	ninja -C build-debug test/groove-fault
	for each in $(DEBUG_FAULTS); do \
		build-debug/test/groove-fault matrix --kills 1 --scenario "$$each" || exit 1; \
	done

fuzz: packages-fuzz build-fuzz/build.ninja ## run each fuzzer for FUZZ_SECONDS (10 minutes)
	ninja -C build-fuzz fuzzers
	@FUZZ_SEED=$(FUZZ_SEED) config/run-fuzz.sh build-fuzz $(FUZZ_SECONDS)

# what the tests that reach most of lib/groove and lib/region in little time reach of it
coverage: packages-coverage build-coverage/build.ninja ## measure how much of the libraries the tests reach; writes build-coverage/report
	ninja -C build-coverage
	find build-coverage -name '*.gcda' -delete
	@GROOVE_TEST_TURN_COST=50 GROOVE_HUGEPAGES=none config/run-tests.py build-coverage -- $(COVERAGE_TESTS)
	for each in $(COVERAGE_FAULTS); do \
		build-coverage/test/groove-fault matrix --kills 1 --states 1 --meddle-step 1000 --scenario "$$each" || exit 1; \
	done
	mkdir -p build-coverage/report
	gcovr --config config/gcovr.cfg build-coverage/lib build-coverage/test

arm64: packages-arm64 build-arm64/build.ninja ## build the core for arm64 and run its tests under qemu
	ninja -C build-arm64
	@config/run-tests.py build-arm64 -- $(TEST_ARGS)

debian13: packages-debian13 ## build and test in a Debian 13, in a folder (needs root); DEBIAN13=run: without the tests
	config/debian13.sh build-debian13 $(DEBIAN13) $(TEST_ARGS)

doc: packages-doc build-doc/build.ninja ## build guides and API reference, under build-doc/doc
	ninja -C build-doc doc

install: all ## install (prefix: first `meson configure build --prefix DIR`; DESTDIR is honoured)
	$(if $(filter command line,$(origin PREFIX)),$(error PREFIX=$(PREFIX): the build has it: meson configure $(BUILD) --prefix $(PREFIX), then make install))
	meson install -C $(BUILD) --no-rebuild
	$(if $(DESTDIR),,ldconfig)

$(BUILD)/build.ninja: | packages-run
	meson setup $(BUILD)

build-clang/build.ninja: | packages-clang
	CC=clang meson setup build-clang

build-asan/build.ninja: | packages-test
	meson setup build-asan $(SANITIZE_ARGS) -Db_sanitize=address,undefined

build-tsan/build.ninja: | packages-run
	meson setup build-tsan $(SANITIZE_ARGS) -Db_sanitize=thread

build-fuzz/build.ninja: | packages-fuzz
	CC=clang meson setup build-fuzz $(SANITIZE_ARGS) -Db_sanitize=address,undefined -Denable_fuzz=true

# -O1: without optimisation the tests take several times as long
build-coverage/build.ninja: | packages-coverage
	meson setup build-coverage -Db_coverage=true -Doptimization=1

build-debug/build.ninja: | packages-run
	meson setup build-debug -Ddebug_checks=true

build-arm64/build.ninja: | packages-arm64
	config/arm64-sysroot.sh build-arm64-root
	meson setup build-arm64 --cross-file build-arm64-root/arm64.ini -Dcore_only=true

build-doc/build.ninja: | packages-doc
	meson setup build-doc -Denable_docs=true

packages-%:
	@config/install-packages.sh $*

clean: ## remove all build folders
	config/debian13.sh build-debian13 remove
	rm -rf $(BUILD) build-mutants build-clang build-asan build-tsan build-debug build-fuzz build-coverage build-arm64 build-arm64-root build-doc

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile
