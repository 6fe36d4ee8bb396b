#include "hone/sampler.hpp"

namespace hone {
namespace {

/// Heap sort: in place, no recursion, n log n whatever the order.
void sort_ascending(Span<std::uint32_t> a) {
  const auto sink = [&a](std::size_t at, std::size_t n) {
    for (std::size_t child; (child = 2 * at + 1) < n; at = child) {
      if (child + 1 < n && a[child + 1] > a[child]) ++child;
      if (a[at] >= a[child]) return;
      const std::uint32_t t = a[at];
      a[at] = a[child];
      a[child] = t;
    }
  };
  for (std::size_t i = a.size / 2; i-- > 0;) sink(i, a.size);
  for (std::size_t n = a.size; n-- > 1;) {
    const std::uint32_t t = a[0];
    a[0] = a[n];
    a[n] = t;
    sink(0, n);
  }
}

}  // namespace

void epoch_order(Span<std::uint32_t> order, std::uint64_t seed, std::uint64_t epoch) {
  for (std::size_t i = 0; i < order.size; ++i) order[i] = static_cast<std::uint32_t>(i);
  shuffle(order.data, order.size, Stream(seed, Purpose::shuffle, epoch, 0, 0));
}

ClassSplit class_split(std::size_t n, double fraction, std::size_t per_class) {
  const std::size_t used = per_class && per_class < n ? per_class : n;
  if (used < 2 || !(fraction > 0.0)) return {used, 0};
  std::size_t validation = static_cast<std::size_t>(fraction * static_cast<double>(used) + 0.5);
  if (validation < 1) validation = 1;
  if (validation > used - 1) validation = used - 1;
  return {used - validation, validation};
}

ClassSplit split_class(Span<std::uint32_t> members, std::uint64_t seed, std::uint32_t class_index,
                       double fraction, std::size_t per_class) {
  shuffle(members.data, members.size, Stream(seed, Purpose::split, 0, 0, class_index));
  const ClassSplit split = class_split(members.size, fraction, per_class);
  sort_ascending(members.sub(0, split.training));
  sort_ascending(members.sub(split.training, split.validation));
  return split;
}

}  // namespace hone
