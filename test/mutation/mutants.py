#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Break the sources on purpose, one bug at a time, and see each caught.

usage: mutants.py WORK [--quick] [--all] [--share K/N] [--only NAME...]

Each mutant of MUTANTS is made in a copy of the sources below WORK, built, and handed to its detectors until one catches
it, with --all to each. Before that every detector must pass on the copy as it is. Ends with a table, and with counts: a
mutant fails when its edit does not apply any more, or when nothing catches it.

Detectors: interleave, one scenario of groove-interleave, whose printed schedule must fail again when it is replayed;
with --recovery one of those in which another has died, with --stale also such in which a load finds an older value;
stray, groove-stray with a step; spin, one configuration of run_spin.py; unit, one module of groove-test-plain; tsan, the
same under ThreadSanitizer;
perf, one module of groove-test-perf; stress, one of groove-test-stress; calls, one of groove-test-calls; stops, one of groove-test-stops; plain, one of
groove-test-plain with regions and drivers; eal, one of groove-test; ctl, the cases of ctl_cli.py whose name has these
words; memzone, the same with hugepages, shared, groove-test-eal-shared with them, and killed, mempool_kill.py: these
three take root. pools is groove-interleave-pools, steps is groove-mempool-steps.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pools
import programs
import regions

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIB = pathlib.Path("lib", "groove")
MODEL = pathlib.Path("test", "model")

# for many builds that run once each
CHEAP = ["-Doptimization=1", "-Ddebug=false"]
# folder and options of each build, and the targets that its detectors need, the program first
BUILDS = {
    "interleave": ("full", CHEAP, "test/model/groove-interleave"),
    "stray": ("full", CHEAP, "test/stray/groove-stray"),
    "perf": ("full", CHEAP, "test/perf/groove-test-perf"),
    "stress": ("full", CHEAP, "test/stress/groove-test-stress"),
    "plain": ("full", CHEAP, "test/groove-test-plain"),
    "calls": ("full", CHEAP, "test/groove-test-calls"),
    "stops": ("full", CHEAP, "test/groove-test-stops"),
    "eal": ("full", CHEAP, "test/groove-test"),
    "ctl": ("full", CHEAP, "app/groove-ctl test/ctl/groove-ctl-maker"),
    "memzone": ("full", CHEAP, "app/groove-ctl test/ctl/groove-ctl-maker"),
    "shared": ("full", CHEAP, "test/share/groove-test-eal-shared"),
    "pools": ("full", CHEAP, "test/model/groove-interleave-pools"),
    "killed": ("full", CHEAP, "test/mempool/groove-mempool-kill"),
    "steps": ("full", CHEAP, "test/mempool/groove-mempool-steps"),
    "unit": ("unit", [*CHEAP, "-Dcore_only=true"], "test/groove-test-plain"),
    "tsan": ("tsan", ["-Dcore_only=true", "-Db_sanitize=thread", "-Db_lundef=false"], "test/groove-test-plain"),
}
WATCH = ROOT / "config" / "watch.py"  # ends what a mutant hangs
SCHEDULE = re.compile(r"^  schedule of \S+:(?: no preemption)?(.*)$", re.MULTILINE)

