#pragma once
#include <cstddef>

#include "hone/span.hpp"

namespace hone {

/// Bytes of the UTF-8 byte order mark that some editors put before a text: 3 or 0.
inline std::size_t byte_order_mark(Bytes text) {
  return text.size >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF ? 3 : 0;
}

}  // namespace hone
