#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Make the man page and the bash completion of a program from its own usage and its option tables.

usage: gen_tool_docs.py PROGRAM VERSION MAN COMPLETION
"""

import pathlib
import re
import subprocess
import sys

INTERNAL = {"--serve"}  # what a program gives its own children
DRIVERS = "memfd hugetlbfs file memzone"
ITEM = re.compile(r"^  (?P<left>\S+(?: \S+)*)(?:  +(?P<right>\S.*))?$")
LISTED = re.compile(r"^    (?P<word>\S+)")  # what the value of an option may be, a line each, or with commas
OPTION = re.compile(r"--(?P<name>[a-z][a-z-]*)(?: (?P<value>[A-Z][A-Za-z.]*))?")
WORD = r"[a-z-]+(?: \([^)]*\))?"  # with what is said of it
CHOICE = re.compile(rf"(?<![\w-])((?:{WORD}, )+{WORD} or [a-z-]+)(?: \([^)]*\))?(?:[;,.]|$)")


class Usage:
    """What a program prints of itself."""

    def __init__(self, program):
        self.program = program
        self.name = pathlib.Path(program).name
        lines = self.output("--", "--help").splitlines()
        self.synopsis = re.sub(r"^(usage: )?\S+", "", lines[0]).strip()
        # the paragraph, the sections up to an empty line, the rest
        parts = re.split(r"\n\n", "\n".join(lines[1:]).strip("\n"), maxsplit=2)
        self.purpose = " ".join(parts[0].split())
        self.sections = self.read_sections(parts[1].splitlines())
        self.rest = parts[2] if len(parts) > 2 else ""

    def output(self, *words):
        """What the program prints, asked by some words."""
        return subprocess.run([self.program, *words], capture_output=True, text=True, check=True).stdout

    @staticmethod
    def read_sections(lines):
        """[(title, [[left, text, listed lines]])]; a line further to the right goes on with the item before it."""
        sections = []
        for line in lines:
            item = ITEM.match(line)
            if not line.startswith(" "):
                sections.append((line, []))
            elif item:
                sections[-1][1].append([item["left"], item["right"] or "", []])
            elif LISTED.match(line):
                sections[-1][1][-1][2].append(line.strip())
            else:
                sections[-1][1][-1][1] += " " + line.strip()
        return sections

    def options(self, title=None):
        """{name: (value, text, listed lines)} of a section, or of all of them."""
        return {option["name"]: (option["value"], text, listed) for section, items in self.sections
                for left, text, listed in items for option in OPTION.finditer(left) if title in (None, section)}

    def short(self, name):
        """The short form of an option, as a pattern of bash before the long one."""
        match = re.search(rf"-(\w), --{name}\b", " ".join(left for _, items in self.sections for left, _, _ in items))
        return f"-{match[1]} | " if match else ""

    def check(self):
        """Fail when the usage and the tables by which options are read have not the same."""
        table = set(self.output("--list-options").split()) - INTERNAL
        shown = {f"--{name}" for name in self.options()}
        if table != shown:
            sys.exit(f"{self.name}: usage and option tables differ: {' '.join(sorted(table ^ shown))}")


# ---- man page ----


def roff(text):
    """Text as roff takes it."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def man_rest(rest):
    """What stands after the sections: paragraphs, and command lines as they are."""
    out = []
    for line in rest.splitlines():
        if line.startswith("  ") and ".SH EXIT STATUS" in out and ".SH EXAMPLES" not in out:
            out += [".SH EXAMPLES", ".EX", roff(line.strip()), ".EE"]
        elif line.startswith("  "):
            out += [".PP", ".EX", roff(line.strip()), ".EE"]
        elif line.startswith("Exit status:"):
            out += [".SH EXIT STATUS", roff(line.removeprefix("Exit status: "))]
        elif line:
            if out and out[-1] == ".EE":
                out.append(".PP")
            out.append(roff(line))
    return re.sub(r"\.EE\n\.PP\n\.EX\n", "", "\n".join(out)).splitlines()


def man_page(usage, version):
    """The page, in man(7)."""
    out = [f'.TH {usage.name.upper()} 1 "" "groove {version}" "groove"', ".SH NAME",
           f"{roff(usage.name)} \\- {roff(usage.purpose.split(': ')[0].split('. ')[0].rstrip('.'))}",
           ".SH SYNOPSIS", f".B {roff(usage.name)}", roff(usage.synopsis), ".SH DESCRIPTION", roff(usage.purpose)]
    for title, items in usage.sections:
        out.append(f".SH {roff(title.upper())}")
        for left, text, listed in items:
            out += [".TP", f".B {roff(left)}", roff(text) if text else "\\&"]
            if listed:
                out += [".RS", ".EX", *(roff(line) for line in listed), ".EE", ".RE"]
    out += [".SH NOTES", *man_rest(usage.rest)]
    return "\n".join(line for line in out if line) + "\n"


# ---- completion ----


