#include "hone/sha256.hpp"

#include <cstring>

namespace hone {
namespace {

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr std::uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// Likewise, square roots of the first 8 primes.
constexpr std::uint32_t kStart[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

std::uint32_t rotate(std::uint32_t x, int n) { return x >> n | x << (32 - n); }

std::uint32_t load_big_endian(const std::uint8_t* p) {
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

void store_big_endian(std::uint64_t value, int bytes, std::uint8_t* p) {
  for (int i = bytes; i-- > 0; value >>= 8) p[i] = static_cast<std::uint8_t>(value);
}

}  // namespace

void Sha256::reset() {
  std::memcpy(state_, kStart, sizeof state_);
  bytes_ = 0;
}

void Sha256::compress(const std::uint8_t* block) {
  // The schedule in a ring of 16 words: w[t] overwrites w[t - 16], its last reader.
  std::uint32_t w[16];
  std::uint32_t s[8];
  std::memcpy(s, state_, sizeof s);
  for (unsigned t = 0; t < 64; ++t) {
    std::uint32_t& word = w[t & 15];
    if (t < 16) {
      word = load_big_endian(block + 4 * t);
    } else {
      const std::uint32_t a = w[(t + 1) & 15];   // w[t - 15]
      const std::uint32_t b = w[(t + 14) & 15];  // w[t - 2]
      word += (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[(t + 9) & 15] +
              (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
    const std::uint32_t choose = (s[4] & s[5]) ^ (~s[4] & s[6]);
    const std::uint32_t major = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    const std::uint32_t t1 =
        s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) + choose + kRound[t] + word;
    const std::uint32_t t2 = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) + major;
    std::memmove(s + 1, s, 7 * sizeof s[0]);
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; ++i) state_[i] += s[i];
}

void Sha256::update(Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t held = static_cast<std::size_t>(bytes_ % kBlock);
    if (held == 0 && bytes.size >= kBlock) {
      compress(bytes.data);
      bytes_ += kBlock;
      bytes = bytes.sub(kBlock, bytes.size - kBlock);
      continue;
    }
    const std::size_t room = kBlock - held;
    const std::size_t n = bytes.size < room ? bytes.size : room;
    std::memcpy(block_ + held, bytes.data, n);
    bytes_ += n;
    if (n == room) compress(block_);
    bytes = bytes.sub(n, bytes.size - n);
  }
}

void Sha256::finish(std::uint8_t (&digest)[kBytes]) {
  std::uint8_t tail[kBlock + 8] = {0x80};
  const std::uint64_t bits = bytes_ * 8;
  // One 0x80, zeros, and the length in the last 8 bytes of a block.
  const std::size_t held = static_cast<std::size_t>(bytes_ % kBlock);
  const std::size_t pad = (held < 56 ? 56 : 120) - held;
  store_big_endian(bits, 8, tail + pad);
  update({tail, pad + 8});
  for (int i = 0; i < 8; ++i) store_big_endian(state_[i], 4, digest + 4 * i);
  reset();
}

void to_hex(Bytes bytes, char* out) {
  for (const std::uint8_t b : bytes) {
    *out++ = "0123456789abcdef"[b >> 4];
    *out++ = "0123456789abcdef"[b & 15];
  }
}

}  // namespace hone
