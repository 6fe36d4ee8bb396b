#!/usr/bin/env python3
"""Reads a safetensors file with nothing but Python's standard library and checks every rule of the
format, independently of the C++ reader.

    read_safetensors.py FILE

prints one line per tensor in header order (name as JSON, type, shape, SHA-256 of its bytes) and one
per metadata entry. Exit code 0, or 1 with the first broken rule on stderr.
"""
import hashlib
import json
import struct
import sys

BYTES = {"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4, "I32": 4,
         "F32": 4, "U64": 8, "I64": 8, "F64": 8}


class Broken(Exception):
    pass


def require(condition, rule):
    if not condition:
        raise Broken(rule)


def unique(pairs):
    require(len(dict(pairs)) == len(pairs), "a key comes twice: %s" % [k for k, _ in pairs])
    return dict(pairs)


def is_index(value):
    # bool is a subclass of int.
    return type(value) is int and 0 <= value < 2 ** 64


def check_tensor(name, info):
    require(isinstance(info, dict) and set(info) == {"dtype", "shape", "data_offsets"},
            "%r needs dtype, shape and data_offsets and nothing else" % name)
    require(info["dtype"] in BYTES, "%r has the unknown type %r" % (name, info["dtype"]))
    shape, offsets = info["shape"], info["data_offsets"]
    require(isinstance(shape, list) and all(map(is_index, shape)), "%r: bad shape" % name)
    require(isinstance(offsets, list) and len(offsets) == 2 and all(map(is_index, offsets)),
            "%r: bad data_offsets" % name)
    size = BYTES[info["dtype"]]
    for dim in shape:
        size *= dim
    require(offsets[1] - offsets[0] == size,
            "%r: data_offsets %s do not fit %s %s" % (name, offsets, info["dtype"], shape))


def read(path):
    """(tensors: name -> {dtype, shape, data}, metadata), in header order; Broken if not legal."""
    with open(path, "rb") as file:
        content = file.read()
    require(len(content) >= 8, "shorter than the header length")
    (length,) = struct.unpack("<Q", content[:8])
    require(length <= 100_000_000, "header above 100 MB")
    require(length <= len(content) - 8, "header beyond the end of the file")
    raw, data = content[8:8 + length], content[8 + length:]
    require(raw[:1] == b"{", "the header does not begin with {")
    try:
        text = raw.decode("utf-8").rstrip(" ")
        header = json.loads(text, object_pairs_hook=unique)
    except ValueError as error:
        raise Broken("the header is not UTF-8 JSON: %s" % error)
    require(text.endswith("}"), "something other than spaces after the header")
    metadata = header.pop("__metadata__", {})
    require(isinstance(metadata, dict) and all(isinstance(v, str) for v in metadata.values()),
            "__metadata__ is not a map of text to text")
    for text in list(header) + list(metadata) + list(metadata.values()):
        require(not any(0xD800 <= ord(c) <= 0xDFFF for c in text), "unpaired surrogate")
    for name, info in header.items():
        check_tensor(name, info)
    end = 0
    for name, info in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        require(info["data_offsets"][0] == end, "hole or overlap before %r" % name)
        end = info["data_offsets"][1]
    require(end == len(data), "the tensors end at %d of %d bytes" % (end, len(data)))
    tensors = {name: {"dtype": info["dtype"], "shape": info["shape"],
                      "data": data[info["data_offsets"][0]:info["data_offsets"][1]]}
               for name, info in header.items()}
    return tensors, metadata


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: read_safetensors.py FILE")
    try:
        tensors, metadata = read(sys.argv[1])
    except (Broken, OSError) as broken:
        sys.exit("%s: %s" % (sys.argv[1], broken))
    for name, tensor in tensors.items():
        print("tensor", json.dumps(name), tensor["dtype"],
              "x".join(map(str, tensor["shape"])) or "scalar",
              hashlib.sha256(tensor["data"]).hexdigest())
    for key, value in metadata.items():
        print("metadata", json.dumps(key), json.dumps(value))


if __name__ == "__main__":
    main()
