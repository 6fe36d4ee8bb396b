#include <doctest/doctest.h>

#include "hone/random.hpp"
#include "safetensors_file.hpp"

using hone::Status;
using storage_test::make_file;
using storage_test::Parsed;

namespace {

const std::string kHeader =
    R"({"__metadata__":{"format":"pt","k\u00e9\"y":"a\nb\ud83d\ude00"},)"
    R"("a.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
    R"( "b" : { "data_offsets" : [ 8 , 11 ] , "shape" : [ 3 ] , "dtype" : "U8" } }   )";
const std::string kData = "0123456789A";

}  // namespace

TEST_CASE("safetensors: random damage never reads outside the file or loops") {
  hone::Stream random(20240607);
  const std::string alphabet = "{}[]\",:\\u0189afF \xC3\xA9\xED\xF4__";
  const std::string file = make_file(kHeader, kData);
  std::size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = file;
    for (std::uint32_t n = 1 + random.below(4); n-- > 0 && !damaged.empty();) {
      const std::size_t at = random.below(static_cast<std::uint32_t>(damaged.size()));
      const char c = alphabet[random.below(static_cast<std::uint32_t>(alphabet.size()))];
      switch (random.below(5)) {
        case 0:
          damaged[at] = c;
          break;
        case 1:
          damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.below(8)));
          break;
        case 2:
          damaged.insert(at, 1, c);
          break;
        case 3:
          damaged.erase(at, 1 + random.below(3));
          break;
        default:
          damaged.insert(at, damaged.substr(at, random.below(40)));
          break;
      }
    }
    // The length is set right half of the time, so that damage reaches the JSON parser.
    if (random.below(2) && damaged.size() > 8 + kData.size()) {
      damaged = make_file(damaged.substr(8, damaged.size() - 8 - kData.size()), kData);
    }
    Parsed p(damaged);
    if (p.status != Status::ok) continue;
    ++accepted;
    std::uint64_t covered = p.header.data_begin();
    std::size_t at = 0, tensors = 0;
    for (hone::TensorInfo t; p.header.next(at, t); ++tensors) {
      CHECK(t.end <= p.file.size());
      covered += t.end - t.begin;
    }
    CHECK(tensors == p.header.tensors());
    CHECK(covered == p.file.size());
  }
  CHECK(accepted > 100);  // else the damage was too coarse to test anything
}
