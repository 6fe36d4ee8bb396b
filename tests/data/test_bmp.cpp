#include <doctest/doctest.h>

#include "data/image_bytes.hpp"

using hone::DataFault;
using hone::Status;
using image_bytes::bitmap;
using image_bytes::Bytes;
using image_bytes::read;

TEST_CASE("BMP: 24 bit, bottom-up and top-down, with padding") {
  const Bytes lower{1, 2, 3, 4, 5, 6, 0, 0}, upper{7, 8, 9, 10, 11, 12, 0, 0};
  const Bytes expected{9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4};
  Bytes pixels;
  DataFault fault;
  using image_bytes::operator+;
  CHECK(read(bitmap(2, 2, 24, {}, lower + upper), {}, &pixels, &fault) == Status::ok);
  CHECK(pixels == expected);
  CHECK(read(bitmap(2, -2, 24, {}, upper + lower), {}, &pixels, &fault) == Status::ok);
  CHECK(pixels == expected);
  CHECK(read(bitmap(2, -2, 24, {}, upper + lower, 124), {}, &pixels, &fault) == Status::ok);
  CHECK(pixels == expected);
}

TEST_CASE("BMP: 32 bit ignores the fourth byte, with and without masks") {
  const Bytes rows{1, 2, 3, 99, 4, 5, 6, 98};
  for (const std::uint32_t compression : {0u, 3u}) {
    Bytes pixels;
    DataFault fault;
    CHECK(read(bitmap(1, 2, 32, {}, rows, 108, compression), {}, &pixels, &fault) == Status::ok);
    CHECK(pixels == Bytes{6, 5, 4, 3, 2, 1});
  }
}

TEST_CASE("BMP: 8 bit through the palette; grey entries stay grey") {
  const Bytes palette{0, 0, 0, 0, 10, 10, 10, 0, 0, 0, 255, 0};
  Bytes pixels;
  DataFault fault;
  const Bytes file = bitmap(3, 1, 8, palette, {1, 2, 0, 0});
  CHECK(read(file, {1, 3, 3}, &pixels, &fault) == Status::ok);
  CHECK(pixels == Bytes{10, 10, 10, 255, 0, 0, 0, 0, 0});
  CHECK(read(file, {1, 3, 1}, &pixels, &fault) == Status::ok);
  CHECK(pixels == Bytes{10, 77, 0});
  CHECK(read(bitmap(3, 1, 8, palette, {1, 3, 0, 0}), {}, &pixels, &fault) == Status::bad_data);
  CHECK(fault.found_number == 3);
  CHECK(fault.offset == 54 + 12 + 1);
}

TEST_CASE("BMP: cut short at every byte is an error, never a crash") {
  for (const Bytes& whole :
       {bitmap(3, 2, 24, {}, Bytes(24, 1)), bitmap(3, -2, 32, {}, Bytes(24, 1), 124, 3),
        bitmap(3, 2, 8, Bytes(8, 5), Bytes(8, 1))}) {
    for (std::size_t n = 0; n < whole.size(); ++n) {
      Bytes pixels;
      DataFault fault;
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
      CAPTURE(n);
      CHECK(read(cut, {}, &pixels, &fault) != Status::ok);
      CHECK(fault.expected.size > 0);
    }
  }
}

TEST_CASE("BMP: absurd sizes and unread variants") {
  const Bytes rows(64, 0);
  const struct {
    Bytes file;
    Status status;
  } cases[] = {
      {bitmap(0, 1, 24, {}, rows), Status::bad_data},
      {bitmap(-1, 1, 24, {}, rows), Status::bad_data},
      {bitmap(1, 0, 24, {}, rows), Status::bad_data},
      {bitmap(65536, 1, 24, {}, rows), Status::bad_data},
      {bitmap(1, INT32_MIN, 24, {}, rows), Status::bad_data},
      {bitmap(65535, 65535, 32, {}, rows), Status::bad_data},
      {bitmap(2, 2, 16, {}, rows), Status::not_supported},
      {bitmap(2, 2, 1, {}, rows), Status::not_supported},
      {bitmap(2, 2, 7, {}, rows), Status::bad_data},
      {bitmap(2, 2, 8, {}, rows, 40, 1), Status::not_supported},  // RLE8
      {bitmap(2, 2, 24, {}, rows, 40, 99), Status::bad_data},
      {bitmap(2, 2, 32, {}, rows, 40, 3), Status::not_supported},  // masks that are not plain
      {bitmap(2, 2, 24, {}, rows, 64), Status::not_supported},     // OS/2
      {bitmap(2, 2, 24, {}, rows, 200), Status::bad_data},
      {bitmap(2, 2, 8, Bytes(4 * 257, 0), rows), Status::bad_data},
  };
  for (const auto& c : cases) {
    Bytes pixels;
    DataFault fault;
    CHECK(read(c.file, {}, &pixels, &fault) == c.status);
    CHECK(fault.expected.size > 0);
  }
}

TEST_CASE("BMP: every single byte of the header may be wrong without a crash") {
  const Bytes whole = bitmap(3, 2, 8, Bytes(8, 5), Bytes(8, 1));
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int value : {0, 1, 127, 128, 255}) {
      Bytes file = whole, pixels;
      file[at] = static_cast<std::uint8_t>(value);
      DataFault fault;
      const Status s = read(file, {5, 7, 3}, &pixels, &fault);
      CHECK((s == Status::ok || s == Status::bad_data || s == Status::not_supported));
    }
}
