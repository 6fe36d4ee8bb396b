#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

/// Why a file was refused: what stood where. Plain data, because core never prints; a program
/// makes one line of it, "expected 4096 bytes of pixels, found 4000".
struct DataFault {
  static constexpr std::int64_t kNoNumber = INT64_MIN;

  std::size_t offset = 0;  ///< byte in the input
  std::size_t line = 0;    ///< from 1; 0 where the format has no lines
  std::size_t column = 0;  ///< column of a table, from 1; 0 where there is none
  Text expected;           ///< static text
  Text found;              ///< static text, or a piece of the input: valid as long as that is
  std::int64_t expected_number = kNoNumber;  ///< stands before `expected`
  std::int64_t found_number = kNoNumber;     ///< stands before `found`
};

/// Fills *fault, which may be null, and returns `status`.
inline Status refuse(DataFault* fault, Status status, std::size_t offset, Text expected, Text found,
                     std::int64_t expected_number = DataFault::kNoNumber,
                     std::int64_t found_number = DataFault::kNoNumber) {
  if (fault) {
    *fault = DataFault{};
    fault->offset = offset;
    fault->expected = expected;
    fault->found = found;
    fault->expected_number = expected_number;
    fault->found_number = found_number;
  }
  return status;
}

}  // namespace hone
