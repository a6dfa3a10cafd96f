#!/usr/bin/python3
"""Turns models of services with JSON protocols into shapes_gen.h and .cc of their folders.

    tools/gen_shapes.py           writes the files
    tools/gen_shapes.py --check   fails if what is checked in differs

The generated code is checked in, so that a build needs no Python and a review sees what changed.
The model's own form is described in its "about" lines.
"""
import json
import os
import re
import sys
import textwrap

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# (model, folder, namespace, service as texts name it)
SERVICES = [
    ("models/dynamodb.json", "src/api/dynamodb", "dynamodb", "DynamoDB"),
    ("models/kms.json", "src/api/kms", "kms_json", "KMS"),
    ("models/backup.json", "src/api/vaults", "vault_rest", "AWS Backup"),
]

BUILTINS = {
    "string": "std::string",
    "boolean": "bool",
    "integer": "int64_t",
    "long": "int64_t",
    "timestamp": "Timestamp",
    "item": "item::Item",
    "value": "item::AttributeValue",
    "names": "expr::NameList",
}
# Members of the model that C++ has other plans for.
KEYWORDS = {"delete"}
# Patterns of the model and the predicates of wire/shape_reader.h which test them.
PATTERNS = {
    "[a-zA-Z0-9_.-]+": "IsPlainName",
    "^[a-zA-Z0-9:/_-]+$": "IsAliasName",
    r"^[\w+=,.@:/-]+$": "IsPrincipal",
    r"^[a-zA-Z0-9\-\_]{2,50}$": "IsVaultName",
    r"^[a-zA-Z0-9\-\_\.]{1,50}$": "IsOptionName",
    r"^[0-9]{12}$": "IsAccountNumber",
    r"[\w]+": "IsWord",
    r"[\u0020-\u00FF]*": "IsLatin",
    r"[\u0009\u000A\u000D\u0020-\u00FF]+": "IsDocument",
}
# Those of wire/query.h.
QUERY_PATTERNS = {"IsWord", "IsLatin", "IsDocument"}


def snake(name):
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return name + "_" if name in KEYWORDS else name


def constant(value):
    if not value.isupper():
        return "k" + value
    return "k" + "".join(word.capitalize() for word in value.split("_"))


def wrapped(line):
    """A line of code, broken at spaces where it is longer than the house allows."""
    if len(line) <= 100:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return "\n".join(textwrap.wrap(line, 100, subsequent_indent=indent, break_on_hyphens=False,
                                   break_long_words=False, drop_whitespace=True))


