#pragma once
#include "hone/image.hpp"

namespace hone {

/// Reads the header of a PGM or PPM file (P2, P3, P5, P6; maxval 1..65535; comments) and checks
/// that the file holds all pixels. Bytes after the last pixel are ignored, as netpbm does.
/// Errors: see parse_image.
Status parse_pnm(Bytes file, ImageView* view, DataFault* fault);

/// Decodes the text samples of a P2 or P3 image into `samples`, already scaled to 0..255;
/// samples.size is width * height * channels of the file.
/// bad_data for anything but a number in 0..maxval, and where the text ends too early.
Status decode_pnm_text(const ImageView& view, Span<std::uint8_t> samples, DataFault* fault);

}  // namespace hone
