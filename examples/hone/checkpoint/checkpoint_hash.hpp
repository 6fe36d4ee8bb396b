#pragma once
#include <string>
#include <vector>

#include "hone/safetensors.hpp"
#include "hone/trainer.hpp"

namespace hone {

/// Key of the SHA-256 of the parameters, which tells a damaged file.
constexpr const char* kWeightsHashKey = "weights_sha256";
/// Key of that of the exponents; under w16a8 only.
constexpr const char* kScalesHashKey = "scales_sha256";
/// Key of the SHA-256 of all other metadata, see metadata_hash.
constexpr const char* kMetadataHashKey = "metadata_sha256";

/// What a checkpoint keeps of the scales of a trainer: exponents in force and quiet steps, of
/// outputs, gradients and weights. Empty under f32.
struct StoredScales {
  StoredScales() = default;
  explicit StoredScales(const Trainer& trainer);

  std::vector<std::int8_t> e;
  std::vector<std::uint8_t> quiet;
};

std::string weights_hash(const Trainer& trainer);
/// The same of all velocities; of no bytes without momentum.
std::string velocity_hash(const Trainer& trainer);
/// The same of StoredScales: exponents, then quiet steps.
std::string scales_hash(const Trainer& trainer);

/// SHA-256 of all metadata but this hash itself: the pairs sorted by key, the bytes of key and of
/// value without JSON escapes, each behind its length as 8 little-endian bytes.
std::string metadata_hash(const SafetensorsHeader& header);

}  // namespace hone
