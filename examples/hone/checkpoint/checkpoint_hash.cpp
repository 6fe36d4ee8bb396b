#include "examples/hone/checkpoint/checkpoint_hash.hpp"

#include <map>

#include "examples/hone/checkpoint/checkpoint_file.hpp"
#include "hone/sha256.hpp"

namespace hone {
namespace {

constexpr std::size_t kLengthBytes = 8;

std::string hex_digest(Sha256* hash) {
  std::uint8_t digest[Sha256::kBytes];
  hash->finish(digest);
  std::string out(2 * Sha256::kBytes, '0');
  to_hex({digest, sizeof digest}, &out[0]);
  return out;
}

void update(Sha256* hash, const std::string& text) {
  std::uint8_t length[kLengthBytes];
  std::uint64_t n = text.size();
  for (std::uint8_t& byte : length) {
    byte = static_cast<std::uint8_t>(n & 255);
    n >>= 8;
  }
  hash->update({length, sizeof length});
  hash->update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

template <class T>
void update(Sha256* hash, Span<T> values) {
  hash->update({reinterpret_cast<const std::uint8_t*>(values.data), values.size * sizeof(T)});
}

}  // namespace

std::string metadata_hash(const SafetensorsHeader& header) {
  std::map<std::string, std::string> sorted;
  EscapedText key, value;
  for (std::size_t at = 0; header.next_metadata(at, key, value);)
    sorted[plain_text(key)] = plain_text(value);
  sorted.erase(kMetadataHashKey);
  Sha256 hash;
  for (const auto& pair : sorted) {
    update(&hash, pair.first);
    update(&hash, pair.second);
  }
  return hex_digest(&hash);
}

std::string weights_hash(const Trainer& trainer) {
  std::uint8_t digest[32];
  weights_sha256(trainer, digest);
  std::string out(64, '0');
  to_hex({digest, sizeof digest}, &out[0]);
  return out;
}

std::string velocity_hash(const Trainer& trainer) {
  Sha256 hash;
  for (int i = 1; i < trainer.program().n; ++i) {
    for (const Span<float> v : {trainer.weight_velocity(i), trainer.bias_velocity(i)})
      update(&hash, v);
    update(&hash, trainer.weight_velocity16_mantissas(i));
    for (const Span<std::int32_t> v :
         {trainer.weight_velocity_mantissas(i), trainer.bias_velocity_mantissas(i)})
      update(&hash, v);
  }
  return hex_digest(&hash);
}

StoredScales::StoredScales(const Trainer& trainer) {
  for (const Scale& scale : trainer.scales()) {
    e.push_back(scale.e);
    quiet.push_back(scale.quiet);
  }
}

std::string scales_hash(const Trainer& trainer) {
  const StoredScales scales(trainer);
  Sha256 hash;
  update(&hash, Span<const std::int8_t>(scales.e.data(), scales.e.size()));
  update(&hash, Span<const std::uint8_t>(scales.quiet.data(), scales.quiet.size()));
  return hex_digest(&hash);
}

}  // namespace hone
