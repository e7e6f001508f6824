"""Holds every fact of the built-in dictionaries against other tables of the same standard.

facts.py DICTIONARY_FACTS SPEC_FOLDER

Below SPEC_FOLDER lie quickfix/FIX??.xml, which the dictionaries must agree with line by line, and
orchestra/OrchestraFIX42.xml and OrchestraFIX44.xml; from both they differ as differences.txt
says. Without that folder the test is skipped (exit code 77)."""

import difflib
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

VERSIONS = {
    "FIX40": "FIX.4.0", "FIX41": "FIX.4.1", "FIX42": "FIX.4.2", "FIX43": "FIX.4.3",
    "FIX44": "FIX.4.4", "FIXT11": "FIXT.1.1", "FIX50": "FIX.5.0", "FIX50SP1": "FIX.5.0SP1",
    "FIX50SP2": "FIX.5.0SP2",
}  # fmt: skip
ORCHESTRA = {"OrchestraFIX42.xml": "FIX.4.2", "OrchestraFIX44.xml": "FIX.4.4"}
NAMESPACE = "{http://fixprotocol.io/2020/orchestra/repository}"


def shorter_first(text):
    return (len(text), text)


class QuickFix:
    """The lines that dictionary_facts prints, from a QuickFIX file."""

    def __init__(self, path):
        self.root = ElementTree.parse(path).getroot()
        self.tags = {f.get("name"): int(f.get("number")) for f in self.root.find("fields")}
        self.components = {c.get("name"): c for c in self.root.find("components")}
        self.lines = []

    def fields(self):
        for field in sorted(self.root.find("fields"), key=lambda f: int(f.get("number"))):
            number = field.get("number")
            self.lines.append(f"field {number} {field.get('name')} {field.get('type')}")
            for value in sorted(field, key=lambda v: shorter_first(v.get("enum"))):
                self.lines.append(f"value {number} {value.get('enum')} = {value.get('description')}")

    def items(self, path, parent):
        for item in parent:
            self.lines.append(f"{path} {item.tag} {item.get('name')} {item.get('required')}")
            if item.tag == "group":
                self.items(f"{path}{item.get('name')}/", item)

    def spread(self, parent, is_required, level):
        """Fills level: tag -> [required, group element], in order."""
        for item in parent:
            is_needed = is_required and item.get("required") == "Y"
            if item.tag == "component":
                self.spread(self.components[item.get("name")], is_needed, level)
                continue
            entry = level.setdefault(self.tags[item.get("name")], [False, None])
            entry[0] = entry[0] or is_needed
            if item.tag == "group":
                entry[1] = item
        return level

    def set_text(self, parent):
        text = ""
        for tag, (is_required, group) in self.spread(parent, True, {}).items():
            text += f" {tag}{'!' if is_required else ''}"
            if group is not None:
                text += f"({self.set_text(group)} )"
        return text

    def with_set(self, path, parent):
        self.items(path, parent)
        self.lines.append(f"{path} set{self.set_text(parent)}")

    def facts(self):
        self.fields()
        self.with_set("header/", self.root.find("header"))
        self.with_set("trailer/", self.root.find("trailer"))
        for message in sorted(
            self.root.find("messages"), key=lambda m: shorter_first(m.get("msgtype"))
        ):
            kind = message.get("msgtype")
            self.lines.append(f"message {kind} {message.get('name')} {message.get('msgcat')}")
            self.with_set(f"message {kind}/", message)
        for name in sorted(self.components):
            self.lines.append(f"component {name}")
            self.items(f"component {name}/", self.components[name])
        return self.lines