class Generator:
    def __init__(self, service):
        self.model, self.folder, self.namespace, self.service = service
        with open(os.path.join(ROOT, self.model), encoding="utf-8") as file:
            model = json.load(file)
        self.operations = model["operations"]
        self.structures = model["structures"]
        self.types = model["types"]
        self.unavailable = model["unavailable"]
        self.target = model.get("target")
        self.rest = model.get("rest", {})
        self.older = model.get("older_wording", [])
        self.order = model.get("order", {})
        self.alone = model.get("alone", {})
        self.check_model()

    def check_model(self):
        for name, members in list(self.operations.items()) + list(self.structures.items()):
            for member, kind in members.items():
                if not (kind in BUILTINS or kind in self.types or kind in self.structures):
                    sys.exit(f"{self.model}: {name}.{member} has the unknown type {kind}")
            members = {member.rstrip("!") for member in members}
            for facts in (self.order, self.alone):
                if not set(facts.get(name, [])) <= members:
                    sys.exit(f"{self.model}: order or alone names members that {name} has not")
        for name, facts in self.rest.items():
            members = {member.rstrip("!") for member in self.operations.get(name, {})}
            named = set(facts.get("query", {}).values())
            if name in self.operations:
                named |= set(re.findall(r"{(\w+)}", facts["http"]))
            if not named <= members:
                sys.exit(f"{self.model}: the path or query of {name} names members that it has not")
        if self.rest and set(self.rest) != set(self.operations) | set(self.unavailable):
            sys.exit(f"{self.model}: rest must tell of each operation")
        both = set(self.operations) & set(self.unavailable)
        if both:
            sys.exit(f"{self.model}: both available and not: {sorted(both)}")

    # --- Types

    def form(self, kind):
        """'string', 'enum', 'list', 'structure' ... of a member type."""
        if kind in self.structures:
            return "structure"
        if kind in BUILTINS:
            return kind
        for form in ("string", "blob", "integer", "long", "enum", "list", "map"):
            if form in self.types[kind]:
                return form
        sys.exit(f"{self.model}: type {kind} has no form")

    def cpp(self, kind):
        form = self.form(kind)
        if form in ("structure", "enum"):
            return kind
        if form == "list":
            return f"std::vector<{self.cpp(self.types[kind]['list'])}>"
        if form == "map":
            return f"std::vector<std::pair<std::string, {self.cpp(self.types[kind]['map'])}>>"
        return "Bytes" if form == "blob" else BUILTINS[form]

    def bounds(self, facts):
        parts = [f".{bound} = {facts[bound]}" for bound in ("min", "max") if bound in facts]
        if "pattern" in facts:
            predicate = PATTERNS.get(facts["pattern"])
            if predicate is None:
                sys.exit(f"{self.model}: no predicate for the pattern {facts['pattern']}")
            parts.append(f".matches = {predicate}")
            parts.append(f".pattern = {json.dumps(facts['pattern'])}")
        flags = ("newer", "table_name", "attribute_name")
        parts += [f".{flag} = true" for flag in flags if facts.get(flag)]
        return "Bounds{" + ", ".join(parts) + "}"

    # Statement(s) that read the member `value` at `at` into `out`, or return false.
    def read_member(self, member, kind):
        out = f"&out->{snake(member)}.emplace()"
        if kind in BUILTINS:
            call = f"r.{kind.capitalize()}(value, at, {out})"
        else:
            call = f"Read{kind}(value, &at, Place::kMember, r, {out})"
        return [
            f'        if (key == "{member}" &&',
            f"            !{call})",
            "          return false;",
        ]

    # The function that reads a named type which is no structure.
    def type_reader(self, name):
        facts = self.types[name]
        form = self.form(name)
        place = " place" if form == "list" else ""
        lines = [
            f"bool Read{name}(JsonValue json, const Path* path, Place{place}, ShapeReader& r, "
            f"{self.cpp(name)}* out) {{",
        ]
        if form == "enum":
            newer = f", k{name}Newer" if "newer" in facts else ""
            lines.append(f"  return r.Enum(json, *path, k{name}Texts, out{newer});")
        elif form == "list":
            lines.append(f"  constexpr auto kBounds = {self.bounds(facts)};")
            element = self.element(facts["list"])
            lines.append(f"  return r.List(json, *path, kBounds, place, out, {element});")
        elif form == "map":
            key = self.types[facts["key"]]["string"]
            lines.append(f"  constexpr auto kBounds = {self.bounds(facts)};")
            lines.append(f"  constexpr auto kKeyBounds = {self.bounds(key)};")
            element = self.element(facts["map"])
            lines.append(f"  return r.Map(json, *path, kBounds, kKeyBounds, out, {element});")
        else:
            lines.append(f"  constexpr auto kBounds = {self.bounds(facts[form])};")
            lines.append(f"  return r.{form.capitalize()}(json, *path, kBounds, out);")
        lines.append("}")
        return "\n".join(lines)

    def element(self, kind):
        return f"ReadPlain{kind.capitalize()}" if kind in BUILTINS else f"Read{kind}"

    # --- Order: what is used comes first.

    def ordered(self):
        """All named types and structures."""
        order = []

        def visit(kind):
            if kind in BUILTINS or kind in order:
                return
            if kind in self.structures:
                for member in self.structures[kind].values():
                    visit(member)
            else:
                for key in ("list", "map"):
                    if key in self.types[kind]:
                        visit(self.types[kind][key])
            order.append(kind)

        for members in self.operations.values():
            for kind in members.values():
                visit(kind)
        keys = {facts["key"] for facts in self.types.values() if "key" in facts}
        unused = (set(self.structures) | set(self.types)) - set(order) - keys
        if unused:
            sys.exit(f"{self.model}: nothing uses {sorted(unused)}")
        return order

    def ordered_structures(self):
        return [name for name in self.ordered() if name in self.structures]

    def plain_elements(self):
        """The built-in types that stand in a list or map."""
        used = {facts.get("list", facts.get("map")) for facts in self.types.values()}
        return [kind for kind in BUILTINS if kind in used]

    def enums(self):
        return [name for name, facts in self.types.items() if "enum" in facts]

    # --- Output

    def value_headers(self):
        used = set()
        for members in list(self.operations.values()) + list(self.structures.values()):
            used |= set(members.values())
        for facts in self.types.values():
            used |= {facts.get("list"), facts.get("map")}
        headers = {"names": "expr/placeholders.h", "item": "item/attribute_value.h",
                   "value": "item/attribute_value.h"}
        return sorted({path for kind, path in headers.items() if kind in used})

    def struct(self, name, members):
        lines = [f"struct {name} {{"]
        for member, kind in members.items():
            lines.append(f"  std::optional<{self.cpp(kind)}> {snake(member.rstrip('!'))};")
        lines.append("};")
        return "\n".join(lines)

    def header(self):
        out = [
            f"// Generated by tools/gen_shapes.py from {self.model}; do not edit.",
            "//",
            f"// The inputs of {self.service}'s operations. Every member is optional; after a successful Parse the",
            "// required ones are there and all constraints of the model hold. Strings are copied once, to be",
            "// moved on; nothing refers to the JSON document.",
            "#pragma once",
            "#include <cstdint>",
            "#include <optional>",
            "#include <string>",
            "#include <string_view>",
            "#include <utility>",
            "#include <vector>",
            "",
            *(['#include "base/bytes.h"'] if any("blob" in facts for facts in self.types.values()) else []),
            '#include "base/clock.h"',
            '#include "base/result.h"',
            '#include "codec/json_reader.h"',
            *(f'#include "{path}"' for path in self.value_headers()),
            *(['#include "api/wire/rest.h"'] if self.rest else []),
            "",
            "namespace tidemark::api::wire {",
            "class ValueFaults;",
            "}",
            "",
            f"namespace tidemark::api::{self.namespace} {{",
            "",
            *([f'inline constexpr std::string_view kTargetPrefix = "{self.target}.";', ""] if self.target else []),
        ]
        for name in self.enums():
            values = ", ".join(constant(value) for value in self.types[name]["enum"])
            out.append(f"enum class {name} {{ {values} }};")
        out.append("")
        for name in self.ordered_structures():
            out += [self.struct(name, self.structures[name]), ""]
        for name, members in self.operations.items():
            out += [self.struct(name + "Input", members), ""]
        out += [
            "// Errors of all: kSerialization (a member of the wrong JSON type), kConstraint (all violations",
            "// in one text), kValidation (attribute values the service refuses, unless `faults` takes them).",
        ]
        for name in self.operations:
            out.append(f"Result<{name}Input> Parse{name}(codec::JsonValue json, "
                       "wire::ValueFaults* faults = nullptr);")
        out += [
            "",
            "// Operations of the service that are not here, sorted.",
            f"inline constexpr std::string_view kUnavailableOperations[{len(self.unavailable)}] = {{",
        ]
        out += [f'    "{name}",' for name in sorted(self.unavailable)]
        out += ["};", ""]
        if self.rest:
            out += self.routes()
        out += [f"}}  // namespace tidemark::api::{self.namespace}", ""]
        return "\n".join(out)

    # What requests of operations look like, also of those that are not available.
    def routes(self):
        out = []
        for name, facts in sorted(self.rest.items()):
            if "query" not in facts:
                continue
            out.append(f"inline constexpr wire::RestParameter k{name}Query[] = {{")
            kinds = {member.rstrip("!"): kind for member, kind in self.operations[name].items()}
            for parameter, member in facts["query"].items():
                form = self.form(kinds[member])
                if form not in ("boolean", "integer", "long", "timestamp"):
                    form = "text"
                out.append(f'    {{"{parameter}", "{member}", wire::RestForm::k{form.capitalize()}}},')
            out += ["};"]
        out += ["", "// By operation.", "inline constexpr wire::RestRoute kRoutes[] = {"]
        for name, facts in sorted(self.rest.items()):
            method, path = facts["http"].split(" ")
            query = f"k{name}Query" if "query" in facts else "{}"
            out += [f'    {{"{name}", "{method}",', f'     "{path}", {query}}},']
        return out + ["};", ""]

    def reader(self, name, members, shape):
        by_size = {}
        for member, kind in members.items():
            plain = member.rstrip("!")
            by_size.setdefault(len(plain), []).append((plain, kind))
        lines = [
            f"bool Read{name}(JsonValue json, const Path* path, Place place, ShapeReader& r, "
            f"{name}* out) {{",
            "  codec::JsonObject object;",
            f'  if (!r.Structure(json, place, "{shape}", &object)) return false;',
        ]
        if not members:
            lines[0] = lines[0].replace(" path,", ",").replace(" out)", ")")
            return "\n".join(lines + ["  return true;", "}"])
        lines += [
            "  for (auto [key, value] : object) {",
            "    if (value.is_null()) continue;",
            "    Path at{path, key};",
            "    switch (key.size()) {",
        ]
        for size in sorted(by_size):
            lines.append(f"      case {size}:")
            for member, kind in by_size[size]:
                lines += self.read_member(member, kind)
            lines.append("        break;")
        lines += ["    }", "  }"]
        for member in members:
            plain = member.rstrip("!")
            if member.endswith("!!"):
                lines.append(f'  if (!out->{snake(plain)}) r.Required("{plain}");')
            elif member.endswith("!"):
                lines.append(f'  if (!out->{snake(plain)}) r.Missing(Path{{path, "{plain}"}});')
        lines += ["  return true;", "}"]
        return "\n".join(lines)

    def source(self):
        patterns = {PATTERNS[facts["string"]["pattern"]] for facts in self.types.values()
                    if "pattern" in facts.get("string", {})}
        out = [
            f"// Generated by tools/gen_shapes.py from {self.model}; do not edit.",
            f'#include "{self.folder.removeprefix("src/")}/shapes_gen.h"',
            "",
            *(['#include "api/wire/query.h"'] if patterns & QUERY_PATTERNS else []),
            '#include "api/wire/shape_reader.h"',
            "",
            f"namespace tidemark::api::{self.namespace} {{",
            "",
            "namespace {",
            "",
            "using codec::JsonValue;",
            "using wire::Bounds;",
            *(f"using wire::{name};" for name in sorted(patterns)),
            "using wire::Path;",
            "using wire::Place;",
            "using wire::ShapeReader;",
            "",
        ]
        for name in self.enums():
            texts = ", ".join(f'"{value}"' for value in self.types[name]["enum"])
            out.append(f"constexpr std::string_view k{name}Texts[] = {{{texts}}};")
            if "newer" in self.types[name]:
                out += [f"constexpr std::string_view k{name}Newer =",
                        f"    {json.dumps(self.types[name]['newer'])};"]
        out.append("")
        for kind in self.plain_elements():
            out += [
                f"bool ReadPlain{kind.capitalize()}(JsonValue json, const Path* path, Place, ShapeReader& r, "
                f"{BUILTINS[kind]}* out) {{",
                f"  return r.{kind.capitalize()}(json, *path, out);",
                "}",
                "",
            ]
        for name in self.ordered():
            if name in self.structures:
                out += [self.reader(name, self.structures[name], name), ""]
            else:
                out += [self.type_reader(name), ""]
        for name, members in self.operations.items():
            out += [self.reader(name + "Input", members, name + "Input"), ""]
        for kind, facts in (("Order", self.order), ("Alone", self.alone)):
            for name, members in facts.items():
                texts = ", ".join(f'"{member}"' for member in members)
                out += [f"constexpr std::string_view k{name}{kind}[] = {{{texts}}};", ""]
        out += ["}  // namespace", ""]
        for name in self.operations:
            facts = []
            if name in self.older:
                facts.append(".wording = item::Wording::kOlder")
            if name in self.order:
                facts.append(f".order = k{name}Order")
            if name in self.alone:
                facts.append(f".alone = k{name}Alone")
            if self.namespace != "dynamodb":
                facts.append(".package = {}")
            out += [
                f"Result<{name}Input> Parse{name}(codec::JsonValue json, wire::ValueFaults* faults) {{",
                f"  return wire::ParseShape<{name}Input>(json, Read{name}Input, faults, {{{', '.join(facts)}}});",
                "}",
                "",
            ]
        out += [f"}}  // namespace tidemark::api::{self.namespace}", ""]
        return "\n".join(out)


def main():
    wrong = []
    for service in SERVICES:
        generator = Generator(service)
        for suffix, text in ((".h", generator.header()), (".cc", generator.source())):
            text = "\n".join(wrapped(line) for line in text.split("\n"))
            path = f"{generator.folder}/shapes_gen{suffix}"
            full = os.path.join(ROOT, path)
            if "--check" in sys.argv[1:]:
                have = open(full, encoding="utf-8").read() if os.path.exists(full) else ""
                if have != text:
                    wrong.append(path)
            else:
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
    if wrong:
        sys.exit(f"not what tools/gen_shapes.py makes of the models: {', '.join(wrong)}; run it and check in")


if __name__ == "__main__":
    main()
