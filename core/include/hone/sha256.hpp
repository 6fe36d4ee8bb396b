#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/span.hpp"

namespace hone {

/// SHA-256 (FIPS 180-4), fed in pieces of any size. Serves to compare weights and files; it is not
/// written to resist an attacker who measures time.
///
///   Sha256 hash;
///   hash.update(bytes);            // as often as needed
///   std::uint8_t digest[Sha256::kBytes];
///   hash.finish(digest);           // the object then stands at the start again
class Sha256 {
 public:
  static constexpr std::size_t kBytes = 32;

  Sha256() { reset(); }
  void update(Bytes bytes);
  void finish(std::uint8_t (&digest)[kBytes]);

 private:
  static constexpr std::size_t kBlock = 64;

  void reset();
  void compress(const std::uint8_t* block);

  std::uint32_t state_[8];
  std::uint64_t bytes_;  ///< fed so far; the format counts bits modulo 2^64
  std::uint8_t block_[kBlock];
};

/// Writes two lower-case hexadecimal digits per byte to `out`, 2 * bytes.size characters in all and
/// no terminating 0.
void to_hex(Bytes bytes, char* out);

}  // namespace hone
