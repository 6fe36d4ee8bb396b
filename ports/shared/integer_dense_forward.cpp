#include "integer.hpp"
#include "integer_dense_split.hpp"

namespace hone {
namespace HONE_LEAF_NS {
namespace {

constexpr std::size_t kSlab = 128;  // inputs that are widened at once
static_assert(kWideChunk % kSlab == 0, "");
constexpr std::size_t kRows = Lanes::kTileRows;

// Tiles side by side, for which a slab is widened once.
constexpr std::size_t kTiles = kColumns < 32 ? 32 / kColumns : 1;

// Sums of some samples by kColumns outputs. A chunk of products goes to `part`, chunks to `total`.
struct Tile {
  std::int32_t part[kRows][kColumns];
  std::int64_t total[kRows][kColumns];
};

void start(Tile& t, std::size_t rows, bool is_short) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t o = 0; o < kColumns; ++o) t.part[r][o] = 0;
  for (std::size_t r = 0; r < rows && !is_short; ++r)
    for (std::size_t o = 0; o < kColumns; ++o) t.total[r][o] = 0;
}
// `part` holds two vectors in the order of Lanes::two().
void flush(Tile& t, std::size_t rows) {
  for (std::size_t r = 0; r < rows; ++r) {
    std::int32_t* const part = t.part[r];
    Lanes::Sums low = Lanes::load(part), high = Lanes::load(part + Lanes::kWidth);
    Lanes::ordered(low, high);
    Lanes::store(part, low);
    Lanes::store(part + Lanes::kWidth, high);
    for (std::size_t o = 0; o < kColumns; ++o) t.total[r][o] += part[o], part[o] = 0;
  }
}

template <int R>
HONE_INLINE void add_pair(Lanes::Sums (&sum)[R][2], Lanes::Numbers a, Lanes::Numbers b,
                          const std::int16_t* x) {
  const Lanes::Two rows = Lanes::two(a, b);
  HONE_UNROLL for (int r = 0; r < R; ++r)
      Lanes::add(sum[r][0], sum[r][1], rows, x + static_cast<std::size_t>(r) * kSlab);
}

// While L::kDeep rows of W are left. Deeper turns than of a pair are for lanes that multiply by any
// number of a vector.
template <class L, int R>
HONE_INLINE void add_deep(Lanes::Sums (&sum)[R][2], const std::int16_t*& w, const std::int16_t* end,
                          std::size_t columns, const std::int16_t*& x) {
  if constexpr (L::kDeep > 2) {
    const std::size_t deep = L::kDeep * columns;
    for (; static_cast<std::size_t>(end - w) >= deep; w += deep, x += L::kDeep)
      L::add_deep(sum, w, columns, x, kSlab);
  }
}

// The inputs [k, k + pairs * 2) of R samples, widened and side by side in x. An input beyond the
// last is 0, its row of W the last one again.
template <int R>
void add_slab(Tile& t, const std::int16_t* x, const WeightRows& w, std::size_t k, std::size_t c,
              std::size_t pairs, std::size_t last) {
  Lanes::Sums sum[R][2];
  HONE_UNROLL for (int r = 0; r < R; ++r) {
    sum[r][0] = Lanes::load(t.part[r]);
    sum[r][1] = Lanes::load(t.part[r] + Lanes::kWidth);
  }
  std::size_t at = k * w.columns + c, p = 0;
  // Pairs of whole rows whose vectors lie inside W.
  std::size_t whole = k + 1 < last ? (last - k) / 2 : 0;
  if (whole > pairs) whole = pairs;
  while (whole > 0 && !w.is_inside(at + (2 * whole - 1) * w.columns)) --whole;
  const std::int16_t *from = w.w + at, *const end = from + whole * 2 * w.columns;
  add_deep<Lanes>(sum, from, end, w.columns, x);
  for (; from != end; from += 2 * w.columns, x += 2)
    add_pair(sum, Lanes::numbers(from), Lanes::numbers(from + w.columns), x);
  p += whole;
  k += 2 * whole;
  at += 2 * whole * w.columns;
  for (; p < pairs; ++p, k += 2, x += 2) {
    const std::size_t second = k + 1 < last ? at + w.columns : at;
    add_pair(sum, w.any(at), w.any(second), x);
    at += 2 * w.columns;
  }
  HONE_UNROLL for (int r = 0; r < R; ++r) {
    Lanes::store(t.part[r], sum[r][0]);
    Lanes::store(t.part[r] + Lanes::kWidth, sum[r][1]);
  }
}

void widen(std::int16_t (*to)[kSlab], const std::int8_t* x, std::size_t pitch, std::size_t rows,
           std::size_t count) {
  for (std::size_t r = 0; r < rows; ++r, x += pitch) {
    for (std::size_t k = 0; k < count; ++k) to[r][k] = x[k];
    if (count % 2) to[r][count] = 0;
  }
}

template <int R>
HONE_APART std::uint64_t forward_samples(const std::int8_t* x, const WeightRows& w, std::size_t in,
                                         std::size_t sample, const Outputs& outputs) {
  Tile tile[kTiles];
  std::int16_t wide[R][kSlab];
  const std::size_t tiles = outputs.tiles();
  for (std::size_t t = 0; t < tiles; ++t) start(tile[t], R, outputs.quick != nullptr);
  for (std::size_t k = 0; k < in; k += kSlab) {
    const std::size_t count = least_of(in - k, kSlab);
    const bool ends_chunk = (k + kSlab) % kWideChunk == 0 && !outputs.quick;
    widen(wide, x + sample * in + k, in, R, count);
    for (std::size_t t = 0; t < tiles; ++t) {
      add_slab<R>(tile[t], wide[0], w, k, outputs.first + t * kColumns, (count + 1) / 2, in);
      if (ends_chunk) flush(tile[t], R);
    }
  }
  std::uint64_t seen = 0;
  for (std::size_t t = 0; t < tiles; ++t) {
    if (outputs.quick) {
      seen |= outputs.put_short(tile[t].part, t, sample, R);
    } else {
      flush(tile[t], R);
      seen |= outputs.put(tile[t].total, t, sample, R);
    }
  }
  return seen;
}

// One sample: rows of W that meet x = 0 are left out, and any two of the others make a pair.
template <int G>
HONE_INLINE void add_rows(Lanes::Sums (&sum)[G][2], const WeightRows& w, std::size_t a,
                          std::size_t b, const std::int16_t* pair) {
  const bool is_inside = w.is_inside((a > b ? a : b) + (G - 1) * kColumns);
  HONE_UNROLL for (std::size_t g = 0; g < G; ++g) {
    const std::size_t at = g * kColumns;
    const Lanes::Two rows = is_inside ? Lanes::two(w.inside(a + at), w.inside(b + at))
                                      : Lanes::two(w.any(a + at), w.any(b + at));
    Lanes::add(sum[g][0], sum[g][1], rows, pair);
  }
}

// The inputs of one chunk that are not 0.
struct NonZero {
  std::uint16_t row[kWideChunk + 1];
  std::int16_t x[kWideChunk + 1];
  std::size_t count;
};
void find(NonZero& found, const std::int8_t* x, std::size_t n) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < n; ++k) {
    found.row[count] = static_cast<std::uint16_t>(k);
    found.x[count] = x[k];
    count += x[k] != 0;
  }
  found.row[count] = count ? found.row[count - 1] : std::uint16_t{0};
  found.x[count] = 0;  // the other of an odd pair
  found.count = count;
}

