#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "hone/idx.hpp"

using hone::DataFault;
using hone::IdxType;
using hone::IdxView;
using hone::Status;

namespace {

std::vector<std::uint8_t> header(int type, const std::vector<std::uint32_t>& dims) {
  std::vector<std::uint8_t> h{0, 0, static_cast<std::uint8_t>(type),
                              static_cast<std::uint8_t>(dims.size())};
  for (const std::uint32_t d : dims)
    for (int shift = 24; shift >= 0; shift -= 8) h.push_back(static_cast<std::uint8_t>(d >> shift));
  return h;
}

Status parse(const std::vector<std::uint8_t>& head, std::uint64_t bytes, IdxView* view,
             DataFault* fault) {
  const std::vector<std::uint8_t> exact(head);
  return hone::parse_idx({exact.data(), exact.size()}, bytes, view, fault);
}

}  // namespace

TEST_CASE("IDX: layouts of images, signals and labels") {
  IdxView v;
  REQUIRE(parse(header(8, {60000, 28, 28}), 16 + 60000 * 784, &v, nullptr) == Status::ok);
  CHECK(v.is_images());
  CHECK(v.item_bytes == 784);
  CHECK(v.header_bytes == 16);
  REQUIRE(parse(header(0xB, {10, 512}), 12 + 10240, &v, nullptr) == Status::ok);
  CHECK(!v.is_images());
  CHECK(v.item_elements == 512);
  REQUIRE(parse(header(8, {7}), 15, &v, nullptr) == Status::ok);
  CHECK(v.item_elements == 1);
  REQUIRE(parse(header(8, {2, 3, 4, 3}), 20 + 72, &v, nullptr) == Status::ok);
  CHECK(v.is_images());
  REQUIRE(parse(header(8, {2, 3, 4, 5}), 20 + 120, &v, nullptr) == Status::ok);
  CHECK(!v.is_images());
}

TEST_CASE("IDX: every type, big-endian, with its extremes") {
  using Item = std::vector<std::uint8_t>;
  const Item bytes{0x00, 0x80, 0xFF};
  CHECK(hone::idx_value(IdxType::u8, bytes.data(), 1) == 128.0);
  CHECK(hone::idx_value(IdxType::i8, bytes.data(), 1) == -128.0);
  CHECK(hone::idx_value(IdxType::i8, bytes.data(), 2) == -1.0);
  const Item wide{0x80, 0x00, 0x00, 0x00, 0x3F, 0xC0, 0x00, 0x00};
  CHECK(hone::idx_value(IdxType::i16, wide.data(), 0) == -32768.0);
  CHECK(hone::idx_value(IdxType::i16, wide.data(), 2) == 16320.0);
  CHECK(hone::idx_value(IdxType::i32, wide.data(), 0) == -2147483648.0);
  CHECK(hone::idx_value(IdxType::f32, wide.data(), 1) == 1.5);
  const Item f64{0xC0, 0x04, 0, 0, 0, 0, 0, 0};
  CHECK(hone::idx_value(IdxType::f64, f64.data(), 0) == -2.5);
}

TEST_CASE("IDX: cut headers and wrong sizes are refused") {
  const auto whole = header(8, {2, 3, 4});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    IdxView v;
    DataFault fault;
    const std::vector<std::uint8_t> cut(whole.begin(),
                                        whole.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK(parse(cut, n, &v, &fault) == Status::bad_data);
    CHECK(v.rank == 0);
  }
  IdxView v;
  DataFault fault;
  CHECK(parse(whole, 16 + 23, &v, &fault) == Status::bad_data);
  CHECK(fault.expected_number == 40);
  CHECK(fault.found_number == 39);
  CHECK(parse(whole, 16 + 25, &v, &fault) == Status::bad_data);
  CHECK(parse(header(8, {2, 0, 4}), 16, &v, &fault) == Status::bad_data);
  CHECK(fault.offset == 8);
  CHECK(parse(header(8, {2, 65536, 1}), 16 + 2 * 65536, &v, &fault) == Status::bad_data);
  CHECK(parse(header(8, {4000000000u, 4000000000u, 4000000000u}), 100, &v, &fault) ==
        Status::bad_data);
  CHECK(parse(header(0xE, {4000000000u, 1u << 24}), 100, &v, &fault) == Status::bad_data);
  CHECK(parse(header(0xA, {1}), 9, &v, &fault) == Status::bad_data);
  CHECK(parse(header(8, {1, 1, 1, 1, 1}), 25, &v, &fault) == Status::not_supported);
  CHECK(parse({0, 0, 8, 0}, 4, &v, &fault) == Status::bad_data);
  CHECK(parse({1, 0, 8, 1, 0, 0, 0, 1}, 9, &v, &fault) == Status::bad_data);
}
