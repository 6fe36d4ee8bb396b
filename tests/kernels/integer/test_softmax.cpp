#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "exact.hpp"
#include "guarded.hpp"
#include "ports/dispatch.hpp"

using namespace hone_test;
using hone::Kernels;

namespace {

using Logits = std::vector<std::int64_t>;

// 2^bits * x to the nearest; x is nowhere near a tie.
Wide table_entry(double x, int bits) { return static_cast<Wide>(std::lround(std::ldexp(x, bits))); }

Wide floored(Wide x, Wide by) { return (x - ((x % by) + by) % by) / by; }

// d * 2^e * log2(e) in units of 2^-16, rounded down, at most 31 octaves.
Wide exact_octaves(Wide d, int e) {
  const Wide most = 31 * 65536;
  if (d == 0) return 0;
  if (e + 2 > 64) return most;
  const Wide t = e + 2 > 0 ? limited(d, two_to(40)) * 23637 * two_to(e + 2)
                           : floored(d * 23637, two_to(-(e + 2)));
  return t > most ? most : t;
}

struct ExactSoftmax {
  std::vector<Wide> t, part;
  std::vector<std::int32_t> p;
  Wide sum = 0;

  ExactSoftmax(const Logits& z, int e) {
    Wide most = z[0];
    for (const std::int64_t v : z) most = v > most ? Wide{v} : most;
    for (const std::int64_t v : z) {
      t.push_back(exact_octaves(most - v, e));
      const Wide octave = t.back() / 65536, within = t.back() % 65536, i = within / 2048;
      const Wide from = table_entry(std::exp2(-static_cast<double>(i) / 32), 15);
      const Wide to = table_entry(std::exp2(-static_cast<double>(i + 1) / 32), 15);
      const Wide fall = floored(2 * (from - to) * (within % 2048) + 1024, 2048);
      part.push_back((2 * from - fall) / two_to(static_cast<int>(octave)));
      sum += part.back();
    }
    for (const Wide v : part) p.push_back(static_cast<std::int32_t>((v * 32768 + sum / 2) / sum));
  }
  // The loss of a label by the formula, in units of 2^-16.
  double loss(std::size_t label) const {
    return std::log(2.0) *
           (65536 * std::log2(static_cast<double>(sum) / 65536) + static_cast<double>(t[label]));
  }
};

Logits random_logits(std::size_t classes, std::int64_t most, std::uint32_t seed) {
  hone::Stream stream(seed);
  Logits z(classes);
  for (std::int64_t& v : z) {
    const std::uint64_t high = stream.next32(), word = high << 32 | stream.next32();
    v = static_cast<std::int64_t>(word % (2 * static_cast<std::uint64_t>(most) + 1)) - most;
  }
  return z;
}

void check_loss(std::int64_t loss, double want) {
  CHECK(std::abs(static_cast<double>(loss) - want) <= std::max(16.0, 1e-3 * want));
}

constexpr std::size_t kClasses[] = {1, 2, 3, 10, 64, 65, 1000};

}  // namespace

TEST_CASE("integer softmax: the table's powers of two, exactly, at any exponent") {
  for (const Kernels* port : hone::available_kernels())
    for (const std::size_t classes : kClasses)
      for (const int bits : {0, 1, 3, 8, 15, 20, 33, 47, 60, 61})
        for (int e = -130; e <= 70; e += e > -64 && e < 32 ? 1 : 7) {
          CAPTURE(port->name);
          CAPTURE(classes);
          CAPTURE(bits);
          CAPTURE(e);
          if (classes == 1000 && e % 5 != 0) continue;
          const Logits z = random_logits(classes, std::int64_t{1} << bits,
                                         static_cast<std::uint32_t>(bits * 1000 + e + 200));
          const ExactSoftmax want(z, e);
          Guarded<std::int32_t> p(classes), all(classes);
          for (std::size_t i = 0; i < classes; ++i) all[i] = want.p[i];
          const std::size_t label = classes / 2;
          const std::int64_t loss =
              port->integer->softmax(p, z.data(), classes, e, static_cast<std::uint32_t>(label));
          CHECK(p == all);
          check_loss(loss, want.loss(label));
        }
}

