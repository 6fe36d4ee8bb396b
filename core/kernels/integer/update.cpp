#include "update.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {
namespace {

constexpr std::int64_t kMost32 = 0x7FFFFFFF;
constexpr std::int32_t kMostSum = (1 << 30) - 1;
constexpr int kWeightBits = 16, kBiasBits = 8;
constexpr std::size_t kBlock = 2 * kStreamLanes;

// Block `block` of the stream.
void draw(std::uint32_t* u16, RowStream& stream, std::size_t block) {
  if (stream.blocks == 0) seed_stream(stream.lane, stream.seed);
  for (; stream.blocks <= block; ++stream.blocks)
    for (std::uint32_t& lane : stream.lane) advance(lane);
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
  if (!t.spilled && !sum) return acc;
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
  const std::int64_t g = scaled_by(acc, update.rate);
  const std::int64_t d = scaled_by(m, update.decay, -bits);
  if (!update.momentum) return g + d;
  const std::int64_t v = scaled_by(*velocity, update.mu) + g + (update.decoupled ? 0 : d);
  *velocity = static_cast<std::int32_t>(clamp(v, kMost32));
  return *velocity + (update.decoupled ? d : 0);
}

// The same with a velocity of 16 bits, which the low bits of u16 round.
std::int64_t narrow_decrease(const IntegerUpdate& update, std::int32_t acc, std::int32_t m,
                             std::int16_t* velocity, std::uint32_t u16) {
  std::int32_t wide = *velocity * (1 << kNarrowBits);
  const std::int64_t less = decrease(update, acc, m, &wide, kWeightBits);
  *velocity = narrow_velocity(wide, u16);
  return less - wide + *velocity * (1 << kNarrowBits);
}

std::int32_t magnitudes(const std::int32_t* acc, std::size_t n) {
  std::int32_t bits = 0;
  for (std::size_t i = 0; i < n; ++i) bits |= acc[i] < 0 ? -acc[i] : acc[i];
  return bits;
}

// The value of a stream that has not begun.
std::uint32_t value_of(const RowStream& stream, std::size_t column) {
  const auto lane = static_cast<std::uint32_t>(column % kStreamLanes);
  std::uint32_t s = seeded_lane(stream.seed, kLaneStep * (lane + 1));
  for (std::size_t block = column / kBlock + 1; block != 0; --block) advance(s);
  return column % kBlock < kStreamLanes ? s & 0xFFFFu : s >> 16;
}

// Both parts, each of `bits` bits at most; fewer than 30 where there is more to add.
QuickUpdate quick_parts(const IntegerUpdate& u, int bits) {
  QuickUpdate q{-1, u.decay.mantissa != 0, 0, 0, u.decay.mantissa, 0, 0, 0};
  const int least = 31 - bits, down = q.decays ? u.decay.shift - kWeightBits : least;
  if (u.rate.shift < -15 || u.rate.shift > 30 || down < least || down > 30) return q;
  q.rate = u.rate.shift < 0 ? u.rate.mantissa * (1 << -u.rate.shift) : u.rate.mantissa;
  q.shift = u.rate.shift < 0 ? 0 : u.rate.shift;
  q.half = (1 << q.shift) >> 1;
  q.decay_shift = down;
  q.decay_half = 1 << (down - 1);
  const int product_bits = q.shift + bits < 30 ? q.shift + bits : 30;
  q.most = q.rate ? (1 << product_bits) / q.rate : kMostSum;
  return q;
}

#if !defined(__OPTIMIZE_SIZE__)
// Any rule with all in 32 bits but a product of the velocity. With momentum what is left of a
// velocity below 2^30, and parts of 28 bits, fit 31.
struct QuickRule {
  QuickUpdate parts;
  bool momentum, decoupled;
  std::int32_t mu;
  int shift;
};
QuickRule quick_rule_of(const IntegerUpdate& u) {
  QuickRule q{quick_parts(u, u.momentum ? 28 : 30), u.momentum, u.decoupled, u.mu.mantissa,
              u.mu.mantissa ? u.mu.shift : 15};
  if (u.momentum && (u.velocity16 || q.shift < 15 || q.shift > 62)) q.parts.most = -1;
  return q;
}
bool takes(const std::int32_t* velocity, std::size_t n) {
  std::int32_t bits = 0;
  for (std::size_t i = 0; i < n; ++i) bits |= velocity[i] ^ (velocity[i] >> 31);
  return bits >> 30 == 0;
}

// acc becomes g, then grows by d, or becomes the new velocity.
void scale_sums(std::int32_t* acc, std::size_t n, const QuickUpdate& q) {
  const std::int32_t rate = q.rate, half = q.half;
  const int shift = q.shift;
  for (std::int32_t* const end = acc + n; acc != end; ++acc) *acc = (*acc * rate + half) >> shift;
}
void add_decay(std::int32_t* acc, const std::int16_t* w, std::size_t n, const QuickUpdate& q) {
  const std::int32_t decay = q.decay, half = q.decay_half;
  const int shift = q.decay_shift;
  for (std::int32_t* const end = acc + n; acc != end; ++acc) *acc += (*w++ * decay + half) >> shift;
}
void move_velocity(std::int32_t* velocity, std::int32_t* acc, std::size_t n, const QuickRule& q) {
  const std::int32_t mu = q.mu;
  const int shift = q.shift;
  const std::int64_t half = std::int64_t{1} << (shift - 1);
  for (std::int32_t* const end = acc + n; acc != end; ++acc, ++velocity) {
    *acc += static_cast<std::int32_t>((std::int64_t{*velocity} * mu + half) >> shift);
    *velocity = *acc;
  }
}
void move_weights(IntegerReport& report, std::int16_t* w, const std::int32_t* acc,
                  const std::uint32_t* u16, std::size_t n) {
  std::int32_t largest = 0, changes = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int32_t m = w[i], most = kMaxMantissa16;
    std::int32_t to = m - ((acc[i] + static_cast<std::int32_t>(u16[i])) >> kWeightBits);
    to = to > most ? most : to < -most ? -most : to;
    const std::int32_t magnitude = to < 0 ? -to : to;
    largest = magnitude > largest ? magnitude : largest;
    changes |= to ^ m;
    w[i] = static_cast<std::int16_t>(to);
  }
  if (static_cast<std::uint32_t>(largest) > report.weights)
    report.weights = static_cast<std::uint32_t>(largest);
  report.changes |= static_cast<std::uint32_t>(changes);
}
// `n` weights, at most a block.
HONE_OWN_FRAME void update_quickly(IntegerReport& report, std::int16_t* w, std::int32_t* velocity,
                                   std::int32_t* acc, const std::uint32_t* u16, std::size_t n,
                                   const QuickRule& q) {
  const bool is_part = q.momentum && !q.decoupled;  // of the velocity
  scale_sums(acc, n, q.parts);
  if (q.parts.decays && is_part) add_decay(acc, w, n, q.parts);
  if (q.momentum) move_velocity(velocity, acc, n, q);
  if (q.parts.decays && !is_part) add_decay(acc, w, n, q.parts);
  move_weights(report, w, acc, u16, n);
}
#endif

}  // namespace

