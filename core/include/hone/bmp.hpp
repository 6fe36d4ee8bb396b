#pragma once
#include "hone/image.hpp"

namespace hone {

/// Reads the headers of a Windows bitmap: BITMAPINFOHEADER, V4 or V5; 8 bit with a palette, 24 or
/// 32 bit; uncompressed; bottom-up or top-down. 32 bit means B, G, R, ignored. A bitmap with
/// masks is read when the masks say the same order.
/// not_supported: OS/2 headers, 1, 4 and 16 bit, RLE, JPEG and PNG inside a bitmap, other masks.
Status parse_bmp(Bytes file, ImageView* view, DataFault* fault);

}  // namespace hone