# Name; what is wrong; edits: file, below lib/groove or of a model, or with a folder: below the top; function ("a|b": the first that there is; "": anywhere), pattern that must match
# once there, replacement; detectors, that of --quick first.
MUTANTS = [
    ("szc-none", "the class of no bytes is the last",
     [("groove_szc.h", "groove_data_szc", r"return footprint == 0 \? 0 : GROOVE_DATA_SZC_SLICE;", "return GROOVE_DATA_SZC_SLICE;")],
     ["unit szc"]),
    ("szc-beyond", "what no class of objects fits has the largest of them",
     [("groove_szc.h", "groove_data_szc", r"footprint == 0 \? 0 : GROOVE_DATA_SZC_SLICE;", "footprint == 0 ? 0 : GROOVE_DATA_SZC_SLICE - 1;")],
     ["unit reference"]),
    ("superblock-hdr-line", "slots that are block aligned are looked for by cache line",
     [("groove_data_hdr.h", "groove_data_superblock_hdr_const", r"~\(uintptr_t\)\(first - 1\)", "~(uintptr_t)(GROOVE_LINE_SZ - 1)")],
     ["unit reference"]),
    ("pool-info-null", "info at NULL is read",
     [("pool_add.c", "pool_add_ask", r"info != NULL \? RTE_MIN\(info_sz, GROOVE_VOLUME_INFO_MAX\) : 0", "RTE_MIN(info_sz, GROOVE_VOLUME_INFO_MAX)")],
     ["unit volume_pool"]),
    ("pool-info-long", "info is cut a byte too early",
     [("pool_add.c", "pool_add_ask", r"RTE_MIN\(info_sz, GROOVE_VOLUME_INFO_MAX\)", "RTE_MIN(info_sz, GROOVE_VOLUME_INFO_MAX - 1)")],
     ["unit volume_pool"]),
    ("pool-none", "no volume after the last is an error",
     [("pool_add.c", "pool_add_check", r"off > reach", "off >= reach")],
     ["unit volume_pool"]),
    ("volume-add-none", "groove_data_volume_add() takes no volume",
     [("volume_add_remove.c", "add_check", r"if \(footprint == 0\)", "if (footprint == 1)")],
     ["unit groove_data"]),
    ("tag-stays", "a change of a head gives it no new tag",
     [("list.h", "list_head_next", r"\(\(head >> 32\) \+ 1\)", "(head >> 32)")],
     ["interleave pop-reuse", "spin two-volumes"]),
    ("head-order", "heads are swapped relaxed",
     [("list.h", "list_head_swap", r"__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE", "__ATOMIC_RELAXED, __ATOMIC_RELAXED")],
     ["interleave --stale --preemptions 1 trim-alloc"]),
    ("word-order", "words are changed relaxed",
     [("sb_word.h", "sb_word_update", r"__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE", "__ATOMIC_RELAXED, __ATOMIC_RELAXED")],
     ["interleave --stale --preemptions 1 first-free"]),
    ("hdr-order", "headers are stored relaxed",
     [("hdr.h", "hdr_store", r"__ATOMIC_RELEASE", "__ATOMIC_RELAXED")],
     ["interleave --stale --preemptions 1 walk-alloc"]),
    ("id-order", "the id of a new superblock is stored relaxed",
     [("superblock_birth.c", "superblock_make", r"step\.cnt\), __ATOMIC_RELEASE", "step.cnt), __ATOMIC_RELAXED")],
     ["interleave --stale --preemptions 1 replace"]),
    ("id-end-order", "the id of a superblock that ends is stored relaxed",
     [("superblock_return.c", "superblock_return", r"0, __ATOMIC_RELEASE", "0, __ATOMIC_RELAXED")],
     ["interleave --stale --preemptions 1 recycle"]),
    ("volume-order", "states of volumes are swapped relaxed",
     [("pool.h", "pool_state_swap", r"__ATOMIC_SEQ_CST", "__ATOMIC_RELAXED")],
     ["interleave --stale --preemptions 1 shrink-pop"]),
    ("counter-stays", "a word's counter of changes stands still",
     [("sb_word.h", "sb_word_next", r"\(word \+ \(1UL << SB_CHANGES_SHIFT\)\)", "word")],
     ["unit sb_word", "spin one-class"]),
    ("claim-anywhere", "a claim from a superblock that is not active",
     [("sb_word.h", "sb_claim", r"sb_word_place\(\*word\) != SB_ACTIVE \|\| ", "")],
     ["interleave recycle", "spin siblings", "unit sb_word"]),
    ("full-stays", "the put into a full superblock leaves it full",
     [("sb_word.h", "sb_put", r"place = free == .*;", "place = SB_FULL;")],
     ["spin one-class", "interleave first-free", "unit sb_word"]),
    ("held-for-full", "what is withdrawn without a free slot is held, by nobody",
     [("sb_word.h", "sb_withdraw", r"free != 0 \? SB_HELD : SB_FULL", "SB_HELD")],
     ["spin one-class", "interleave first-free", "unit sb_word"]),
    ("dissolve-any", "a superblock is returned with slots in use",
     [("sb_word.h", "sb_dissolve", r" \|\| !sb_word_empty\(\*word, step->cnt\)", "")],
     ["spin two-volumes", "interleave trim-free", "unit sb_word"]),
    ("put-twice", "a free slot can be put again",
     [("sb_word.h", "sb_put", r" \|\| \(sb_word_free\(\*word\) & step->mask\) != 0", "")],
     ["unit sb_word"]),
    ("lost-put-back", "the put that ends FULL does not list the superblock",
     [("superblock_return.c", "superblock_put_on|superblock_put", r"sb_list_insert\(data, szc, .*\);", "(void)block;")],
     ["interleave first-free"]),
    ("late-claim", "a claim does not look whose superblock it got",
     [("superblock_claim.c", "claim_active", r"if \(sb_cnt\(data, sb, szc, block\) == step\.cnt\)", "if (true)")],
     ["interleave replace"]),
    ("forgotten", "a superblock that finds its slot taken is dropped",
     [("superblock_slot.c", "sb_slot_insert", r"superblock_settle\(data, szc, block\);", "(void)block;")],
     ["interleave first-superblock"]),
    ("header-late", "memory is given to the parent before its header says free",
     [("superblock_return.c", "superblock_return|superblock_settle", r"\thdr_store\(hdr, hdr_free\(.*\);\n", ""),
      ("superblock_return.c", "superblock_return|superblock_settle", r"(memory_give\(.*\);)",
       r"\1 hdr_store(hdr, hdr_free(host, idx));")],
     ["interleave recycle"]),
    ("withdraw-blindly", "a slot is emptied without looking whether it changed",
     [("superblock_slot.c", "sb_slot_withdraw", r"if \(!list_head_swap\(slot, &head, 0\)\)",
       "__atomic_store_n(slot, list_head_next(head, 0), __ATOMIC_RELEASE);\n\tif (head == 0)")],
     ["interleave full-slot"]),
    ("stale-link", "an element that has to try again keeps its old link",
     [("superblock_list.c", "sb_list_insert", r"\tdo\n(\t\t__atomic_store_n\(.*\);\n)\twhile", r"\1\twhile")],
     ["interleave list-list"]),
    ("empty-stays", "a listed superblock that has become empty stays",
     [("superblock_return.c", "superblock_put_on", r"SB_LISTED && sb_word_empty", "SB_NONE && sb_word_empty")],
     ["unit lifecycle"]),
    ("free-blindly", "free stores the header instead of winning it",
     [("free.h", "free_win", r"__atomic_compare_exchange_n\(.*__ATOMIC_RELAXED\)",
       "(__atomic_store_n(&target->hdr->bits, word, __ATOMIC_RELEASE), bits != 0)")],
     ["interleave double-free"]),
    ("look-once", "free takes what others change meanwhile for damage",
     [("free.c", "free_find_surely", r"is_contradicted\(data, target\)", r"target->bits != 0 || \g<0>")],
     ["interleave free-again"]),
    ("look-twice", "the same, at the second look",
     [("free.c", "free_find_surely", r"for \(;;\)", "for (int looks = 0;;)"),
      ("free.c", "free_find_surely", r"is_contradicted\(data, target\)", r"looks++ > 0 || \g<0>")],
     ["interleave free-again"]),
    ("look-apart", "the look at a contradiction is not at one moment",
     [("free.c", "is_contradicted", r" && __atomic_load_n\(&sb->word, __ATOMIC_ACQUIRE\) == word", "")],
     ["interleave free-again"]),
    ("id-unseen", "free does not look whose entry a header leads to",
     [("free.h", "free_find_slot", r"return free_id_fits\(.*;", "return id == id ? FIND_OBJECT : FIND_CONTRADICTED;")],
     ["unit bad_call"]),
    ("id-count", "free takes any index for that of a slot",
     [("free.h", "free_id_fits", r" && hdr_idx\(target->bits\) <= last", "")],
     ["unit hosts"]),
    ("id-line", "free takes any cache line for the start of a superblock",
     [("geometry.h", "sb_id_last", r" \| \(uint32_t\)\(off % GROOVE_BLOCK_FOOTPRINT\)", "")],
     ["unit hosts"]),
    ("id-half", "the block of an id lies in the lower half of a volume",
     [("geometry.h", "sb_id_block", r"\+ half \+", "+ half * 0 +")],
     ["unit hosts"]),
    ("count-unseen", "verify believes the count of slots in an id",
     [("verify.c", "verify_enter", r"sb_cnt\(data, sb, szc, block\) != cnt", "cnt == 0")],
     ["unit verify"]),
    ("host-parent", "a superblock goes back to its parent, wherever it lies",
     [("superblock_return.c", "superblock_return", r"const uint64_t host = hdr_szc\(bits\);",
       "const uint64_t host = szc_parent(data, szc);")],
     ["unit hosts"]),
    ("host-none", "superblocks are in no other slots than their parent's",
     [("superblock_claim.c", "superblock_claim", r"if \(err == GROOVE_ERR_FULL\)(\n\t\terr = claim_in_host)", r"if (err == 1)\1")],
     ["unit hosts"]),
    ("host-empty", "an empty superblock is split as it is",
     [("superblock_claim.c", "memory_find", r"!claimed_is_alone\(.*\)\)", "claimed.mask != 0)")],
     ["unit hosts"]),
    ("host-any", "a superblock goes back to whatever its header names",
     [("superblock.c", "is_superblock_hdr", r"!szc_may_lie_in\(data, szc, host\) \|\|", ""),
      ("superblock.c", "is_superblock_hdr", r"sb_cnt\(data, sb_entry\(data, szc, block\), szc, block\) != szc_slot_cnt\(data, szc, host\)", "false"),
      ("superblock.c", "is_superblock_hdr", r"return idx < sb_cnt\(.*\);", "return true;")],
     ["unit hosts"]),
    ("id-stays", "a superblock that is returned leaves its id",
     [("superblock_return.c", "superblock_return", r"\t__atomic_store_n\(entry_id\(data, sb\), 0, .*\);\n", "")],
     ["unit bad_call"]),
    ("spill-bit-first", "slots are put back before their headers say free",
     [("cache_move.c", "cache_put_back", r"\n\tsuperblock_put\(.*\);\n", "\n"),
      ("cache_move.c", "cache_put_back", r"(\tfor \(uint64_t rest = mask;)",
       r"\tsuperblock_put(data, szc, block, mask);\n\1")],
     ["interleave spill-claim"]),
    ("age-always", "a class that is in use is taken for idle",
     [("cache.c", "cache_age", r"calls != cache->class\[szc\]\.seen", "calls == 0")],
     ["unit cache"]),
    ("age-never", "an idle class keeps its slots",
     [("cache.c", "cache_age", r"calls != cache->class\[szc\]\.seen", "calls != UINT64_MAX")],
     ["unit cache"]),
    ("news-first", "what comes into a list is counted before it is there",
     [("superblock_list.c", "sb_list_insert", r"\tnews_came\(data, szc\);\n", ""),
      ("superblock_list.c", "sb_list_insert", r"(\tuint64_t head = )", r"\tnews_came(data, szc);\n\1")],
     ["interleave full-freed"]),
    ("news-list", "what comes into a list is not counted",
     [("superblock_list.c", "sb_list_insert", r"\tnews_came\(data, szc\);\n", "")],
     ["unit full"]),
    ("news-emptied", "a superblock that becomes empty where it is is not told",
     [("superblock_return.c", "put_announce", r"\t\tnews_emptied\(data, szc, block\);", "\t\t(void)block;")],
     ["interleave full-emptied"]),
    ("news-volume", "a volume that is added is not counted",
     [("volume_add_remove.c", "groove_data_volume_add", r"\t\tnews_came\(data, NEWS_VOLUME\);\n", "")],
     ["unit full"]),
    ("news-recover", "recovery does not count for the dead",
     [("recover.c", "recover", r"\t\tnews_any\(data\);", "\t\tnews_back(data);")],
     ["unit full"]),
    ("news-recover-volume", "recovery counts for the dead as if volumes had come, and nothing else",
     [("news.h", "news_any", r"uint64_t i = 0;", "uint64_t i = NEWS_CNT - 1;")],
     ["unit full"]),
    ("news-recover-adopted", "recovery does not count for one whose record was adopted",
     [("recover.c", "recover_own", r"news_any\(data\)", "news_back(data)"),
      ("recover.c", "has_work", r"& SEARCH_DUE\) != 0", "& SEARCH_DUE) > SEARCH_DUE")],
     ["unit full"]),
    ("news-recover-nobody", "recovery counts though nobody was dead",
     [("recover.c", "recover", r"any = has_work\(data\);", "any = has_work(data) || true;")],
     ["unit full"]),
    ("room-frees", "before FULL what the join has freed is not looked at",
     [("room.c", "look_at_shelf", r"i <= fresh", "i <= 0 * fresh")],
     ["unit full"]),
    ("room-nested", "of what could be given back superblocks are left out",
     [("room.c", "is_idle", r"hdr_type\(bits\) != GROOVE_DATA_HDR_TYPE_SUPERBLOCK", "bits != 0")],
     ["unit full"]),
    ("room-above", "what goes with a superblock is left out",
     [("room.c", "note_room", r"if \(host == GROOVE_DATA_SZC_VOLUME\)", "if (host != 0)")],
     ["unit full"]),
    ("room-rest", "a put after which nothing of a superblock is live but cached by others is not told",
     [("superblock_return.c", "put_announce", r"!cache_of\(data\)->spills &&", "cache_of(data)->spills &&")],
     ["unit full"]),
    ("room-refills", "before FULL what was claimed for a shelf is not looked at",
     [("alloc.c", "cache_refill", r"\t\troom_note_refill\(data, szc\);\n", "")],
     ["unit full"]),
    ("emptied-up-to", "what was left empty after one that is not written down is not looked at",
     [("room.c", "look_at_emptied", r"uint64_t n = now; n-- != seen;", "uint64_t n = seen; n != now && first == now; n++")],
     ["unit full"]),
    ("emptied-waits", "what is not written down is waited for as long as it takes",
     [("room.c", "look_at_emptied", r"return !waited \|\|", "return true || !waited ||")],
     ["unit full"]),
    ("said-own", "what the join itself did since it found nothing is left out",
     [("room.c", "room_is_none_still", r" && now\.own == said->own", "")],
     ["unit full"]),
    ("said-emptied", "what became empty since a join found nothing is left out",
     [("news.h", "news_sum_all", r"\t\tsum \+= __atomic_load_n\(&news->emptied, __ATOMIC_ACQUIRE\);\n", ""),
      ("room.c", "said_then", r"said\.news \+= room->emptied\[i\]", "said.news += 0 * room->emptied[i]")],
     ["unit full"]),
    ("room-always", "all that is cached is given back each time",
     [("room.c", "room_make", r"(\treturn shelves_give)", r"\tgive_back_all(data);\n\1")],
     ["unit full"]),
    ("no-epoch", "an allocation does not enter the epoch",
     [("epoch.h", "epoch_enter", r"(__atomic_exchange_n\(&data->record->epoch), epoch,", r"\1, 0 * epoch,")],
     ["interleave shrink-pop"]),
    ("short-grace", "a grace period of one epoch",
     [("epoch.h", "", r"#define EPOCH_GRACE 2", "#define EPOCH_GRACE 1")],
     ["interleave shrink-pop", "spin grace"]),
    ("look-first", "recovery takes what it does not find without asking first what living joins name",
     [("recover_held.c", "thing_recover",
       r"\tif \(is_held\(.*\)\)\n\t\treturn FINDING_LEFT;\n(?=\tfinding =)", "")],
     ["interleave --recovery claim-look", "interleave --recovery move-look"]),
    ("look-last", "recovery takes what it did not find without asking again once it has looked",
     [("recover_held.c", "thing_recover",
       r"\tif \(is_held\(.*\)\)\n\t\treturn FINDING_LEFT;\n(?=\treturn thing)", "")],
     ["interleave --recovery look-free", "interleave --recovery look-pop"]),
    ("owner-mark", "a join that is about to adopt a record has its owner word without a mark",
     [("adopt.c", "adopt_owned", r"owner_mark\(owner->word, was->state\)", "owner->word")],
     ["interleave --owners --deaths adopt-adopt"]),
    ("owner-late", "the owner word of a vacant record is replaced without another look at its state",
     [("record.c", "owner_take", r" && is_vacant\(record, &vacant\)", " && (vacant = 0) == 0")],
     ["interleave --owners --deaths join-pass-join"]),
    ("recoverer-leaves", "a join leaves the dead ones that it recovers to the next join of its record",
     [("join.c", "groove_data_leave", r"record_resign\(.*\);", ";")],
     ["plain recover_full"]),
    ("owner-kept", "the mark of one that has adopted a record stays",
     [("join.c", "record_get", r"record_adopted\(data->record\);", ";")],
     ["interleave --owners adopt-adopt"]),
    ("no-touch", "a superblock that is moved to another list keeps its word",
     [("superblock_return.c", "list_move", r"if \(!sb_word_update\(.*sb_touch, &step, NULL\)\)", "if (step.cnt != 0)")],
     ["interleave --recovery look-move"]),
    ("drain-keeps", "a drain leaves what the join has cached",
     [("volume_drain.c", "drain_own", r"\tcache_evict\(data, volume\);\n", "\t(void)volume;\n")],
     ["unit drain"]),
    ("drain-apart", "what was set apart stays so when another volume is drained",
     [("volume_drain.c", "drain_name", r"before != drain\b", "before == drain")],
     ["unit drain"]),
    ("drain-forgets", "volumes that were retired for a drain stay so when it ends",
     [("volume_drain.c", "drain_undo", r"\tvolume_unretire\(data\);\n", "")],
     ["unit drain"]),
    ("tidy-other", "tidy returns what is cached of another volume",
     [("volume_drain.c", "groove_data_tidy", r"drain - 1", "drain")],
     ["unit drain"]),
    ("walk-once", "a walk does not look at the word again",
     [("walk.c", "look", r"__atomic_load_n\(&sb->word, __ATOMIC_ACQUIRE\) == word &&", "")],
     ["interleave walk-recycle", "unit walk"]),
    ("walk-redirect", "a walk looks at redirects, which may be bytes of the next object",
     [("walk.c", "problem_of", r"tree_word_problem\(data, ", "tree_slot_problem(data, hdr, ")],
     ["interleave walk-redirect"]),
    ("walk-tag", "a walk does not look at the tag again",
     [("walk.c", "look", r" &&\s+__atomic_load_n\(&hdr->info, __ATOMIC_ACQUIRE\) == sight.tag", "")],
     ["interleave walk-tag"]),
    ("walk-freeing", "a walk leaves out what a bulk free may give back",
     [("walk.c", "walk_superblock", r" \|\| hdr_is_freeing\(sight.bits\)", "")],
     ["interleave walk-bulk-undo"]),
    ("walk-unprotected", "a walk is in no epoch",
     [("walk.c", "walk_volume", r"\tepoch_enter_look\(walk->data\);\n", ""),
      ("walk.c", "walk_volume", r"\tepoch_leave_look\(walk->data\);\n", "")],
     ["interleave walk-shrink"]),
    ("walk-no-root", "a walk takes a volume without a root for damaged",
     [("walk.c", "walk_root", r"bits == 0 \|\| ", "")],
     ["interleave walk-alloc"]),
    ("walk-filter", "a walk leaves out the last tag that was asked for",
     [("walk.c", "visit", r"tag > walk", "tag >= walk")],
     ["unit walk"]),
    ("rebuild-cached", "what was cached stays so in what is rebuilt",
     [("rebuild.c", "rebuild_slot", r"type == GROOVE_DATA_HDR_TYPE_CACHED \|\| ", "")],
     ["unit rebuild"]),
    ("rebuild-hidden", "objects inside others are not reported",
     [("rebuild.c", "rebuild_slot", r"\tread_to\(.*OVERLAPPED\);\n", "")],
     ["unit rebuild"]),
    ("rebuild-again", "what is reported as lost stays in memory that is free",
     [("rebuild.c", "read_to", r"if \(why == GROOVE_DATA_LOST_UNREACHABLE\)", "if (bits == 0)")],
     ["unit rebuild"]),
    ("rebuild-full", "a full superblock is listed",
     [("rebuild.c", "rebuild_leave", r"free != 0 \? SB_LISTED : SB_FULL", "SB_LISTED")],
     ["unit rebuild"]),
    ("claim-stray", "a claim believes the word, whatever the headers say",
     [("superblock_claim.c", "superblock_claim_own", r"err == GROOVE_SUCCESS \? .* : err", "err")],
     ["stray 997"]),
    ("claim-beyond", "a claim takes bits beyond the slots",
     [("sb_word.h", "sb_claim", r"sb_word_slots\(\*word, step->cnt\)", "sb_word_free(*word)")],
     ["unit sb_word"]),
    ("dissolve-stray", "a superblock is returned that is empty by its word alone",
     [("superblock_return.c", "superblock_dissolve", r"if \(!superblock_is_unused\(data, szc, block\)\)", "if (word == 0)")],
     ["unit upkeep"]),
    ("pool-stray", "a volume is taken out of the pool whatever its state",
     [("pool.c", "pool_pop", r"if \(volume_state_kind\(.*\) != VOLUME_EMPTY\)", "if (first == UINT32_MAX)")],
     ["unit upkeep"]),
    ("state-stray", "a state has no parity",
     [("shared.h", "state_is_even", r"return .*;", "return state == state;")],
     ["stray 997", "unit upkeep"]),
    ("trim-gathers", "trim puts what it looks at into the list of its own group",
     [("superblock_return.c", "list_fit", r"return to == drained \? .*;", "return list_own(data, szc);")],
     ["unit upkeep"]),
    ("drain-stays", "a volume that comes back is drained still",
     [("volume_add_remove.c", "groove_data_volume_add", r"\t\tdrain_end_of\(.*\);", "\t\t;")],
     ["unit upkeep"]),
    ("cap-up", "the slots that fit a limit are rounded up",
     [("cache_cap.c", "cache_cap_limit", r"= szc_bytes / (groove_data_szc_cfg\[szc\]\.obj_footprint);", r"= (szc_bytes + \1 - 1) / \1;")],
     ["unit upkeep"]),
    ("sum-free", "the caches of all classes together have no limit",
     [("cache_cap.c", "cap_is_allowed", r"kept > cache->most", "kept > UINT64_MAX - cache->most")],
     ["unit upkeep"]),
    ("sum-stays", "the bytes of a class that is idle stay in the sum",
     [("cache_cap.c", "cap_set", r" - class->cap \* footprint", "")],
     ["unit cache"]),
    ("cap-rigid", "bursts do not let the cache of a class grow",
     [("cache_cap.c", "cache_cap_grow", r"<= \(uint64_t\)BURST_CAPS \* cap", "== UINT64_MAX")],
     ["unit cache"]),
    ("cap-greedy", "what is only filled lets the cache of a class grow",
     [("cache_cap.c", "cache_cap_grow", r"class->out != out && ", "")],
     ["unit cache"]),
    ("share-free", "a join caches whatever the others do",
     [("cache_share.c", "cache_share_take", r"if \(share_fits\(data, keep\)\)", "if (share_fits(data, keep) || keep != 0)")],
     ["unit share"]),
    ("share-all", "a join caches all that the others leave",
     [("cache_share.c", "share_fits", r"return 2 \* keep <= left;", "return keep <= left;"),
      ("cache_share.c", "share_fits", r"&& 2 \* keep <= left;", "&& keep <= left;")],
     ["unit share"]),
    ("share-over", "a join that works keeps what is above its share",
     [("cache.c", "cache_age", r"if \(cache->over\)", "if (cache->moved != 0)")],
     ["unit share"]),
    ("share-dead", "the share of a dead join stays its own when it was recovered",
     [("recover_dead.c", "recover_record_give", r"\t__atomic_store_n\(&record->keep, 0,.*\n", "")],
     ["unit share"]),
    ("age-short", "the last class that is cached keeps what it has",
     [("cache.c", "cache_age", r"% CACHE_SZC_CNT", "% (CACHE_SZC_CNT - 1)")],
     ["unit upkeep"]),
    ("tags-anew", "tags begin anew where a bulk goes on in a larger class",
     [("alloc.c", "alloc_all", r"tags_from\(tags, done\)", "tags")],
     ["unit upkeep"]),
    ("info-stays", "a volume's info has a size that cannot be after a rebuild",
     [("rebuild.c", "volume_head", r" \|\| volume->info_sz > GROOVE_VOLUME_INFO_MAX", "")],
     ["unit upkeep"]),
    ("dump-lists", "dump leaves out what is being drained",
     [("dump.c", "dump_szc", r"group < LIST_CNT", "group < LIST_DRAIN")],
     ["unit upkeep"]),
    ("dump-groups", "dump leaves out the lists of groups but the first",
     [("dump.c", "dump_szc", r"uint64_t group = 0; group < LIST_CNT; group\+\+", "uint64_t group = 0; group < LIST_CNT; group += LIST_GROUP_CNT")],
     ["unit upkeep"]),
    ("delete-dead", "a groove is deleted with dead joins in it",
     [("new_delete.c", "groove_data_delete", r"== RECORD_VACANT\)", "!= RECORD_LIVE)")],
     ["unit upkeep"]),
    ("spare-given-back", "a rebuild gives memory to spare back",
     [("lib/region/rebuild.c", "rebuild_state", r"\(in_groove \|\| region_state_kind\(\*word\) == REGION_PRESENT\)", "in_groove")],
     ["plain region_torn"]),
    ("disk-later", "what is written to disk is not waited for",
     [("drivers/volume/file/file.c", "file_sync", r"MS_SYNC", "MS_ASYNC")],
     ["calls region_calls"]),
    ("clean-first", "a region is said to be clean before it is on disk",
     [("lib/region/region_use.c", "mark_clean", r" \|\|\s+region_sync_part\(region, region->range\.sz\) != GROOVE_SUCCESS", "")],
     ["calls region_calls"]),
    ("signals-open", "signals are not blocked while memory is made",
     [("drivers/volume/sparse/sparse_populate.c", "allocate", r"sigfillset", "sigemptyset")],
     ["calls region_calls"]),
    ("populate-for-ever", "a call that never succeeds is tried for ever",
     [("drivers/volume/sparse/sparse_populate.c", "map_pages", r"i < TRY_MAX", "true")],
     ["calls region_calls"]),
    ("group-alone", "limits of the groups around a process's own are not asked",
     [("lib/region/cgroup.c", "least", r"if \(last == NULL \|\|", "if (true || last == NULL ||")],
     ["plain volume_limits"]),
    ("cache-counts", "what the kernel takes back counts as used",
     [("lib/region/cgroup.c", "below", r"less\(used, back\)", "used")],
     ["plain volume_limits"]),
    ("asked-again", "memory that is there is asked for again",
     [("drivers/volume/sparse/sparse_populate.c", "has_memory", r"missing_in\(range->fd, off, sz\)", "sz")],
     ["plain volume_limits"]),
    ("spare-punched", "a growth that fails takes memory away that was there before",
     [("lib/region/resize.c", "fill_claim", r" \|\| got->was == REGION_PRESENT", "")],
     ["plain volume_limits"]),
    ("holes-open", "the kernel fills holes",
     [("lib/region/dump.c", "region_guard_holes", r"has_holes\(region\)", "false")],
     ["plain region_holes"]),
    ("mapped-readable", "a range can be read as soon as it is mapped",
     [("drivers/volume/sparse/sparse_memory.c", "sparse_map", r"range->sz, PROT_NONE, MAP_SHARED", "range->sz, PROT_READ, MAP_SHARED")],
     ["plain region_holes"]),
    ("heap-zero", "objects that should be zeros have what was there",
     [("lib/heap/groove_heap_object.h", "groove_heap_alloc_cached", r"obj != NULL && \(flags & GROOVE_HEAP_ZERO\) != 0 \? memset\(obj, 0, sz\) : obj", "obj")],
     ["plain heap"]),
    ("heap-no-grow", "a heap grows where it should fail at once",
     [("lib/heap/heap_alloc.c", "take_on", r"GROOVE_HEAP_NO_GROW\) == 0", "GROOVE_HEAP_NO_GROW) <= 2")],
     ["plain heap"]),
    ("heap-no-room", "a heap does not recover the dead when memory is short",
     [("lib/heap/heap_room.c", "recover", r"groove_region_recover\(node->region, join\)", "(void)join")],
     ["plain heap_joins"]),
    ("heap-thread-stays", "a thread that ends keeps its joins",
     [("lib/heap/heap_thread.c", "thread_end", r"seat_leave\(thread, seat\)", "(void)seat")],
     ["plain heap_joins"]),
    ("heap-unshared", "a thread without a record has no join",
     [("lib/heap/heap_thread.c", "heap_enter", r"access->join = node->common", "access->join = NULL")],
     ["plain heap_joins"]),
    ("heap-child", "a child of fork keeps its parent's joins",
     [("lib/heap/heap.c", "heap_is_live", r" && __atomic_load_n\(heap->guard, __ATOMIC_RELAXED\) == heap->key", "")],
     ["plain heap_joins"]),
    ("heap-node", "an object that moves goes to another node",
     [("lib/heap/heap_object.c", "groove_heap_realloc", r"request\.node = heap_of\(heap\)->node\[heap_idx_of\(heap, obj\)\]\.node;", "")],
     ["plain heap_nodes"]),
    ("heap-parts", "a heap that was not made leaves its other regions",
     [("lib/heap/heap_regions.c", "nodes_undo", r"if \(id\.name != NULL\)", "if (id.name == NULL)")],
     ["plain heap_nodes"]),
    ("heap-retag", "an object's tag changes whatever it was",
     [("lib/heap/heap_object.c", "groove_heap_retag", r"tag, &old_tag, new_tag", "tag, (old_tag = *tag, &old_tag), new_tag")],
     ["plain heap"]),
    ("inset-redirect", "what lies before an inset does not lead to its slot",
     [("lib/groove/calls/inset.c", "inset_make", r"GROOVE_BLOCK_FOOTPRINT, blocks\)", "GROOVE_BLOCK_FOOTPRINT, 0)")],
     ["plain heap_align"]),
    ("heap-class", "an object may be of a class that there is not",
     [("lib/heap/heap_object.c", "is_object", r"hdr_szc\(bits\) < GROOVE_DATA_SZC_SLICE &&", "")],
     ["plain heap_align"]),
    ("inset-walk", "a walk shows what an inset lies in",
     [("lib/groove/care/walk.c", "visit", r"hdr_obj_off\(bits\)", "groove_data_obj_off(hdr_counted_align(bits))")],
     ["plain heap_align"]),
    ("heap-vain", "a heap grows for a bulk that cannot fit",
     [("lib/heap/heap_alloc.c", "may_fit", r"if \(!job->all\)", "if (true)")],
     ["plain heap"]),
    ("heap-counts", "a heap does not count where it found no room",
     [("lib/heap/heap_alloc.c", "take_on", r"__atomic_add_fetch\(&heap->node\[idx\]\.full_cnt, 1, __ATOMIC_RELAXED\)", "(void)heap")],
     ["plain heap_stats"]),
    ("class-node", "a class of a node allocates on the thread's own",
     [("lib/heap/heap_class.c", "usual_set", r"1 \+ heap_node_find\(.*\);", "0;")],
     ["plain heap_nodes"]),
    ("class-free", "a class frees as if the heap had one node",
     [("lib/heap/heap_class.c", "groove_heap_class", r"heap->node_cnt == 1 \? heap->seat \+ 1 : GROOVE_HEAP_SEAT_NONE", "heap->seat + 1")],
     ["plain heap_nodes"]),
    ("care-ahead", "care does not keep the reserve",
     [("lib/heap/heap_care.c", "grow_ahead", r"< reserve", "< reserve / 2")],
     ["plain heap_care"]),
    ("care-idle", "memory is idle at once, also where it never should be",
     [("lib/heap/heap_care.c", "is_idle", r" && now - node->idle_since_ms >= idle_ms", "")],
     ["plain heap_care"]),
    ("care-dead", "care does not recover the dead",
     [("lib/heap/heap_care.c", "care_node", r"recovered = groove_region_recover\(node->region, access\.join\)", "recovered = GROOVE_SUCCESS")],
     ["plain heap_care"]),
    ("mapped-over", "a region is mapped over what lies at its address",
     [("drivers/volume/sparse/sparse_memory.c", "reserve_at", r"MAP_FIXED_NOREPLACE", "MAP_FIXED")],
     ["plain region_at"]),
    ("limit-unkept", "growth adds volumes beyond the limit",
     [("lib/region/resize.c", "claim_to_add", r"i < limit", "i < region->fixed.volume_max || limit == 0"),
      ("lib/region/resize.c", "limit_is_reached", r"return ", "return false && ")],
     ["plain region_at"]),
    ("limit-uncounted", "growth does not count the volumes beyond a limit that was lowered",
     [("lib/region/resize.c", "limit_is_reached", r"return ", "return false && ")],
     ["plain region_at"]),
    ("strays-stay", "memory that came into holes stays",
     [("lib/region/resize.c", "strays_return", r"any = region->driver->punch != NULL &&", "any = false &&")],
     ["plain region_holes"]),
    ("child-open", "holes of a child of fork are not guarded",
     [("lib/region/guard.c", "fork_child", r"if \(watched\)", "if (watched && guard == NULL)")],
     ["plain region_holes"]),
    ("add-reach", "an add does not look again how far the joins reach",
     [("volume_add_remove.c", "groove_data_volume_add", r"(that they are being added. \*/\s+if \()err == GROOVE_SUCCESS", r"\1err != GROOVE_SUCCESS")],
     ["interleave add-join"]),
    ("join-reach", "a join does not look again which volumes there are",
     [("join.c", "record_get", r"pool_volume_top\(data->pool.shpool\) <= volume_max", "volume_max != 0")],
     ["interleave add-join"]),
    ("owner-stray", "the owner of a record is not checked",
     [("lib/region/region_join.c", "owner_is_dead", r"word == owner_word\(owner\) && ", "")],
     ["plain region_stray"]),
    ("grow-stray", "a volume without memory by its state alone is grown",
     [("lib/region/resize.c", "fill_claim", r" \|\| !is_out\(join, got->idx\)", ""),
      ("lib/region/resize.c", "can_be_added", r"(REGION_PRESENT\)\s+return )is_out", r"\1region_state_kind(state) == REGION_ABSENT || is_out")],
     ["plain region_stray"]),
    ("handle-uncut", "a handle's generation is not cut to its bits",
     [("lib/region/handle.c", "handle_of", r"\(gen & \(\(1UL << gen_bits\) - 1\)\)", "(uint64_t)gen")],
     ["plain region_handle"]),
    ("handle-short", "a handle has the low bits of the generation alone",
     [("lib/region/handle.c", "handle_of", r" \+ \(\(uint64_t\)gen >> gen_bits\)", "")],
     ["plain region_handle"]),
    ("count-once", "a count is read without another look at what was noted",
     [("counter.h", "counter_read", r"while \(again != before\)", "while (again < before)")],
     ["interleave count-note"]),
    ("count-unnoted", "the total of a count is not noted",
     [("counter.h", "counter_add", r"\t\tcounter_note\(record, szc, dir\);", "\t\t(void)dir;")],
     ["unit counter"]),
    ("count-due", "the short way of alloc does not look whether a total is to be noted",
     [("groove_data.h", "groove_data_alloc_cached", r" \|\| groove_count_is_due\(.*RELAXED\)\)", "")],
     ["unit counter"]),
    ("count-due-free", "the short way of free does not look whether a total is to be noted",
     [("free.c", "groove_data_free", r" \|\| groove_count_is_due\(.*RELAXED\)\)", "")],
     ["unit counter"]),
    ("settle-unnoted", "a recoverer does not note the total of a count",
     [("recover_count.c", "settle_calls", r"\tcounter_note\(.*FREE\);\n", "")],
     ["unit counter"]),
    ("settle-freeing", "of what a dead join was freeing in a bulk the size is that of its last call",
     [("recover_count.c", "settle_calls", r"cached->freeing_bytes \+ \(frees - cached->freeing_cnt\) \* sz", "frees * sz")],
     ["unit counter"]),
    ("settle-at-once", "frees of a bulk are counted at once, however many a dead join had won",
     [("recover_count.c", "settle_frees", r"RTE_MIN\(n, \(1UL << COUNTER_NOTE_CALLS\) - 1\)", "n")],
     ["unit counter"]),
    ("settle-endless", "a counter that cannot be is settled call by call",
     [("recover_count.c", "settle_frees", r" && n <= OBJ_MOST", "")],
     ["stray 997"]),
    ("alloc-unsaid", "the short way of alloc does not write down what it makes",
     [("groove_data.h", "groove_data_alloc_cached", r"\tgroove_data_doing\(data, bits\);\n", "")],
     ["interleave --deaths --records --preemptions 0 cached"]),
    ("alloc-unsaid-slow", "the slow way of alloc does not write down what it makes",
     [("alloc.c", "alloc_at_hand", r"\tgroove_data_doing\(data, form.bits\);\n", "")],
     ["interleave --deaths --records --preemptions 0 cached"]),
    ("free-unsaid", "free does not write down what it is about to win",
     [("free.c", "groove_data_free", r"\tgroove_data_doing\(data, target.bits\);\n", ""),
      ("free.c", "free_found", r"\tgroove_data_doing\(data, target->bits\);\n", "")],
     ["interleave --deaths --records --preemptions 0 cached"]),
    ("leave-order", "a join leaves its epoch relaxed",
     [("epoch.h", "epoch_leave", r"__ATOMIC_RELEASE", "__ATOMIC_RELAXED")],
     ["tsan concurrent"]),
]