void seed_stream(std::uint32_t* lane, std::uint32_t seed) { seed_lanes(lane, seed); }

void start_row(RowStream& stream, const IntegerUpdate& update, std::size_t row) {
  stream.seed = seed_of_row(update, row);
  stream.blocks = 0;
}

QuickUpdate quick_of(const IntegerUpdate& u) {
  return u.momentum ? QuickUpdate{-1, false, 0, 0, 0, 0, 0, 0} : quick_parts(u, 30);
}

std::int16_t updated(const IntegerUpdate& update, std::int32_t acc, std::int16_t m,
                     std::int32_t* velocity, std::uint32_t u16) {
  const std::int64_t less = decrease(update, acc, m, velocity, kWeightBits);
  return static_cast<std::int16_t>(clamp(m - ((less + u16) >> kWeightBits), kMaxMantissa16));
}

std::int16_t updated(const IntegerParameters& p, std::size_t at, std::int32_t acc,
                     std::uint32_t u16) {
  const IntegerUpdate& update = *p.update;
  const std::int16_t m = p.w[at];
  if (!update.velocity16)
    return updated(update, acc, m, update.momentum ? p.velocity + at : nullptr, u16);
  const std::int64_t less = narrow_decrease(update, acc, m, p.velocity16 + at, u16);
  return static_cast<std::int16_t>(clamp(m - ((less + u16) >> kWeightBits), kMaxMantissa16));
}

