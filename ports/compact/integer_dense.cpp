#include "hone/random.hpp"
#include "integer_update.hpp"
#include "leaf.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

std::uint64_t dense_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                            const std::int32_t* bias, int bias_shift, std::size_t n, std::size_t in,
                            std::size_t out, const IntegerOutput& end) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < n * out; ++i) {
    const std::size_t o = i % out;
    const std::int64_t start = bias ? start_of_sum(bias[o], bias_shift) : 0;
    seen |= put_output(y, i, add_products(start, x + i / out * in, 1, w + o, out, in), end);
  }
  return seen;
}

template <class Rule>
IntegerReport dense_backward_by(const IntegerParameters& p, std::int8_t* dx, const std::int8_t* x,
                                const std::int8_t* dy, std::size_t n, std::size_t in,
                                std::size_t out, const IntegerGradient& end, std::int8_t* scratch) {
  IntegerReport report;
  std::int8_t kept[kIntegerColumn];
  if (n <= kIntegerColumn) scratch = kept;
  // An input at a time. Its gradients need the old weights, its update the inputs that they may
  // overwrite: only for it are they kept.
  for (std::size_t k = 0; k < in; ++k) {
    const std::int8_t* column = x + k;
    std::size_t step = in;
    for (std::size_t i = 0; p.update && dx == x && i < n; ++i) {
      scratch[i] = x[i * in + k];
      column = scratch;
      step = 1;
    }
    for (std::size_t i = 0; dx && i < n; ++i)
      report.gradient |= put_gradient(dx, i * in + k,
                                      add_products(0, dy + i * out, 1, p.w + k * out, 1, out), end);
    if (!p.update) continue;
    Stream stream(hash_word(p.update->stream, static_cast<std::uint32_t>(k)));
    for (std::size_t o = 0; o < out; ++o)
      update_weight<Rule>(report, p, k * out + o, add_products(0, column, step, dy + o, out, n),
                          stream.next16());
  }
  update_biases<Rule>(p, dy, n, out);
  return report;
}

template Leaf<decltype(IntegerKernels::dense_backward)> dense_backward_by<AnyRule>;
template Leaf<decltype(IntegerKernels::dense_backward)> dense_backward_by<MomentumRule>;
template Leaf<decltype(IntegerKernels::dense_backward)> dense_backward_by<PlainRule>;

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