# A step of the code that is left out of the model: the model's properties must notice.
MUTANTS += [
    ("model-lost", "model: the put that ends FULL does not list the superblock",
     [("superblock.pml", "", r"from_insert = TO_PUT;\s+goto list_insert", "goto put_drop")],
     ["spin one-class"]),
    ("model-aside", "model: what trim takes out of a list, and is to stay, it keeps",
     [("superblock.pml", "", r"to = ASIDE;\s+goto list_insert_to", "goto list_moved")],
     ["spin one-class"]),
    ("model-unnamed", "model: what is taken out of a list by trim is not named",
     [("superblock.pml", "", r"(sift_pop:.*?)HOLD_ENTRY\(at - 1\)(.*?)HOLD_DROP(.*?list_moved:\s+)HOLD_DROP",
       r"\1\2\3true;")],
     ["spin recovery"]),
    ("model-touch", "model: a superblock that goes to another list keeps its word",
     [("superblock.pml", "", r"move\(TOUCH, x, 0\);", "true;")],
     ["spin recovery"]),
    ("model-look-place", "model: recovery does not look at the names after the lists",
     [("superblock.pml", "", r"look = LOOK_AGAIN;\s+goto names_look", "goto place_adopt")],
     ["spin recovery"]),
    ("model-look-slots", "model: recovery does not look at the names after the headers",
     [("superblock.pml", "", r"look = LOOK_PUT;\s+goto names_look", "goto slots_put")],
     ["spin recovery"]),
    ("model-look-volume", "model: recovery does not look at the names before the pool",
     [("superblock.pml", "", r"look = LOOK_VOLUME;", "look = LOOK_VOLUME; goto volume_check;")],
     ["spin recovery"]),
    ("model-volumes-first", "model: recovery looks at names from the last, volumes or not",
     [("superblock.pml", "", r" \|\| hold\[MORTAL \* HOLDS \+ h - 1\] > ENTRIES\)", ")")],
     ["spin recovery"]),
]