TEST_CASE("integer softmax: every fraction of every octave") {
  for (const Kernels* port : hone::available_kernels()) {
    // e = -20, d < 2^23: t passes every value below 12 octaves but a few.
    std::int32_t last = 32768;
    for (std::int64_t d = 0; d < (1 << 23); d += 11) {
      const Logits z = {0, -d};
      std::int32_t p[2];
      const std::int64_t loss = port->integer->softmax(p, z.data(), 2, -20, 1);
      const double x = std::ldexp(static_cast<double>(d), -20), other = 1 / (1 + std::exp(x));
      bool good = std::abs(p[1] / 32768.0 - other) < 0x1p-12 && p[1] <= last &&
                  p[0] + p[1] >= 32767 && p[0] + p[1] <= 32769;
      const double true_loss = std::log1p(std::exp(x));
      good = good && std::abs(static_cast<double>(loss) / 65536 - true_loss) <
                         std::max(0x1p-12, 1e-3 * true_loss);
      last = p[1];
      if (!good) FAIL_CHECK("d = ", d);
    }
  }
}

TEST_CASE("integer softmax: near the true one, monotone, of sum 1") {
  for (const Kernels* port : hone::available_kernels())
    for (const std::size_t classes : kClasses)
      for (const int e : {-60, -40, -27, -20, -12, -4, 0})
        for (const double spread : {0.1, 1.0, 5.0, 20.0})
          for (std::uint32_t seed = 0; seed < 10; ++seed) {
            CAPTURE(port->name);
            CAPTURE(classes);
            CAPTURE(e);
            const double most = std::ldexp(spread, -e);
            if (most < 1 || most > 0x1p61) continue;
            const Logits z = random_logits(classes, static_cast<std::int64_t>(most), seed);
            std::int64_t top = z[0];
            for (const std::int64_t v : z) top = std::max(top, v);
            std::vector<double> part;
            double sum = 0;
            for (const std::int64_t v : z) {
              part.push_back(std::exp(std::ldexp(static_cast<double>(v - top), e)));
              sum += part.back();
            }
            std::vector<std::int32_t> p(classes);
            const std::size_t label = seed % classes;
            const std::int64_t loss = port->integer->softmax(p.data(), z.data(), classes, e,
                                                             static_cast<std::uint32_t>(label));
            std::int64_t all = 0;
            bool near = true, monotone = true;
            for (std::size_t i = 0; i < classes; ++i) {
              all += p[i];
              near = near && std::abs(p[i] / 32768.0 - part[i] / sum) < 0x1p-12;
              for (std::size_t j = 0; j < classes; j += 7)
                monotone = monotone && (z[i] >= z[j] || p[i] <= p[j]);
            }
            CHECK(near);
            CHECK(monotone);
            CHECK(std::abs(all - 32768) <= static_cast<std::int64_t>(classes));
            // A tail of many classes loses up to a unit of 2^-16 each.
            const double want = std::log(sum) - std::ldexp(static_cast<double>(z[label] - top), e);
            if (spread <= 5.0)
              CHECK(std::abs(static_cast<double>(loss) / 65536 - want) <=
                    std::max(0x1p-12, 1e-3 * want));
          }
}

TEST_CASE("integer softmax: logits far apart, and of the largest magnitude") {
  const std::int64_t huge = std::int64_t{1} << 60;
  for (const Kernels* port : hone::available_kernels())
    for (int e = -60; e <= 30; ++e) {
      CAPTURE(e);
      std::int32_t p[3];
      const Logits z = {-huge, huge, -huge};
      const std::int64_t loss = port->integer->softmax(p, z.data(), 3, e, 0);
      // 2^61 * 2^e below; 31 octaves are the most that are looked at.
      const double below = std::min(std::ldexp(1.0, 61 + e), 31 * std::log(2.0));
      const double sum = 1 + 2 * std::exp(-below);
      CHECK(std::abs(p[1] / 32768.0 - 1 / sum) < 0x1p-12);
      CHECK(p[0] == p[2]);
      check_loss(loss, 65536 * (below + std::log(sum)));
      CHECK(port->integer->softmax(p, z.data(), 3, e, 1) < loss);
    }
}

TEST_CASE("integer softmax: equal logits share alike") {
  for (const Kernels* port : hone::available_kernels())
    for (const std::size_t classes : {std::size_t{1}, std::size_t{4}, std::size_t{1000},
                                      std::size_t{32767}, std::size_t{65535}})
      for (const std::int64_t v :
           {std::int64_t{0}, std::int64_t{-5}, hone::kMaxSum, -hone::kMaxSum}) {
        const Logits z(classes, v);
        std::vector<std::int32_t> p(classes);
        const std::int64_t loss = port->integer->softmax(p.data(), z.data(), classes, -30, 0);
        bool good = true;
        for (const std::int32_t share : p)
          good = good && share == static_cast<std::int32_t>((65536 / classes + 1) / 2);
        CHECK(good);
        check_loss(loss, 65536 * std::log(static_cast<double>(classes)));
      }
}
