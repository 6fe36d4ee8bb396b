#pragma once
#include "hone/kernels.hpp"
#include "hone/span.hpp"

namespace hone {

/// Every kernel table that this CPU can run: the smallest first, the best last.
Span<const Kernels* const> available_kernels();

/// Why HONE_ISA was not followed, as one line for the user; null if it was, or is not set. An
/// unknown name, or a table that this CPU or build does not have, leaves the best available.
const char* isa_request_problem();

}  // namespace hone