MORE = programs.MUTANTS + regions.MUTANTS + pools.MUTANTS
MUTANTS += MORE
LONG = {one[0] for one in MORE} - {*programs.QUICK, *regions.QUICK, *pools.QUICK}


class Stale(Exception):
    """An edit that does not apply."""


def function_span(text, names, path):
    """Where the body of the first of some functions begins and ends."""
    if not names:
        return 0, len(text)
    for name in names.split("|"):
        match = re.search(rf"^{name}\(.*?^}}", text, re.MULTILINE | re.DOTALL)
        if match:
            return match.span()
    raise Stale(f"{path}: no function {names}")


def locate(source, name):
    """The file that an edit is of."""
    if "/" in name:
        return source / name
    if name.endswith(".pml"):
        return source / MODEL / name
    paths = list((source / LIB).rglob(name))
    if len(paths) != 1:
        raise Stale(f"{name}: {len(paths)} files below {LIB}")
    return paths[0]


def mutate(source, edits):
    """Apply edits; the files as they were before."""
    before = {}
    try:
        for name, function, pattern, replacement in edits:
            path = locate(source, name)
            text = path.read_text(encoding="utf-8")
            before.setdefault(path, text)
            start, stop = function_span(text, function, path)
            body, cnt = re.subn(pattern, replacement, text[start:stop], flags=re.DOTALL if ".*==" in pattern or ".*?" in pattern else 0)
            if cnt != 1:
                raise Stale(f"{path.name}: {function or 'anywhere'}: /{pattern}/ is there {cnt} times")
            path.write_text(text[:start] + body + text[stop:], encoding="utf-8")
    except Stale:
        restore(before)
        raise
    return before


