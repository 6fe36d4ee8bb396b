#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "hone/sha256.hpp"

namespace {

hone::Bytes bytes_of(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

std::string finish(hone::Sha256& hash) {
  std::uint8_t digest[hone::Sha256::kBytes];
  hash.finish(digest);
  std::string hex(2 * sizeof digest, '?');
  hone::to_hex({digest, sizeof digest}, &hex[0]);
  return hex;
}

std::string sha256(const std::string& s) {
  hone::Sha256 hash;
  hash.update(bytes_of(s));
  return finish(hash);
}

const std::string kTwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

}  // namespace

TEST_CASE("sha256: the examples of FIPS 180-4") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256(kTwoBlocks) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
               "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu") ==
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

TEST_CASE("sha256: one million letters a") {
  hone::Sha256 hash;
  const std::string piece(1000, 'a');
  for (int i = 0; i < 1000; ++i) hash.update(bytes_of(piece));
  CHECK(finish(hash) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256: an update split at any place, or into single bytes, changes nothing") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += static_cast<char>(i * 7);
  for (const std::size_t length : std::initializer_list<std::size_t>{
           0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 200}) {
    const std::string s = text.substr(0, length);
    const std::string want = sha256(s);
    hone::Sha256 single;
    for (const char c : s) single.update(bytes_of(std::string(1, c)));
    CHECK(finish(single) == want);
    for (std::size_t cut = 0; cut <= length; ++cut) {
      hone::Sha256 hash;
      hash.update(bytes_of(s.substr(0, cut)));
      hash.update(bytes_of(s.substr(cut)));
      CHECK(finish(hash) == want);
    }
  }
}

TEST_CASE("sha256: after finish the object starts again") {
  hone::Sha256 hash;
  hash.update(bytes_of("something else"));
  finish(hash);
  hash.update(bytes_of("abc"));
  CHECK(finish(hash) == sha256("abc"));
}
