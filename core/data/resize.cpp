#include "hone/resize.hpp"

#include <cstring>

namespace hone {
namespace {

/// What one axis needs for one output: sources first..last and their weights. Only the first and
/// the last weight of an average can be partial.
struct Taps {
  std::uint32_t first, last;
  std::uint32_t first_weight, last_weight, inner_weight;
};

/// Sum of the weights of an axis.
std::uint64_t total_weight(std::uint32_t in, std::uint32_t out) {
  return out <= in ? in : 2 * std::uint64_t{out};
}

Taps average_taps(std::uint32_t in, std::uint32_t out, std::uint32_t i) {
  const std::uint64_t begin = std::uint64_t{i} * in, end = begin + in;
  Taps t;
  t.first = static_cast<std::uint32_t>(begin / out);
  t.last = static_cast<std::uint32_t>((end - 1) / out);
  t.inner_weight = out;
  // in >= out, so a source is never wider than what it is averaged into.
  t.first_weight = static_cast<std::uint32_t>((std::uint64_t{t.first} + 1) * out - begin);
  t.last_weight = static_cast<std::uint32_t>(end - std::uint64_t{t.last} * out);
  if (t.first == t.last) t.first_weight = in;
  return t;
}

Taps linear_taps(std::uint32_t in, std::uint32_t out, std::uint32_t i) {
  const std::int64_t unit = 2 * std::int64_t{out};
  const std::int64_t most = (std::int64_t{in} - 1) * unit;
  std::int64_t position = (2 * std::int64_t{i} + 1) * in - out;  // in units of 1 / (2 out)
  if (position < 0) position = 0;
  if (position > most) position = most;
  Taps t;
  t.first = static_cast<std::uint32_t>(position / unit);
  t.last_weight = static_cast<std::uint32_t>(position % unit);
  t.first_weight = static_cast<std::uint32_t>(unit) - t.last_weight;
  t.last = t.last_weight ? t.first + 1 : t.first;
  t.inner_weight = 0;
  return t;
}

Taps taps(std::uint32_t in, std::uint32_t out, std::uint32_t i) {
  return out <= in ? average_taps(in, out, i) : linear_taps(in, out, i);
}

std::uint32_t weight_of(const Taps& t, std::uint32_t j) {
  return j == t.first ? t.first_weight : j == t.last ? t.last_weight : t.inner_weight;
}

/// sums[x, c] += row_weight * (the horizontal sum at x). A horizontal sum is below
/// 2 * 65535 * 255 < 2^26, so 32 bits hold it.
void add_row(const std::uint8_t* row, std::uint32_t in, std::uint32_t out, std::uint32_t channels,
             std::uint64_t row_weight, std::uint64_t* sums) {
  for (std::uint32_t x = 0; x < out; ++x) {
    const Taps t = taps(in, out, x);
    const std::uint8_t* first = row + std::size_t{t.first} * channels;
    const std::uint8_t* last = row + std::size_t{t.last} * channels;
    for (std::uint32_t c = 0; c < channels; ++c) {
      std::uint32_t sum = t.first_weight * first[c];
      if (t.last != t.first) {
        std::uint32_t inner = 0;
        for (const std::uint8_t* p = first + channels + c; p < last; p += channels) inner += *p;
        sum += t.inner_weight * inner + t.last_weight * last[c];
      }
      *sums++ += row_weight * sum;
    }
  }
}

bool valid_side(std::uint32_t n) { return n >= 1 && n <= kMaxImageSide; }

bool valid(ImageShape from, ImageShape to) {
  return valid_side(from.height) && valid_side(from.width) && valid_side(to.height) &&
         valid_side(to.width) && from.channels == to.channels && from.channels >= 1;
}

Status copy_rows(RowReader read, void* context, ImageShape shape, Span<std::uint8_t> pixels) {
  const std::size_t row = std::size_t{shape.width} * shape.channels;
  for (std::uint32_t y = 0; y < shape.height; ++y) {
    const Status s = read(context, y, pixels.sub(y * row, row));
    if (s != Status::ok) return s;
  }
  return Status::ok;
}

struct MemoryImage {
  Bytes pixels;
};

Status read_memory(void* context, std::uint32_t y, Span<std::uint8_t> row) {
  std::memcpy(row.data, static_cast<const MemoryImage*>(context)->pixels.data + y * row.size,
              row.size);
  return Status::ok;
}

}  // namespace

Status resize_rows(RowReader read, void* context, ImageShape from, Span<std::uint8_t> pixels,
                   ImageShape to, Span<std::uint8_t> scratch) {
  if (!valid(from, to) || pixels.size != to.size()) return Status::bad_shape;
  if (scratch.size < resize_scratch_bytes(from, to)) return Status::too_large;
  if (from == to) return copy_rows(read, context, to, pixels);

  const std::size_t align = alignof(std::uint64_t);
  const std::size_t skip = (align - reinterpret_cast<std::uintptr_t>(scratch.data) % align) % align;
  const std::size_t row_samples = std::size_t{to.width} * to.channels;
  std::uint64_t* sums = reinterpret_cast<std::uint64_t*>(scratch.data + skip);
  const Span<std::uint8_t> row = scratch.sub(skip + row_samples * sizeof(std::uint64_t),
                                             std::size_t{from.width} * from.channels);
  const std::uint64_t total =
      total_weight(from.width, to.width) * total_weight(from.height, to.height);

  std::uint32_t in_row = from.height;  // the row that `row` holds; none yet
  std::uint8_t* out = pixels.data;
  for (std::uint32_t y = 0; y < to.height; ++y) {
    const Taps t = taps(from.height, to.height, y);
    for (std::size_t i = 0; i < row_samples; ++i) sums[i] = 0;
    for (std::uint32_t j = t.first; j <= t.last; ++j) {
      if (j != in_row) {
        const Status s = read(context, j, row);
        if (s != Status::ok) return s;
        in_row = j;
      }
      add_row(row.data, from.width, to.width, from.channels, weight_of(t, j), sums);
    }
    for (std::size_t i = 0; i < row_samples; ++i)
      *out++ = static_cast<std::uint8_t>((2 * sums[i] + total) / (2 * total));
  }
  return Status::ok;
}

Status resize(Bytes image, ImageShape from, Span<std::uint8_t> pixels, ImageShape to,
              Span<std::uint8_t> scratch) {
  if (image.size != from.size()) return Status::bad_shape;
  MemoryImage memory{image};
  return resize_rows(read_memory, &memory, from, pixels, to, scratch);
}

}  // namespace hone