def restore(before):
    """Undo edits."""
    for path, text in before.items():
        path.write_text(text, encoding="utf-8")


def call(command, env=None):
    """Run a command: exit status and output."""
    result = subprocess.run([str(WATCH), *command], capture_output=True, text=True, errors="replace", check=False,
                            env={**os.environ, **(env or {})})
    return result.returncode, result.stdout + result.stderr


class Bench:
    """The copy of the sources, and how to build and ask it."""

    def __init__(self, work):
        self.work = work
        self.source = work / "source"
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        names = {name for name in listed.split("\0") if name}
        for name in names:
            self.copy(ROOT / name, self.source / name)
        for path in self.source.rglob("*"):  # what an earlier run had, and has moved
            if not path.is_dir() and str(path.relative_to(self.source)) not in names:
                path.unlink()

    @staticmethod
    def copy(path, target):
        """Copy a file that has changed. The copy is new then, so that nothing is left of what was built before."""
        if not path.exists() or (target.exists() and target.read_bytes() == path.read_bytes()):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)

    def build(self, kind):
        """Build what detectors of a kind run. Returns what is wrong, or nothing."""
        name, options, target = BUILDS[kind]
        folder = self.work / name
        if not (folder / "build.ninja").exists():
            status, said = call(["meson", "setup", "-Dwerror=false", str(folder), str(self.source), *options])
            if status != 0:
                return said
        status, said = call(["ninja", "-j2", "-C", str(folder), *target.split()])
        return said if status != 0 else ""

    def command(self, detector):
        """The command of a detector, and its environment."""
        kind, *names = detector.split()
        program = str(self.work / BUILDS[kind][0] / BUILDS[kind][2].split()[0]) if kind in BUILDS else ""
        with_pages = [str(self.source / "config/with-hugepages.sh"), "1G", "--"]
        if kind == "interleave":
            return [program, *names], {}
        if kind == "stray":
            return [program, "--step", *names], {}
        if kind == "spin":
            return [str(self.source / "test/model/run_spin.py"), "--only", *names], {}
        if kind == "tsan":
            return (["setarch", "-R", program, f"{names[0]}_autotest"],
                    {"TSAN_OPTIONS": "halt_on_error=1", "GROOVE_TEST_TURN_COST": "40"})
        if kind == "ctl":
            return [str(self.source / "test/ctl_cli.py"), program, " ".join(names)], {}
        if kind == "memzone":
            return ([*with_pages, str(self.source / "test/ctl_cli.py"), program, "on hugepages memzone"],
                    {"GROOVE_HUGEPAGES": "huge"})
        if kind == "shared":
            return ([*with_pages, str(self.source / "test/share/share_cli.py"), program, "alone"],
                    {"GROOVE_HUGEPAGES": "huge"})
        if kind == "killed":
            return ([*with_pages, str(self.source / "test/mempool/mempool_kill.py"), program, "30", "2"],
                    {"GROOVE_HUGEPAGES": "huge"})
        if kind == "pools":
            return [program], {}
        if kind == "steps":
            return [program, "--no-huge", "-m", "128", "--no-shconf", "--no-pci", "--no-telemetry", "-l", "0"], {}
        if kind == "eal":
            return [str(self.source / "test/run-eal-test.sh"), program, f"{names[0]}_autotest"], {"GROOVE_HUGEPAGES": "none"}
        return [program, f"{names[0]}_autotest"], {}

    def ask(self, detector):
        """Whether a detector passes, and what it said."""
        kind = detector.split()[0]
        wrong = self.build(kind) if kind in BUILDS else ""
        if wrong:
            sys.exit(f"{detector}: does not build:\n{wrong[-3000:]}")
        command, env = self.command(detector)
        status, said = call(command, env)
        schedule = SCHEDULE.search(said) if kind == "interleave" else None
        if schedule and call([command[0], "--replay", schedule[1], *command[1:]])[0] == 0:
            sys.exit(f"{detector}: schedule '{schedule[1]}' fails, its replay does not")
        return status == 0, said


