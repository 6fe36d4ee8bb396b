#include "update_few.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace integer {

void find_live(Live& live, const std::int8_t* dy, std::size_t n, std::size_t out, bool all) {
  std::uint16_t blocks[kStreamLanes] = {};
  live.columns = live.lanes = 0;
#pragma GCC unroll 1
  for (std::size_t c = 0; c < out; ++c) {
    std::int32_t any = all;
#pragma GCC unroll 1
    for (std::size_t i = c; i < n * out; i += out) any |= dy[i];
    if (!any) continue;
    live.column[live.columns++] = static_cast<std::uint8_t>(c);
    blocks[c % kStreamLanes] = static_cast<std::uint16_t>(c / kDropBlock + 1);
  }
#pragma GCC unroll 1
  for (std::uint32_t j = 0; j < kStreamLanes; ++j)
    if (blocks[j])
      live.lane[live.lanes++] = {kLaneStep * (j + 1), static_cast<std::uint16_t>(j), blocks[j]};
}

namespace {

HONE_OWN_FRAME void draw_row(Live& live, std::uint32_t seed) {
#pragma GCC unroll 1
  for (const Lane *l = live.lane, *const end = l + live.lanes; l != end; ++l) {
    std::uint32_t s = seeded_lane(seed, l->of_lane);
    std::uint16_t* u = live.u16 + l->at;
    std::uint32_t blocks = l->blocks;
    do {
      advance(s);
      *u = static_cast<std::uint16_t>(s);
      u += kStreamLanes;
      *u = static_cast<std::uint16_t>(s >> 16);
      u += kStreamLanes;
    } while (--blocks != 0);
  }
}

// What the new weights of a row become: next(g, m, u16), which may pass their range.
template <class Next>
void update_row(IntegerReport& report, std::int16_t* w, const Live& live, Next next) {
  std::int32_t largest = static_cast<std::int32_t>(report.weights), changes = 0;
  if (live.columns == 0) return;
  const std::uint8_t* c = live.column;
  const std::uint8_t* const end = c + live.columns;
  do {
    const std::uint32_t at = *c++;
    const std::int32_t m = w[at];
    std::int32_t to = next(live.g[at], m, live.u16[at]);
    if ((to ^ (to >> 31)) >= largest) {
      const std::int32_t most = kMaxMantissa16;
      to = to > most ? most : to < -most ? -most : to;
      largest = to > largest ? to : -to > largest ? -to : largest;
    }
    changes |= to ^ m;
    w[at] = static_cast<std::int16_t>(to);
  } while (c != end);
  report.weights = static_cast<std::uint32_t>(largest);
  report.changes |= static_cast<std::uint32_t>(changes);
}

}  // namespace

void update_by_sample(IntegerReport& report, std::int16_t* w, std::uint32_t seed, Live& live,
                      std::int32_t x, const QuickUpdate& q) {
  draw_row(live, seed);
  const std::int32_t half = q.half;
  const int shift = q.shift;
  if (q.decays) {
    update_row(report, w, live, [=, &q](std::int32_t g, std::int32_t m, std::int32_t u) {
      const std::int32_t t =
          ((x * g + half) >> shift) + ((m * q.decay + q.decay_half) >> q.decay_shift);
      return m - ((t + u) >> kVelocityBits);
    });
  } else {
    update_row(report, w, live, [=](std::int32_t g, std::int32_t m, std::int32_t u) {
      return m - ((((x * g + half) >> shift) + u) >> kVelocityBits);
    });
  }
}

void update_by_sums(IntegerReport& report, std::int16_t* w, std::uint32_t seed, Live& live,
                    const IntegerUpdate& update, const QuickUpdate& q, std::int32_t size) {
  if (size <= q.most) {
    for (std::size_t i = 0; i < live.columns; ++i) live.g[live.column[i]] *= q.rate;
    return update_by_sample(report, w, seed, live, 1, q);
  }
  draw_row(live, seed);
  update_row(report, w, live, [&](std::int32_t g, std::int32_t m, std::uint32_t u) {
    return std::int32_t{updated(update, g, static_cast<std::int16_t>(m), nullptr, u)};
  });
}

void update_biases_few(const IntegerParameters& p, const std::int8_t* dy, std::size_t n,
                       std::size_t out, const Live& live, const QuickUpdate& q) {
#pragma GCC unroll 1
  for (std::size_t j = 0; j < live.columns; ++j) {
    const std::size_t c = live.column[j];
    std::int32_t acc = 0;
#pragma GCC unroll 1
    for (std::size_t i = c; i < n * out; i += out) acc += dy[i];
    const std::int32_t t = (acc * q.rate + q.half) >> q.shift;
    const std::int64_t b = p.bias[c] - ((std::int64_t{t} + 128) >> kBiasVelocityBits);
    p.bias[c] = static_cast<std::int32_t>(clamp(b, 0x7FFFFFFF));
  }
}

}  // namespace integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