def orchestra_facts(path):
    """Fields, their values, messages: what both tables have in one meaning."""
    root = ElementTree.parse(path).getroot()
    codes = {
        s.get("name"): [c.get("value") for c in s.iter(NAMESPACE + "code")]
        for s in root.iter(NAMESPACE + "codeSet")
    }
    facts = set()
    for field in root.iter(NAMESPACE + "field"):
        facts.add(f"field {field.get('id')} {field.get('name')}")
        for code in codes.get(field.get("type"), []):
            facts.add(f"value {field.get('id')} {code}")
    for message in root.iter(NAMESPACE + "message"):
        facts.add(f"message {message.get('msgType')} {message.get('name')}")
    return facts


def comparable(lines):
    """Of the lines of dictionary_facts, those that orchestra_facts() has, in its form."""
    facts = set()
    for line in lines:
        if line.startswith("field "):
            facts.add(line.rsplit(" ", 1)[0])
        elif line.startswith("value "):
            facts.add(line.split(" = ")[0])
        elif line.startswith("message ") and "/" not in line.split(" ")[1]:
            facts.add(line.rsplit(" ", 1)[0])
    return facts


def without_one_sided_values(ours, theirs):
    """Orchestra gives some fields a list of values that the others leave open, and the other way
    round: values are compared where both have a list."""

    def listed(facts):
        return {fact.split(" ")[1] for fact in facts if fact.startswith("value ")}

    both = listed(ours) & listed(theirs)

    def kept(fact):
        return not fact.startswith("value ") or fact.split(" ")[1] in both

    return set(filter(kept, ours)), set(filter(kept, theirs))


def printed(program, version):
    result = subprocess.run([program, version], stdout=subprocess.PIPE, check=True)
    return result.stdout.decode().splitlines()


def expected_differences(version):
    """Lines "VERSION - fact" (only here) and "VERSION + fact" (only there)."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "differences.txt")
    with open(path, encoding="ascii") as file:
        lines = [line.rstrip("\n") for line in file]
    prefixes = (version + " -", version + " +")
    return {line[len(version) + 1 :] for line in lines if line.startswith(prefixes)}


def compare_quickfix(program, folder):
    faults = 0
    for name, version in VERSIONS.items():
        ours = printed(program, version)
        theirs = QuickFix(os.path.join(folder, "quickfix", name + ".xml")).facts()
        expected = expected_differences(version + " QuickFIX")
        found = {f"- {fact}" for fact in ours} | {f"+ {fact}" for fact in theirs}
        for line in sorted(expected - found):
            print(f"{version} {line}   (differences.txt has it, but it is no difference)")
            faults += 1
        ours = [fact for fact in ours if f"- {fact}" not in expected]
        theirs = [fact for fact in theirs if f"+ {fact}" not in expected]
        for line in list(difflib.unified_diff(theirs, ours, name + ".xml", version, n=0))[:40]:
            print(line.rstrip("\n"))
            faults += 1
        print(f"{version}: {len(ours)} facts compared with {name}.xml")
    return faults


def compare_orchestra(program, folder):
    faults = 0
    for name, version in ORCHESTRA.items():
        ours = comparable(printed(program, version))
        theirs = orchestra_facts(os.path.join(folder, "orchestra", name))
        ours, theirs = without_one_sided_values(ours, theirs)
        found = {f"- {fact}" for fact in ours - theirs} | {f"+ {fact}" for fact in theirs - ours}
        expected = expected_differences(version)
        for line in sorted(found - expected):
            print(f"{version} {line}   (new difference: - is only built in, + only in {name})")
        for line in sorted(expected - found):
            print(f"{version} {line}   (differences.txt has it, but it is no difference)")
        faults += len(found ^ expected)
        print(f"{version}: {len(ours)} facts compared with {name}, {len(found)} differences")
    return faults


def main():
    program, folder = sys.argv[1:]
    if not os.path.isdir(folder):
        print(f"SKIPPED: the tables to compare with are not there ({folder})")
        return 77
    faults = compare_quickfix(program, folder) + compare_orchestra(program, folder)
    print("every fact agrees" if faults == 0 else f"{faults} faults")
    return 0 if faults == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
