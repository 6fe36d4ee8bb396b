#include "update.hpp"

#include "kernels/dropout_draws.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

constexpr std::int64_t kMost32 = 0x7FFFFFFF;
constexpr int kWeightBits = 16, kBiasBits = 8;
constexpr std::size_t kBlock = 2 * kStreamLanes;

// Block `block` of the stream.
void draw(std::uint32_t* u16, RowStream& stream, std::size_t block) {
  if (stream.blocks == 0) seed_stream(stream.lane, stream.seed);
  for (; stream.blocks <= block; ++stream.blocks)
    for (std::size_t j = 0; j < kStreamLanes; ++j) {
      std::uint32_t s = stream.lane[j];
      s ^= s << 13;
      s ^= s >> 17;
      s ^= s << 5;
      stream.lane[j] = s;
    }
  for (std::size_t j = 0; j < kStreamLanes; ++j) {
    u16[j] = stream.lane[j] & 0xFFFFu;
    u16[j + kStreamLanes] = stream.lane[j] >> 16;
  }
}

// The sums of the batch so far, as whole numbers of 32 bits, in `t` itself; before its last part
// also in `sum`.
std::int32_t* sums_of_batch(Sums& t, std::size_t first, std::size_t cols, std::int32_t* sum,
                            const IntegerUpdate& update) {
  std::int32_t* const acc = t.narrow + first;
  for (std::size_t c = 0; c < cols; ++c) {
    const std::int64_t before = sum && !update.first ? sum[c] : 0;
    acc[c] = static_cast<std::int32_t>(clamp(before + total(t, first + c), kMost32));
  }
  if (sum && !update.last)
    for (std::size_t c = 0; c < cols; ++c) sum[c] = acc[c];
  return acc;
}

// By how much mantissa m shrinks, in units of 2^-bits.
std::int64_t decrease(const IntegerUpdate& update, std::int32_t acc, std::int32_t m,
                      std::int32_t* velocity, int bits) {
  const std::int64_t g = scaled_by(acc, {update.rate, update.rate_shift});
  const std::int64_t d = scaled_by(m, update.decay, -bits);
  if (!update.momentum) return g + d;
  const std::int64_t v = scaled_by(*velocity, update.mu) + g + (update.decoupled ? 0 : d);
  *velocity = static_cast<std::int32_t>(clamp(v, kMost32));
  return *velocity + (update.decoupled ? d : 0);
}

bool any(const std::int32_t* acc, std::size_t n) {
  std::int32_t bits = 0;
  for (std::size_t i = 0; i < n; ++i) bits |= acc[i];
  return bits != 0;
}

}  // namespace

void seed_stream(std::uint32_t* lane, std::uint32_t seed) { seed_lanes(lane, seed); }

// hone/random.hpp, hash_word.
void start_row(RowStream& stream, const IntegerUpdate& update, std::size_t row) {
  stream.seed = mixed(update.stream ^ static_cast<std::uint32_t>(row)) + 0x9E3779B9u;
  stream.blocks = 0;
}

std::int16_t updated(const IntegerUpdate& update, std::int32_t acc, std::int16_t m,
                     std::int32_t* velocity, std::uint32_t u16) {
  const std::int64_t less = decrease(update, acc, m, velocity, kWeightBits);
  return static_cast<std::int16_t>(clamp(m - ((less + u16) >> kWeightBits), kMaxMantissa16));
}

void update_weights(IntegerReport& report, const IntegerParameters& p, RowStream& stream,
                    std::size_t at, std::size_t column, Sums& t, std::size_t first,
                    std::size_t cols) {
  const IntegerUpdate& update = *p.update;
  at += column;
  std::int32_t* const acc = sums_of_batch(t, first, cols, p.sum ? p.sum + at : nullptr, update);
  const bool moves = update.momentum || update.decay.mantissa != 0 || any(acc, cols);
  if (!update.last || !moves) return;
  std::int16_t* const w = p.w + at;
  for (std::size_t c = 0; c < cols;) {
    const std::size_t skipped = (column + c) % kBlock;
    const std::size_t end = c + at_most(cols - c, kBlock - skipped);
    std::uint32_t u16[kBlock];
    draw(u16, stream, (column + c) / kBlock);
    for (const std::uint32_t* u = u16 + skipped; c < end; ++c, ++u) {
      std::int32_t* const v = update.momentum ? p.velocity + at + c : nullptr;
      const std::int16_t m = updated(update, acc[c], w[c], v, *u);
      const std::uint32_t magnitude = static_cast<std::uint32_t>(m < 0 ? -m : m);
      if (magnitude > report.weights) report.weights = magnitude;
      report.changes |= static_cast<std::uint32_t>(m ^ w[c]);
      w[c] = m;
    }
  }
}

void update_biases(const IntegerParameters& p, const std::int8_t* dy, std::size_t n,
                   std::size_t channels) {
  if (!p.bias || !p.bias_update) return;
  const IntegerUpdate& update = *p.bias_update;
  const std::int8_t one = 1;
  for (std::size_t c = 0; c < channels; c += kTile) {
    const std::size_t cols = at_most(channels - c, kTile);
    Sums t;
    clear(t);
    add_products(t, 1, cols, {&one, 0, 0}, dy + c, channels, n);
    const std::int32_t* const acc =
        sums_of_batch(t, 0, cols, p.bias_sum ? p.bias_sum + c : nullptr, update);
    if (!update.last) continue;
    for (std::size_t i = 0; i < cols; ++i) {
      std::int32_t& b = p.bias[c + i];
      const std::int64_t less = decrease(
          update, acc[i], b, update.momentum ? p.bias_velocity + c + i : nullptr, kBiasBits);
      b = static_cast<std::int32_t>(clamp(b - rounded_shift(less, kBiasBits), kMost32));
    }
  }
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