def catch(bench, mutant, options):
    """Make a mutant and ask its detectors: those that caught it."""
    _, _, edits, detectors = mutant
    before = mutate(bench.source, edits)
    caught = []
    try:
        for detector in detectors:
            if not bench.ask(detector)[0]:
                caught.append(detector)
                if not options.all:
                    break
    finally:
        restore(before)
    return caught


def passes_unbroken(bench, mutants, options):
    """Whether the detectors pass when nothing is wrong."""
    detectors = sorted({one for mutant in mutants for one in (mutant[3] if options.all else mutant[3][:1])})
    fine = True
    for detector in detectors:
        passed, said = bench.ask(detector)
        if not passed:
            fine = False
            print(f"{detector} fails on unbroken sources:\n{said[-2000:]}", flush=True)
    return fine


def share_of(text):
    """K/N as numbers."""
    number, share_cnt = (int(word) for word in text.split("/"))
    if not 1 <= number <= share_cnt:
        raise argparse.ArgumentTypeError(f"{text}: give 1/N to N/N")
    return number, share_cnt


def is_stale(bench, mutant):
    """Whether a mutant cannot be made any more."""
    try:
        restore(mutate(bench.source, mutant[2]))
    except Stale as stale:
        print(f"{mutant[0]:17} {mutant[1]:66} -> NOT MADE: {stale}", flush=True)
        return True
    return False