void update_weights(IntegerReport& report, const IntegerParameters& p, RowStream& stream,
                    std::size_t at, std::size_t column, Sums& t, std::size_t first,
                    std::size_t cols) {
  const IntegerUpdate& update = *p.update;
  at += column;
  std::int32_t* const acc = sums_of_batch(t, first, cols, p.sum ? p.sum + at : nullptr, update);
  const std::int32_t size = magnitudes(acc, cols);
  const bool moves = update.momentum || update.decay.mantissa != 0 || size != 0;
  if (!update.last || !moves) return;
#if !defined(__OPTIMIZE_SIZE__)
  const QuickRule quick = quick_rule_of(update);
#endif
  std::int16_t* const w = p.w + at;
  for (std::size_t c = 0; c < cols;) {
    const std::size_t skipped = (column + c) % kBlock;
    const std::size_t count = at_most(cols - c, kBlock - skipped), end = c + count;
    std::uint32_t block[kBlock];
    const std::uint32_t* u16 = block + skipped;
    if (cols == 1 && stream.blocks == 0) {
      block[skipped] = value_of(stream, column);
    } else {
      draw(block, stream, (column + c) / kBlock);
    }
#if !defined(__OPTIMIZE_SIZE__)
    const bool is_quick = size <= quick.parts.most;
    std::int32_t* const velocity = is_quick && quick.momentum ? p.velocity + at + c : nullptr;
    if (is_quick && (!velocity || takes(velocity, count))) {
      update_quickly(report, w + c, velocity, acc + c, u16, count, quick);
      c = end;
      continue;
    }
#endif
    for (; c < end; ++c, ++u16) {
      const std::int16_t m = updated(p, at + c, acc[c], *u16);
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
#if !defined(__OPTIMIZE_SIZE__)
    if (channels < kTile && kTile % channels == 0 && n >= kTile && n <= kNarrowChunk) {
      // Several rows of dy side by side fill a tile.
      const std::size_t at_once = kTile / channels, whole = n / at_once;
      add_products(t, 1, kTile, {&one, 0, 0}, dy, kTile, whole);
      for (std::size_t i = channels; i < kTile; ++i) t.narrow[i % channels] += t.narrow[i];
      t.terms = static_cast<std::uint32_t>(whole * at_once);
      dy += whole * kTile;
      n %= at_once;
    }
#endif
    add_products(t, 1, cols, {&one, 0, 0}, dy + c, channels, n);
    const std::int32_t* const acc =
        sums_of_batch(t, 0, cols, p.bias_sum ? p.bias_sum + c : nullptr, update);
    if (!update.last) continue;
#if !defined(__OPTIMIZE_SIZE__)
    const QuickUpdate q = quick_of(update);
    const bool is_quick = magnitudes(acc, cols) <= q.most && !q.decays;
#endif
    for (std::size_t i = 0; i < cols; ++i) {
      std::int32_t& b = p.bias[c + i];
#if !defined(__OPTIMIZE_SIZE__)
      if (is_quick && b < kMost32 / 2 && b > -kMost32 / 2) {
        const std::int32_t less32 = (acc[i] * q.rate + q.half) >> q.shift;
        b -= (less32 + (1 << (kBiasBits - 1))) >> kBiasBits;
        continue;
      }
#endif
      const std::int64_t less = decrease(
          update, acc[i], b, update.momentum ? p.bias_velocity + c + i : nullptr, kBiasBits);
      b = static_cast<std::int32_t>(clamp(b - rounded_shift(less, kBiasBits), kMost32));
    }
  }
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
