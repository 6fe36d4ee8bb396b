#include <doctest/doctest.h>

#include "data/image_bytes.hpp"
#include "hone/pnm.hpp"

using hone::DataFault;
using hone::Status;
using image_bytes::Bytes;
using image_bytes::from_text;
using image_bytes::operator+;
using image_bytes::read;

TEST_CASE("PGM and PPM: the four kinds give the same pixels") {
  Bytes pixels;
  DataFault fault;
  CHECK(read(from_text("P2\n# made by hand\n3 1 # width, height\n255\n0 128\t255"), {}, &pixels,
             &fault) == Status::ok);
  CHECK(pixels == Bytes{0, 128, 255});
  CHECK(read(from_text("P5 3 1 255\n") + Bytes{0, 128, 255}, {}, &pixels, &fault) == Status::ok);
  CHECK(pixels == Bytes{0, 128, 255});
  CHECK(read(from_text("P3 1 2 255 1 2 3 4 5 6\n"), {}, &pixels, &fault) == Status::ok);
  CHECK(pixels == Bytes{1, 2, 3, 4, 5, 6});
  CHECK(read(from_text("P6\n1 2\n255\n") + Bytes{1, 2, 3, 4, 5, 6}, {}, &pixels, &fault) ==
        Status::ok);
  CHECK(pixels == Bytes{1, 2, 3, 4, 5, 6});
}

TEST_CASE("PGM: samples scale to 255, rounding half up") {
  Bytes pixels;
  DataFault fault;
  CHECK(read(from_text("P5 4 1 3\n") + Bytes{0, 1, 2, 3}, {}, &pixels, &fault) == Status::ok);
  CHECK(pixels == Bytes{0, 85, 170, 255});
  CHECK(read(from_text("P5 3 1 65535\n") + Bytes{0, 0, 0x80, 0, 0xFF, 0xFF}, {}, &pixels, &fault) ==
        Status::ok);
  CHECK(pixels == Bytes{0, 128, 255});
  CHECK(read(from_text("P2 2 1 1000 1000 2"), {}, &pixels, &fault) == Status::ok);
  CHECK(pixels == Bytes{255, 1});  // (2 * 255 + 500) / 1000
}

TEST_CASE("PPM to one channel and PGM to three") {
  Bytes pixels;
  DataFault fault;
  const Bytes colour = from_text("P6 3 1 255\n") + Bytes{255, 0, 0, 0, 255, 0, 0, 0, 255};
  CHECK(read(colour, {1, 3, 1}, &pixels, &fault) == Status::ok);
  CHECK(pixels == Bytes{77, 149, 29});  // (77 * 255 + 128) >> 8 and so on
  CHECK(read(from_text("P5 2 1 255\n") + Bytes{7, 9}, {1, 2, 3}, &pixels, &fault) == Status::ok);
  CHECK(pixels == Bytes{7, 7, 7, 9, 9, 9});
  CHECK(read(from_text("P3 1 1 1 1 1 1"), {1, 1, 1}, &pixels, &fault) == Status::ok);
  CHECK(pixels == Bytes{255});
}

TEST_CASE("PGM: cut short at every byte is an error, never a crash") {
  for (const Bytes& whole :
       {from_text("P5 # c\n3 2\n255\n") + Bytes(6, 9), from_text("P6 3 2 999\n") + Bytes(36, 1),
        from_text("P2\n3 2 # c\n15\n1 2 3 4 5 6"), from_text("P3 1 2 9 1 2 3 4 5 6")}) {
    for (std::size_t n = 0; n < whole.size(); ++n) {
      Bytes pixels;
      DataFault fault;
      CAPTURE(n);
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
      CHECK(read(cut, {}, &pixels, &fault) == Status::bad_data);
      CHECK(fault.expected.size > 0);
      CHECK(fault.offset <= n);
    }
  }
}

TEST_CASE("PGM: bad headers say where and what") {
  const struct {
    const char* text;
    Status status;
    std::size_t offset;
  } cases[] = {
      {"P5 0 1 255\nx", Status::bad_data, 3},
      {"P5 1 0 255\nx", Status::bad_data, 5},
      {"P5 -1 1 255\nx", Status::bad_data, 3},
      {"P5 65536 1 255\nx", Status::bad_data, 3},
      {"P5 1 1 0\nx", Status::bad_data, 7},
      {"P5 1 1 65536\nx", Status::bad_data, 7},
      {"P5 1x 1 255\nx", Status::bad_data, 3},
      {"P5 99999999999999999999 1 1\n", Status::bad_data, 3},
      {"P1 1 1 1", Status::not_supported, 0},
      {"P4 1 1 1", Status::not_supported, 0},
      {"P7\nWIDTH 1\n", Status::not_supported, 0},
      {"P9 1 1 1", Status::bad_data, 0},
      {"P51 1 255\nx", Status::bad_data, 2},
      {"", Status::bad_data, 0},
      {"\x89PNG\r\n", Status::not_supported, 0},
      {"hello", Status::bad_data, 0},
      {"P2 1 1 7\n8", Status::bad_data, 9},
      {"P2 2 1 7\n1 x", Status::bad_data, 11},
      {"P2 2 1 7\n1 -1", Status::bad_data, 11},
      {"P5 1 1 7\n\x08", Status::bad_data, 9},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    Bytes pixels;
    DataFault fault;
    CHECK(read(from_text(c.text), {}, &pixels, &fault) == c.status);
    CHECK(fault.offset == c.offset);
    CHECK(fault.expected.size > 0);
  }
}

TEST_CASE("PGM: huge dimensions in a small file are refused before any room is made") {
  for (const char* text : {"P5 65535 65535 255\nxx", "P6 65535 65535 65535\nxx",
                           "P2 65535 65535 255\n1 1", "P3 65535 65535 255\n1 1"}) {
    const Bytes file = from_text(text);
    hone::ImageView view;
    DataFault fault;
    CHECK(hone::parse_image({file.data(), file.size()}, &view, &fault) == Status::bad_data);
    CHECK(fault.expected_number >= 65535ll * 65535);
    CHECK(view.width == 0);
  }
}

TEST_CASE("read_image: wrong rooms are refused") {
  const Bytes file = from_text("P5 2 2 255\n") + Bytes(4, 1);
  hone::ImageView view;
  REQUIRE(hone::parse_image({file.data(), file.size()}, &view, nullptr) == Status::ok);
  Bytes pixels(4), scratch(hone::image_scratch_bytes(view, {2, 2, 1}));
  const hone::Span<std::uint8_t> all(scratch.data(), scratch.size());
  CHECK(hone::read_image(view, {2, 2, 1}, {pixels.data(), 3}, all, nullptr) == Status::bad_shape);
  CHECK(hone::read_image(view, {1, 2, 2}, {pixels.data(), 4}, all, nullptr) == Status::bad_shape);
  CHECK(hone::read_image(view, {0, 2, 1}, {pixels.data(), 0}, all, nullptr) == Status::bad_shape);
  CHECK(hone::read_image(view, {2, 2, 1}, {pixels.data(), 4}, all.sub(0, all.size - 1), nullptr) ==
        Status::too_large);
}