template <int G>
HONE_APART void forward_one(std::int64_t* total, const std::int8_t* x, const WeightRows& w,
                            std::size_t in, std::size_t c) {
  for (std::size_t k = 0; k < in; k += kWideChunk) {
    NonZero found;
    find(found, x + k, least_of(in - k, kWideChunk));
    Lanes::Sums sum[G][2];
    HONE_UNROLL for (int g = 0; g < G; ++g) sum[g][0] = sum[g][1] = Lanes::zero();
    for (std::size_t i = 0; i < found.count; i += 2)
      add_rows(sum, w, (k + found.row[i]) * w.columns + c, (k + found.row[i + 1]) * w.columns + c,
               found.x + i);
    for (std::size_t g = 0; g < G; ++g) {
      std::int32_t part[kColumns];
      Lanes::ordered(sum[g][0], sum[g][1]);
      Lanes::store(part, sum[g][0]);
      Lanes::store(part + Lanes::kWidth, sum[g][1]);
      for (std::size_t o = 0; o < kColumns; ++o) total[g * kColumns + o] += part[o];
    }
  }
}

// The largest sum of the sizes of x of a sample.
std::int64_t most_of_samples(const std::int8_t* x, std::size_t n, std::size_t in) {
  std::int64_t most = 0;
  for (std::size_t i = 0; i < n; ++i, x += in) {
    const std::int64_t all = in_chunks(x, in, DenseForward<DenseWeights>::sum_of_sizes);
    if (all > most) most = all;
  }
  return most;
}

