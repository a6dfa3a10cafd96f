"""Debian's package index as items: strings, numbers, lists and sets, as they come."""

import subprocess
import sys

_NUMBERS = {"Size", "Installed-Size"}
_LISTS = {"Depends", "Pre-Depends", "Recommends", "Suggests", "Breaks", "Conflicts", "Replaces", "Provides"}
_SETS = {"Tag"}


def _index():
    return subprocess.run(["apt-cache", "dumpavail"], stdout=subprocess.PIPE, check=True).stdout.decode()


def read(most=0):
    """All records, or the first `most`; one item per (Package, Version)."""
    text = _index()
    if text.count("\nPackage: ") < 1000:
        print("   the package index is empty: running apt-get update", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        text = _index()
    items = {}
    for block in text.split("\n\n"):
        item = _item(block)
        if item:
            items[key_of(item)] = item
            if most and len(items) >= most:
                break
    if not items:
        sys.exit("apt-cache dumpavail gave no records")
    return list(items.values())


def _item(block):
    fields, name = {}, None
    for line in block.splitlines():
        if line.startswith((" ", "\t")):
            if name:
                fields[name] += "\n" + line.strip()
        elif ": " in line or line.endswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    if "Package" not in fields or "Version" not in fields:
        return None
    # Some packages come in several architectures; the version tells them apart.
    fields["Version"] += ":" + fields.get("Architecture", "all")
    return normal({name: _value(name, value) for name, value in fields.items() if value})


def _value(name, text):
    if name in _NUMBERS and text.isdigit():
        return {"N": text}
    if name in _LISTS:
        return {"L": [{"S": part.strip()} for part in text.split(",")]}
    if name in _SETS:
        return {"SS": sorted({part.strip() for part in text.replace("\n", " ").split(",") if part.strip()})}
    return {"S": text}


def normal(item):
    """The same item with its sets in order, so that equal items compare equal."""
    for value in item.values():
        for kind in ("SS", "NS"):
            if kind in value:
                value[kind] = sorted(value[kind])
    return item


def key_of(item):
    return item["Package"]["S"], item["Version"]["S"]
