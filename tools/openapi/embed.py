#!/usr/bin/env python3
"""Turns api/openapi.yaml into a C++ source that holds it as compact JSON: embed.py IN.yaml OUT.cpp"""
import json
import re
import sys

import yaml

PIECE = 8000  # compilers bound the length of one literal


class Loader(yaml.SafeLoader):
    """YAML 1.1 without its dates and yes/no words: a schema says what it writes."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf")
)


def main(source, target):
    with open(source, encoding="utf-8") as file:
        text = json.dumps(yaml.load(file, Loader=Loader), ensure_ascii=True, separators=(",", ":"))
    quoted = [json.dumps(text[i : i + PIECE]) for i in range(0, len(text), PIECE)]
    with open(target, "w", encoding="utf-8") as file:
        file.write('#include "handlers/openapi.hpp"\n\nnamespace meshscope::handlers {\n\n')
        file.write("std::string_view openapi_json() {\n    static constexpr char kText[] =\n        ")
        file.write("\n        ".join(quoted))
        file.write(";\n    return {kText, sizeof(kText) - 1};\n}\n\n}  // namespace meshscope::handlers\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