// Whether sums of products with numbers whose sizes add up to `most`, with what they start from and
// the rounding, fit 32 bits; how they end.
bool all_fit(ShortEnd& limits, const std::int64_t* start, std::size_t count, std::int64_t most,
             const IntegerOutput& end) {
  const bool is_six = end.act == Activation::relu6 && end.six < 0x7FFFFFFF;
  limits = {end.act == Activation::none ? -0x7FFFFFFF : 0,
            is_six ? static_cast<std::int32_t>(end.six) : 0x7FFFFFFF,
            std::int32_t{1} << (end.shift - 1), end.shift};
  const std::int64_t room = 0x7FFFFFFF - std::int64_t{limits.half} - most * kMaxMantissa16;
  for (std::size_t o = 0; o < count; ++o)
    if ((start[o] < 0 ? -start[o] : start[o]) > room) return false;
  return true;
}

}  // namespace

namespace lanes::integer {

std::uint64_t dense_forward(std::int8_t* y, const std::int8_t* x, const std::int16_t* w,
                            const std::int32_t* bias, int bias_shift, std::size_t n, std::size_t in,
                            std::size_t out, const IntegerOutput& end) {
  std::uint64_t seen = 0;
  using Dense = DenseForward<DenseWeights>;
  const WeightRows rows{w, out, in * out};
  constexpr std::size_t kGroup = 2;  // of tiles, for one sample
  const bool is_one = n == 1;
  const bool may_fit =
      !is_one && !end.sums && end.act != Activation::leaky_relu && is_short_shift(end.shift);
  const std::int64_t most_of_x = may_fit ? most_of_samples(x, n, in) : 0;
  constexpr std::size_t kMostTiles = Dense::kTiles > kTiles ? Dense::kTiles : kTiles;
  const std::size_t most = (is_one               ? kGroup
                            : n >= Dense::kLeast ? Dense::kTiles
                                                 : kTiles) *
                           kColumns;
  std::int64_t start[(kGroup > kMostTiles ? kGroup : kMostTiles) * kColumns] = {};
  for (std::size_t c = 0; c < out; c += most) {
    const std::size_t count = least_of(out - c, most);
    for (std::size_t o = 0; o < count; ++o)
      start[o] = bias ? HONE_LEAF_NS::integer::start_of_sum(bias[c + o], bias_shift) : 0;
    if (is_one) {
      count > kColumns ? forward_one<kGroup>(start, x, rows, in, c)
                       : forward_one<1>(start, x, rows, in, c);
      seen |= put_row(y, c, start, count, end);
    } else {
      ShortEnd limits;
      const bool is_short = may_fit && all_fit(limits, start, count, most_of_x, end);
      const Outputs outputs{y, start, c, count, out, end, is_short ? &limits : nullptr};
      if (n >= Dense::kLeast) {
        seen |= Dense::forward(x, rows, n, in, outputs);
        continue;
      }
      for_rows<Lanes::kTileRows>(n, [&](std::size_t sample, auto height) HONE_LAMBDA {
        seen |= forward_samples<decltype(height)::value>(x, rows, in, sample, outputs);
      });
    }
  }
  return seen;
}

}  // namespace lanes::integer
}  // namespace HONE_LEAF_NS
}  // namespace hone
