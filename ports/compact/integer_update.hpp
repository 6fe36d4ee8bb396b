#pragma once
#include "integer_sums.hpp"

// What becomes of a parameter, by the letter of hone::IntegerUpdate. Leaves are templates over the
// rule, so that an image whose job needs the short one does not link the long one.
namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

/// The parameter i after a part of a batch with the sum `acc`.
struct AnyRule {
  /// Most sums of a sparse sample are 0, and then plain SGD changes nothing.
  static bool changes(const IntegerParameters& p, std::int64_t acc) {
    return acc != 0 || p.sum || p.update->momentum || p.update->decay.mantissa != 0;
  }
  static std::int64_t weight(const IntegerParameters& p, std::size_t i, std::int64_t acc,
                             std::uint32_t u16);
  static std::int32_t bias(const IntegerParameters& p, std::size_t i, std::int64_t acc);
};
/// The same with momentum in 32 bits and decay, if any, as its part, where no batch is split.
struct MomentumRule {
  static bool changes(const IntegerParameters&, std::int64_t) { return true; }
  static std::int64_t weight(const IntegerParameters& p, std::size_t i, std::int64_t acc,
                             std::uint32_t u16);
  static std::int32_t bias(const IntegerParameters& p, std::size_t i, std::int64_t acc);
};
/// The same where there is no momentum, no decay and no split batch.
struct PlainRule {
  static bool changes(const IntegerParameters&, std::int64_t acc) { return acc != 0; }
  static std::int64_t weight(const IntegerParameters& p, std::size_t i, std::int64_t acc,
                             std::uint32_t u16);
  static std::int32_t bias(const IntegerParameters& p, std::size_t i, std::int64_t acc);
};

/// Weight i of p becomes `to`, limited to 16 bits.
void put_weight(IntegerReport& report, const IntegerParameters& p, std::size_t i, std::int64_t to);
template <class Rule>
void update_weight(IntegerReport& report, const IntegerParameters& p, std::size_t i,
                   std::int64_t acc, std::uint32_t u16) {
  if (Rule::changes(p, acc)) put_weight(report, p, i, Rule::weight(p, i, acc, u16));
}

/// All biases, where there are any: dy[n, channels].
template <class Rule>
void update_biases(const IntegerParameters& p, const std::int8_t* dy, std::size_t n,
                   std::size_t channels) {
  static constexpr std::int8_t kOne = 1;
  for (std::size_t c = 0; p.bias_update && c < channels; ++c)
    p.bias[c] = Rule::bias(p, c, add_products(0, &kOne, 0, dy + c, channels, n));
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