def value_words(name, value, text, listed):
    """How a value is completed: a line of bash that prints candidates; None: it is not."""
    if listed:
        words = " ".join(LISTED.match("    " + line)["word"].replace(",", " ") for line in listed)
        return f"compgen -P \"$done\" -W '{words}' -- \"${{cur##*,}}\""
    if name == "driver":
        return f"compgen -W '{DRIVERS}' -- \"$cur\""
    if value == "DIR":
        return 'compgen -d -- "$cur"'
    if value and value.startswith("FILE"):
        return 'compgen -f -- "$cur"'
    choice = CHOICE.search(text)
    if value and choice:
        words = re.split(r", | or ", re.sub(r" \([^)]*\)", "", choice[1]))
        return f"compgen -W '{' '.join(words)}' -- \"$cur\""
    return None


def completion(usage):
    """The script. What stands before "--" is EAL's, unless the program runs without."""
    function = "_" + usage.name.replace("-", "_")
    values, silent = [], []
    for name, (value, *rest) in sorted(usage.options().items()):
        words = value_words(name, value, *rest) if value else None
        if words:
            # a name on disk is quoted as a command line needs it
            quoted = "compopt -o filenames 2>/dev/null; " if words.startswith(("compgen -d", "compgen -f")) else ""
            values.append(f"\t{usage.short(name)}--{name}) {quoted}mapfile -t COMPREPLY < <({words}); return ;;")
        elif value:
            silent.append(f"--{name}")
    out = [f"# bash completion of {usage.name}, made from its usage", "# shellcheck shell=bash", "",
           f"{function}()", "{", "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} word words",
           "\tCOMPREPLY=()"]
    if any("$done" in line for line in values):
        out += ["\tlocal done=''", "\t[[ $cur != *,* ]] || done=${cur%,*},"]
    out += ["\tcase $prev in", *values, f"\t{' | '.join(silent)}) return ;;", "\tesac"]
    commands = dict(usage.sections).get("Commands")
    out += commands_part(usage, commands) if commands else options_part(usage)
    # compgen -W would expand them, as a command line
    out += ['\tread -ra words <<<"$words"', '\tfor word in "${words[@]}"; do',
            '\t\t[[ $word != "$cur"* ]] || COMPREPLY+=("$word")', "\tdone", "}", f"complete -F {function} {usage.name}"]
    return "\n".join(out) + "\n"


def long_options(options):
    """The options as they are typed."""
    return " ".join(f"--{name}" for name in sorted(options))


def options_part(usage):
    """Words of a program that has options alone."""
    return ['\twords="-- --help --version"',
            '\tif [[ " ${COMP_WORDS[*]:1:COMP_CWORD - 1} " == *" -- "* ]]; then',
            f'\t\twords="{long_options(usage.options())}"', "\tfi"]


def commands_part(usage, commands):
    """Words of a program that has commands: first a command, then a name where it takes one, and its own options."""
    # that of create is new
    named = [left.split()[0] for left, _, _ in commands if "NAME" in left and left != "create NAME"]
    takes_value = " | ".join(f"{usage.short(name)}--{name}" for name, (value, _, _) in sorted(usage.options().items())
                             if value and name not in ("driver", "dir"))
    out = ["\tlocal i found command='' name='' where=() LC_ALL=C is_name='^[A-Za-z0-9_-][A-Za-z0-9_.-]*$'",
           "\tfor ((i = 1; i < COMP_CWORD; i++)); do",
           "\t\tcase ${COMP_WORDS[i]} in",
           "\t\t--) command='' name='' ;;",
           "\t\t--driver | --dir) where+=(\"${COMP_WORDS[i]}\" \"${COMP_WORDS[i + 1]}\"); i=$((i + 1)) ;;",
           f"\t\t{takes_value}) i=$((i + 1)) ;;",
           "\t\t-*) ;;",
           "\t\t*) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else name=${COMP_WORDS[i]}; fi ;;",
           "\t\tesac",
           "\tdone",
           f'\twords="{long_options(usage.options("Options"))}"',
           "\tcase $command in",
           f"\t'') words+=\" {' '.join(left.split()[0] for left, _, _ in commands)}\" ;;"]
    for title, _ in usage.sections:
        if title.startswith("Options of "):
            out.append(f"\t{title.split()[-1]}) words+=\" {long_options(usage.options(title))}\" ;;")
    out += ["\tesac",
            f"\tif [[ -z $name && -n $command && ' {' '.join(named)} ' == *\" $command \"* ]]; then",
            "\t\twhile read -r _ found _; do",
            "\t\t\t[[ ! $found =~ $is_name ]] || words+=\" $found\"",
            f"\t\tdone < <({usage.name} list \"${{where[@]}}\" 2>/dev/null | tail -n +2)",
            "\tfi"]
    return out


def main():
    """Write both."""
    program, version, man, script = sys.argv[1:]
    usage = Usage(program)
    usage.check()
    pathlib.Path(man).write_text(man_page(usage, version), encoding="utf-8")
    pathlib.Path(script).write_text(completion(usage), encoding="utf-8")


if __name__ == "__main__":
    main()
