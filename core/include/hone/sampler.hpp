#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/random.hpp"
#include "hone/span.hpp"

namespace hone {

/// The order of an epoch: order[i] = i, then shuffled by the stream (seed, shuffle, epoch).
/// Every epoch starts from the sorted order, so an epoch can be resumed without its predecessors.
void epoch_order(Span<std::uint32_t> order, std::uint64_t seed, std::uint64_t epoch);

/// How many members of a class go to training and to validation.
struct ClassSplit {
  std::size_t training = 0, validation = 0;
};

/// Sizes of the parts of a class of n members: the first min(n, per_class) are used (per_class 0:
/// all); of these round(fraction * used) are for validation, but at least 1 if used >= 2 and
/// fraction > 0, and at most used - 1, so that training keeps one.
///   fraction  in [0, 1)
ClassSplit class_split(std::size_t n, double fraction, std::size_t per_class);

/// Divides one class. `members` are the class's samples in sorted order; they are shuffled by the
/// stream (seed, split, 0, 0, class_index) and the first class_split(...).training of them are
/// for training, the next .validation for validation, the rest is unused; the training part and
/// the validation part are each put back in ascending order.
ClassSplit split_class(Span<std::uint32_t> members, std::uint64_t seed, std::uint32_t class_index,
                       double fraction, std::size_t per_class);

}  // namespace hone
