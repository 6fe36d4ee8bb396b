#!/usr/bin/env python3
"""docs/CONTRACT.md once more, in exact rational arithmetic and plain Python: trains

    input I | linear H | relu | dropout p | linear C        by name of features, then a label

on a CSV file with momentum and coupled decay, and prints the SHA-256 of the weights.
    perceptron.py FILE LABEL HIDDEN P A B BATCH EPOCHS LR DECAY MOMENTUM SEED
A and B are those of `--normalise "fixed A B"`. Shares no code and no order of loops with hone.
"""
import csv
import hashlib
import struct
import sys
from fractions import Fraction

MASK = 0xFFFFFFFF
INIT, SHUFFLE, DROPOUT = 1, 2, 3


def single(x):
    """The nearest float32 of a number."""
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def fma(a, b, c):
    return single(Fraction(a) * Fraction(b) + Fraction(c))


def add(a, b):
    return single(Fraction(a) + Fraction(b))


def mul(a, b):
    return single(Fraction(a) * Fraction(b))


def div(a, b):
    return single(Fraction(a) / Fraction(b))


def floor(x):
    return 0.0 if abs(x) < 2.0 ** -40 else x


def mix(z):
    z ^= z >> 16
    z = z * 0x85EBCA6B & MASK
    z ^= z >> 13
    z = z * 0xC2B2AE35 & MASK
    return z ^ (z >> 16)


def blocks(seed, purpose, step, layer, index):
    """Blocks of eight 32-bit values of a stream."""
    h = 0x243F6A88
    for word in (seed & MASK, seed >> 32, purpose, step & MASK, step >> 32, layer, index):
        h = (mix(h ^ word) + 0x9E3779B9) & MASK
    lanes = [mix((h + 0x9E3779B9 * (j + 1)) & MASK) or 1 for j in range(8)]
    while True:
        for j, x in enumerate(lanes):
            x ^= x << 13 & MASK
            x ^= x >> 17
            lanes[j] = x ^ (x << 5 & MASK)
        yield list(lanes)


def values16(*stream):
    for block in blocks(*stream):
        yield from (x & 0xFFFF for x in block)
        yield from (x >> 16 for x in block)


def values32(*stream):
    for block in blocks(*stream):
        yield from block


def exp(x):
    """core/kernels/elementary.hpp, for x <= 0."""
    low = max(x, -28.0)
    shift = float.fromhex("0x1.8p23")
    k = add(fma(low, float.fromhex("0x1.715476p+0"), shift), -shift)
    r = fma(k, float.fromhex("-0x1.7f7d1cp-20"), fma(k, float.fromhex("-0x1.62e4p-1"), low))
    p = float.fromhex("0x1.a01a02p-13")
    for c in ("0x1.6c16c2p-10", "0x1.111112p-7", "0x1.555556p-5", "0x1.555556p-3", "0x1p-1"):
        p = fma(p, r, float.fromhex(c))
    return floor(mul(add(1.0, fma(mul(p, r), r, r)), 2.0 ** int(k)))


def lane_sum(values):
    lanes = [0.0] * 32
    for i, v in enumerate(values):
        lanes[i % 32] = add(lanes[i % 32], v)
    while len(lanes) > 1:
        half = len(lanes) // 2
        lanes = [add(lanes[i], lanes[i + half]) for i in range(half)]
    return lanes[0]


class Linear:
    def __init__(self, inputs, outputs, seed, layer):
        limit = single(div(6.0, inputs) ** 0.5)
        draw = values16(seed, INIT, 0, layer, 0)
        self.w = [[floor(mul(limit, (2 * next(draw) + 1 - 65536) * 2.0 ** -16))
                   for _ in range(outputs)] for _ in range(inputs)]
        self.b = [0.0] * outputs
        self.vw = [[0.0] * outputs for _ in range(inputs)]
        self.vb = [0.0] * outputs

    def forward(self, x):
        y = []
        for o, chain in enumerate(self.b):
            for k, xk in enumerate(x):
                chain = fma(xk, self.w[k][o], chain)
            y.append(floor(chain))
        return y

    def input_gradient(self, dy):
        dx = []
        for row in self.w:
            chain = 0.0
            for w, d in zip(row, dy):
                chain = fma(w, d, chain)
            dx.append(floor(chain))
        return dx

    def update(self, x, dy, lr, decay, mu):
        for k, row in enumerate(self.w):
            for o in range(len(row)):
                chain = fma(decay, row[o], mul(mu, self.vw[k][o]))
                for xs, ds in zip(x, dy):
                    chain = fma(xs[k], ds[o], chain)
                self.vw[k][o] = floor(chain)
                row[o] = floor(fma(-lr, self.vw[k][o], row[o]))
        for o in range(len(self.b)):
            chain = mul(mu, self.vb[o])
            for ds in dy:
                chain = add(chain, ds[o])
            self.vb[o] = floor(chain)
            self.b[o] = floor(fma(-lr, self.vb[o], self.b[o]))


def read(name, label, a, b):
    with open(name, newline="") as file:
        rows = list(csv.DictReader(file))
    classes = sorted({row[label] for row in rows})
    x = [[floor(single((float(v) - a) * b)) for k, v in row.items() if k != label] for row in rows]
    return x, [classes.index(row[label]) for row in rows], len(classes)


def main():
    name, label = sys.argv[1:3]
    hidden, batch, epochs, seed = (int(sys.argv[i]) for i in (3, 7, 8, 12))
    p, a, b = (float(v) for v in sys.argv[4:7])
    lr, decay, mu = (single(float(v)) for v in sys.argv[9:12])
    x, y, classes = read(name, label, a, b)
    first, last = Linear(len(x[0]), hidden, seed, 1), Linear(hidden, classes, seed, 4)
    threshold, scale = int(65536 * p + 0.5), div(1.0, single(1.0 - p))
    step = 0
    for epoch in range(epochs):
        order, draw = list(range(len(x))), values32(seed, SHUFFLE, epoch, 0, 0)
        for i in range(len(x) - 1, 0, -1):
            j = next(draw) * (i + 1) >> 32
            order[i], order[j] = order[j], order[i]
        for at in range(0, len(x), batch):
            chosen = order[at:at + batch]
            inv = div(1.0, len(chosen))
            kept, gradients, back = [], [], []
            for place, i in enumerate(chosen):
                draw = values16(seed, DROPOUT, step, 3, place)
                keep = [next(draw) >= threshold for _ in range(hidden)]
                h = [max(v, 0.0) for v in first.forward(x[i])]
                kept.append([floor(mul(v, scale)) if k else 0.0 for v, k in zip(h, keep)])
                z = last.forward(kept[-1])
                e = [exp(add(v, -max(z))) for v in z]
                total = lane_sum(e)
                gradients.append([floor(mul(add(div(v, total), -float(c == y[i])), inv))
                                  for c, v in enumerate(e)])
                d = last.input_gradient(gradients[-1])
                d = [floor(mul(v, scale)) if k else 0.0 for v, k in zip(d, keep)]
                back.append([v if hv > 0 else 0.0 for v, hv in zip(d, h)])
            last.update(kept, gradients, lr, decay, mu)
            first.update([x[i] for i in chosen], back, lr, decay, mu)
            step += 1
    values = [v for l in (first, last) for row in l.w + [l.b] for v in row]
    print(hashlib.sha256(struct.pack("<%df" % len(values), *values)).hexdigest())


main()