def main():
    """Break, ask, sum up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=pathlib.Path, help="folder for sources and builds")
    parser.add_argument("--quick", action="store_true", help="only what needs no build with a sanitizer and no Spin, and of the programs' and regions' one of each kind")
    parser.add_argument("--all", action="store_true", help="ask every detector of a mutant, not until one caught it")
    parser.add_argument("--share", type=share_of, default=(1, 1), metavar="K/N", help="the K-th of N shares of them; of the others, see that they can be made")
    parser.add_argument("--only", nargs="+", help="mutants to make")
    options = parser.parse_args()
    mutants = [one for one in MUTANTS if options.only is None or one[0] in options.only]
    if options.quick:
        mutants = [one for one in mutants if one[3][0].split()[0] not in ("spin", "tsan") and one[0] not in LONG]
    if not mutants:
        sys.exit("no such mutant: there are " + " ".join(one[0] for one in MUTANTS))

    number, share_cnt = options.share
    others = [one for i, one in enumerate(mutants) if i % share_cnt != number - 1]
    mutants = mutants[number - 1::share_cnt]
    bench = Bench(options.work.resolve())
    stale_cnt = sum(is_stale(bench, one) for one in others)
    if not passes_unbroken(bench, mutants, options):
        return 1
    caught_cnt = 0
    for mutant in mutants:
        try:
            caught = catch(bench, mutant, options)
            verdict = ", ".join(caught) if caught else f"NOBODY ({', '.join(mutant[3])})"
            caught_cnt += bool(caught)
        except Stale as stale:
            verdict = f"NOT MADE: {stale}"
        print(f"{mutant[0]:17} {mutant[1]:66} -> {verdict}", flush=True)
    failed_cnt = len(mutants) - caught_cnt + stale_cnt
    print(f"{caught_cnt} passed, {failed_cnt} failed, 0 skipped")
    return 0 if failed_cnt == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
