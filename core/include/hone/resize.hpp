#pragma once
#include "hone/image.hpp"

namespace hone {

/// Gives row y of the source, [W, C]; called with y not far from ascending order, some rows more
/// than once. An error ends the resize, which returns it.
using RowReader = Status (*)(void* context, std::uint32_t y, Span<std::uint8_t> row);

/// Room for resize_rows: one row of the source and one sum per sample of an output row, and the
/// bytes to align the sums.
constexpr std::size_t resize_scratch_bytes(ImageShape from, ImageShape to) {
  return static_cast<std::size_t>(from.width) * from.channels +
         static_cast<std::size_t>(to.width) * to.channels * sizeof(std::uint64_t) +
         sizeof(std::uint64_t);
}

/// Stretches an image to another size. Each axis by its own: smaller or equal by area average,
/// where source j weighs for output i what [j*out, (j+1)*out) and [i*in, (i+1)*in) share; larger
/// by linear interpolation at the source position ((2i+1)*in - out) / (2*out), clamped, with
/// weights in units of 1/(2*out). Both axes go into one exact sum and one division, rounding half
/// up, so the result has the same bits everywhere; the same size gives the same pixels.
///
/// Errors: bad_shape if the channels differ or a side is outside 1..65535; too_large if scratch
/// is smaller than resize_scratch_bytes; what `read` returns.
Status resize_rows(RowReader read, void* context, ImageShape from, Span<std::uint8_t> pixels,
                   ImageShape to, Span<std::uint8_t> scratch);

/// The same for an image in memory.
Status resize(Bytes image, ImageShape from, Span<std::uint8_t> pixels, ImageShape to,
              Span<std::uint8_t> scratch);

}  // namespace hone
