#!/usr/bin/env python3
"""The IDL as C++ tables, for the transcoder: generate_schema.py THRIFT_COMPILER lanemq.thrift OUTPUT.cc

Names of structs and enums are unique over all files of the IDL, which this checks, since the tables know no files.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

SCALARS = {"bool": "kBool", "i16": "kI16", "i32": "kI32", "i64": "kI64", "double": "kDouble", "string": "kString",
           "binary": "kBinary"}


def documents(compiler, idl):
    """The file and what it includes, those that are included first."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([compiler, "-r", "--gen", "json", "-out", folder, str(idl)], check=True)
        return [json.loads(path.read_text()) for path in sorted(pathlib.Path(folder).glob("*.json"))]


def enum_fields(idl, enums):
    """(struct, field) -> enum: the compiler's JSON says i32 of them."""
    found, struct = {}, None
    for path in sorted(idl.parent.glob("*.thrift")):
        for line in path.read_text().splitlines():
            begin = re.match(r"(struct|exception|union)\s+(\w+)", line)
            if begin:
                struct = begin.group(2)
            field = re.match(r"\s*\d+:\s*(?:required |optional )?\s*([\w.]+)\s+(\w+)", line)
            if field and field.group(1).rpartition(".")[2] in enums:
                found[struct, field.group(2)] = field.group(1).rpartition(".")[2]
    return found


def text(value):
    """A C++ string literal."""
    out = "".join({'"': '\\"', "\\": "\\\\", "\n": "\\n"}.get(c, c) for c in (value or "").strip())
    return f'"{out}"'


class Tables:
    def __init__(self, docs, idl):
        self.structs = self.unique(s for d in docs for s in d["structs"])
        self.enums = self.unique(e for d in docs for e in d["enums"])
        self.services = self.unique(s for d in docs for s in d["services"])
        self.struct_at = {s["name"]: i for i, s in enumerate(self.structs)}
        self.enum_at = {e["name"]: i for i, e in enumerate(self.enums)}
        self.enum_fields = enum_fields(idl, self.enum_at)
        self.types = []

    @staticmethod
    def unique(items):
        items = sorted(items, key=lambda item: item["name"])
        names = [item["name"] for item in items]
        assert len(names) == len(set(names)), "a name stands in two files of the IDL"
        return items

    def type_at(self, kind, detail):
        """Index of a type; `detail` is what a composed one is made of."""
        if kind in SCALARS:
            row = (SCALARS[kind], 0, 0)
        elif kind == "list":
            row = ("kList", self.type_at(detail["elemTypeId"], detail.get("elemType")), 0)
        elif kind == "map":
            assert detail["keyTypeId"] == "string", "the keys of JSON objects are text"
            row = ("kMap", self.type_at("string", None), self.type_at(detail["valueTypeId"], detail.get("valueType")))
        elif kind in ("struct", "exception", "union", "enum"):
            name = detail["class"].rpartition(".")[2]
            row = ("kEnum", self.enum_at[name], 0) if name in self.enum_at else ("kStruct", self.struct_at[name], 0)
        else:
            raise SystemExit(f"the transcoder does not know the type {kind}")
        if row not in self.types:
            self.types.append(row)
        return self.types.index(row)

    def rows(self):
        fields, structs, values, enums, methods = [], [], [], [], []
        for struct in self.structs:
            structs.append(f'    {{{text(struct["name"])}, {len(fields)}, {len(struct["fields"])}, {text(struct.get("doc"))}}},')
            for field in struct["fields"]:
                enum = self.enum_fields.get((struct["name"], field["name"]))
                kind = self.type_at("enum", {"class": enum}) if enum else self.type_at(field["typeId"], field.get("type"))
                is_required = "true" if field["required"] == "required" else "false"
                fields.append(f'    {{{field["key"]}, {text(field["name"])}, {kind}, {is_required}, {text(field.get("doc"))}}},')
        for enum in self.enums:
            enums.append(f'    {{{text(enum["name"])}, {len(values)}, {len(enum["members"])}}},')
            values += [f'    {{{text(m["name"])}, {m["value"]}}},' for m in enum["members"]]
        for service in self.services:
            for method in service["functions"]:
                request = self.struct_at[method["arguments"][0]["type"]["class"].rpartition(".")[2]]
                reply = self.struct_at[method["returnType"]["class"].rpartition(".")[2]]
                methods.append(f'    {{{text(method["name"])}, {text(service["name"])}, {request}, {reply}, '
                               f'{text(method.get("doc"))}}},')
        types = [f"    {{Kind::{kind}, {a}, {b}}}," for kind, a, b in self.types]
        return {"TypeRow kTypes": types, "FieldRow kFields": fields, "StructRow kStructs": structs,
                "EnumValueRow kEnumValues": values, "EnumRow kEnums": enums, "MethodRow kMethods": methods}


def main():
    compiler, idl, output = sys.argv[1:]
    out = ["// Generated by generate_schema.py from the IDL.", '#include "portal/api/transcode/schema.h"', "",
           "namespace lanemq::portal {", "namespace {", ""]
    for head, rows in Tables(documents(compiler, pathlib.Path(idl)), pathlib.Path(idl)).rows().items():
        out += [f"constexpr {head}[] = {{", *rows, "};", ""]
    out += ["}  // namespace", "", "const Schema& TheSchema() {",
            "  static const Schema schema(kTypes, kFields, kStructs, kEnumValues, kEnums, kMethods);", "  return schema;",
            "}", "", "}  // namespace lanemq::portal", ""]
    pathlib.Path(output).write_text("\n".join(out))


if __name__ == "__main__":
    main()
