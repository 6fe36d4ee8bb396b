#!/usr/bin/env python3
"""Writes safetensors files in spellings that are legal but differ from hone's: tensors stored out
of header order, no padding, no alignment, unicode escapes, white space, metadata at the end.

    write_safetensors.py FILE NAME:DTYPE:DIMxDIM ...   values from a fixed formula
    write_safetensors.py FILE --like OTHER             tensors and metadata of another file

Options, in any order after FILE:
    --no-metadata     leaves the metadata out
    --dtype F64       stores F32 tensors as F64 or BF16 (BF16 cuts the mantissa)
    --put NAME:INDEX:VALUE   replaces one value of a tensor; VALUE is an integer, or of an F32 tensor a
                             Python float: nan, 1e-30
"""
import argparse
import json
import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import read_safetensors  # noqa: E402

PACK = {"BOOL": "?", "U8": "B", "I8": "b", "U16": "H", "I16": "h", "F16": "e", "U32": "I",
        "I32": "i", "F32": "f", "U64": "Q", "I64": "q", "F64": "d"}


def made_up(spec):
    name, dtype, dims = spec.rsplit(":", 2)
    shape = [int(d) for d in dims.split("x")] if dims != "scalar" else []
    count = 1
    for dim in shape:
        count *= dim
    # Multiples of 1/8 below 2 in magnitude: exact in every float type.
    values = [((i * 7) % 31 - 15) / 8 for i in range(count)]
    if dtype == "BF16":
        data = b"".join(struct.pack("<f", v)[2:] for v in values)
    elif dtype in ("F16", "F32", "F64"):
        data = struct.pack("<%d%s" % (count, PACK[dtype]), *values)
    else:
        data = struct.pack("<%d%s" % (count, PACK[dtype]), *[i % 2 for i in range(count)])
    return name, {"dtype": dtype, "shape": shape, "data": data}


def floats(tensor):
    return list(struct.unpack("<%df" % (len(tensor["data"]) // 4), tensor["data"]))


def convert(tensor, dtype):
    if tensor["dtype"] != "F32":
        return
    if dtype == "F64":
        values = floats(tensor)
        tensor["data"] = struct.pack("<%dd" % len(values), *values)
    else:
        data = tensor["data"]
        tensor["data"] = b"".join(data[i + 2:i + 4] for i in range(0, len(data), 4))
    tensor["dtype"] = dtype


def put(tensors, spec):
    name, index, value = spec.rsplit(":", 2)
    tensor = tensors[name]
    code = PACK[tensor["dtype"]]
    values = [v[0] for v in struct.iter_unpack("<" + code, tensor["data"])]
    values[int(index)] = float(value) if code == "f" else int(value)
    tensor["data"] = struct.pack("<%d%s" % (len(values), code), *values)


def spelled(text, pick):
    """A JSON string with some characters escaped that need not be."""
    out = []
    for c in text:
        if pick.random() < 0.3:
            units = c.encode("utf-16-be")
            out += ["\\u%s" % units[i:i + 2].hex() for i in range(0, len(units), 2)]
        else:
            out.append(json.dumps(c, ensure_ascii=False)[1:-1])
    return '"%s"' % "".join(out)


def encode(tensors, metadata):
    pick = random.Random(1)
    stored = list(tensors)
    pick.shuffle(stored)
    begin, place = 0, {}
    for name in stored:
        place[name] = begin
        begin += len(tensors[name]["data"])
    entries = []
    for name, tensor in tensors.items():
        end = place[name] + len(tensor["data"])
        fields = ['"data_offsets" :\t[ %d ,%d]' % (place[name], end),
                  '"dtype":%s' % spelled(tensor["dtype"], pick),
                  '"sh\\u0061pe":%s' % json.dumps(tensor["shape"], indent=1)]
        pick.shuffle(fields)
        entries.append("%s\n: {%s}" % (spelled(name, pick), " , ".join(fields)))
    if metadata:
        pairs = ["%s:%s" % (spelled(k, pick), spelled(v, pick)) for k, v in metadata.items()]
        entries.append('"__metadata__":{ %s\r\n}' % ", ".join(pairs))
    header = ("{" + ",".join(entries) + "}").encode("utf-8")
    if (8 + len(header)) % 4 == 0:
        header += b" "  # the data is never aligned, which the format allows
    return struct.pack("<Q", len(header)) + header + b"".join(tensors[n]["data"] for n in stored)


def main():
    parser = argparse.ArgumentParser(description="writes a legal but unusual safetensors file")
    parser.add_argument("file")
    parser.add_argument("tensors", nargs="*", metavar="NAME:DTYPE:DIMxDIM")
    parser.add_argument("--like")
    parser.add_argument("--no-metadata", action="store_true")
    parser.add_argument("--dtype", choices=["F64", "BF16"])
    parser.add_argument("--put", action="append", default=[], metavar="NAME:INDEX:VALUE")
    args = parser.parse_intermixed_args()
    tensors = dict(map(made_up, args.tensors))
    metadata = {"format": "pt", "k\u00e9y \U0001F600": "line\nline \"quoted\" \\ \u0001"}
    if args.like:
        copied, metadata = read_safetensors.read(args.like)
        tensors.update(copied)
    for spec in args.put:
        put(tensors, spec)
    if args.dtype:
        for tensor in tensors.values():
            convert(tensor, args.dtype)
    content = encode(tensors, {} if args.no_metadata else metadata)
    with open(args.file, "wb") as file:
        file.write(content)


if __name__ == "__main__":
    main()
