#include <doctest/doctest.h>

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <vector>

#include "hone/synth.hpp"

namespace {

using hone::Span;
using hone::Status;
using hone::SynthDomain;
using hone::SynthImage;
using hone::SynthSplit;

constexpr SynthDomain kDomains[] = {SynthDomain::base, SynthDomain::moved};

SynthImage picture(SynthDomain domain, std::uint32_t label, std::uint32_t index) {
  SynthImage image;
  image.domain = domain;
  image.label = label;
  image.index = index;
  return image;
}

std::vector<std::uint8_t> draw(const SynthImage& image, std::uint32_t size = 64) {
  std::vector<std::uint8_t> pixels(std::size_t{size} * size, 7);
  REQUIRE(hone::draw_defect(image, size, {pixels.data(), pixels.size()}) == Status::ok);
  return pixels;
}

// FNV-1a, 64 bits.
std::uint64_t hash_of(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t h = 0xCBF29CE484222325u;
  for (const std::uint8_t b : bytes) h = (h ^ b) * 0x100000001B3u;
  return h;
}

double mean_of(const std::vector<std::uint8_t>& pixels) {
  double sum = 0;
  for (const std::uint8_t p : pixels) sum += p;
  return sum / static_cast<double>(pixels.size());
}

double distance(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(int{a[i]} - int{b[i]});
  return sum / static_cast<double>(a.size());
}

std::vector<double> mean_picture(std::uint32_t label, std::uint32_t count, std::uint32_t size) {
  std::vector<double> mean(std::size_t{size} * size);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto pixels = draw(picture(SynthDomain::base, label, i), size);
    for (std::size_t p = 0; p < mean.size(); ++p) mean[p] += 1.0 * pixels[p] / count;
  }
  return mean;
}

std::uint32_t nearest(const std::vector<std::vector<double>>& means,
                      const std::vector<std::uint8_t>& pixels) {
  std::uint32_t best = 0;
  double least = 1e30;
  for (std::uint32_t label = 0; label < means.size(); ++label) {
    double sum = 0;
    for (std::size_t p = 0; p < pixels.size(); ++p) {
      const double d = pixels[p] - means[label][p];
      sum += d * d;
    }
    if (sum < least) {
      least = sum;
      best = label;
    }
  }
  return best;
}

}  // namespace

TEST_CASE("synth: class names are in the order of sorted folders") {
  for (std::uint32_t i = 1; i < hone::kSynthClasses; ++i) {
    const hone::Text a = hone::kSynthClassNames[i - 1], b = hone::kSynthClassNames[i];
    CHECK(std::string(a.data, a.size) < std::string(b.data, b.size));
  }
}

TEST_CASE("synth: every class and domain draws its golden bytes") {
  constexpr std::uint64_t kGolden[2][hone::kSynthClasses] = {
      {0x761BBBC3DD6ABFEFu, 0xB6871E4996AD5F1Eu, 0xCC50786917EBADCBu, 0x20B5758755954CE1u,
       0x3A5079B1A6A1B693u, 0x269B0E3C4746706Bu},
      {0x1E900DEFFDC2D181u, 0x909E14D06AFFAC39u, 0xEFEF67B41CA10D25u, 0x4EE5EFFD2C7D063Au,
       0x041366DC803BF37Eu, 0x4B3CFE0C05AEC950u}};
  for (const SynthDomain domain : kDomains) {
    for (std::uint32_t label = 0; label < hone::kSynthClasses; ++label) {
      CAPTURE(static_cast<int>(domain));
      CAPTURE(label);
      std::vector<std::uint8_t> all;
      for (std::uint32_t index = 0; index < 4; ++index) {
        const auto pixels = draw(picture(domain, label, index));
        all.insert(all.end(), pixels.begin(), pixels.end());
      }
      CHECK(hash_of(all) == kGolden[static_cast<int>(domain)][label]);
    }
  }
}

TEST_CASE("synth: a picture depends on nothing drawn before it") {
  const SynthImage image = picture(SynthDomain::base, 1, 5);
  const auto first = draw(image);
  draw(picture(SynthDomain::moved, 3, 9), 17);
  CHECK(draw(image) == first);
}

TEST_CASE("synth: seed, domain, split, class and index each give another picture") {
  for (std::uint32_t label = 0; label < hone::kSynthClasses; ++label) {
    CAPTURE(label);
    const SynthImage image = picture(SynthDomain::base, label, 0);
    const auto first = draw(image);
    SynthImage other = image;
    other.seed = 2;
    CHECK(draw(other) != first);
    other = image;
    other.seed = 1 + (std::uint64_t{1} << 32);
    CHECK(draw(other) != first);
    other = image;
    other.domain = SynthDomain::moved;
    CHECK(draw(other) != first);
    other = image;
    other.split = SynthSplit::test;
    CHECK(draw(other) != first);
    other = image;
    other.label = (label + 1) % hone::kSynthClasses;
    CHECK(draw(other) != first);
    other = image;
    other.index = 1;
    CHECK(draw(other) != first);
  }
}

TEST_CASE("synth: every size shows the same scene") {
  // Halved, the larger picture differs from the smaller one by pixel noise and sharpness only;
  // two pictures of one class differ by more than twice that.
  for (const SynthDomain domain : kDomains) {
    for (std::uint32_t label = 0; label < hone::kSynthClasses; ++label) {
      CAPTURE(label);
      const auto large = draw(picture(domain, label, 2), 128);
      std::vector<std::uint8_t> halved(64 * 64);
      for (std::size_t y = 0; y < 64; ++y) {
        for (std::size_t x = 0; x < 64; ++x) {
          const std::uint8_t* p = &large[2 * y * 128 + 2 * x];
          halved[y * 64 + x] = static_cast<std::uint8_t>((p[0] + p[1] + p[128] + p[129] + 2) / 4);
        }
      }
      const double same = distance(halved, draw(picture(domain, label, 2)));
      CHECK(same < 4.0);
      CHECK(distance(halved, draw(picture(domain, label, 3))) > 2 * same);
    }
  }
}

TEST_CASE("synth: sizes from the smallest on, odd ones too, are pictures with contrast") {
  const std::uint32_t sizes[] = {hone::kSynthMinSize, 17, 64, 96, 201};
  for (const std::uint32_t size : sizes) {
    CAPTURE(size);
    for (std::uint32_t label = 0; label < hone::kSynthClasses; ++label) {
      const auto pixels = draw(picture(SynthDomain::base, label, 0), size);
      const double mean = mean_of(pixels);
      CHECK(mean > 90);
      CHECK(mean < 170);
      CHECK(distance(pixels, std::vector<std::uint8_t>(pixels.size(),
                                                       static_cast<std::uint8_t>(mean))) > 2.0);
    }
  }
}

TEST_CASE("synth: the largest size is drawn to its last pixel") {
  const auto pixels = draw(picture(SynthDomain::base, 0, 0), hone::kSynthMaxSize);
  CHECK(pixels.back() > 60);
  CHECK(pixels.front() > 60);
}

TEST_CASE("synth: bad arguments are refused and leave the pixels alone") {
  std::vector<std::uint8_t> pixels(64 * 64, 7);
  const std::vector<std::uint8_t> before = pixels;
  const Span<std::uint8_t> out(pixels.data(), pixels.size());
  const SynthImage good = picture(SynthDomain::base, 0, 0);
  SynthImage bad = good;
  bad.label = hone::kSynthClasses;
  CHECK(hone::draw_defect(bad, 64, out) == Status::bad_argument);
  bad = good;
  bad.index = hone::kSynthMaxImages;
  CHECK(hone::draw_defect(bad, 64, out) == Status::bad_argument);
  bad = good;
  bad.domain = static_cast<SynthDomain>(2);
  CHECK(hone::draw_defect(bad, 64, out) == Status::bad_argument);
  bad = good;
  bad.split = static_cast<SynthSplit>(2);
  CHECK(hone::draw_defect(bad, 64, out) == Status::bad_argument);
  CHECK(hone::draw_defect_pgm(bad, 64, out) == Status::bad_argument);
  CHECK(hone::draw_defect(good, 0, {}) == Status::bad_argument);
  CHECK(hone::draw_defect(good, hone::kSynthMinSize - 1, out) == Status::bad_argument);
  CHECK(hone::draw_defect(good, hone::kSynthMaxSize + 1, out) == Status::bad_argument);
  CHECK(hone::draw_defect(good, 63, out) == Status::bad_shape);
  CHECK(hone::draw_defect(good, 64, out.sub(0, out.size - 1)) == Status::bad_shape);
  CHECK(hone::draw_defect_pgm(good, 64, out) == Status::bad_shape);
  CHECK(pixels == before);
}

TEST_CASE("synth: a PGM file is the header and the pixels") {
  for (const std::uint32_t size : {17u, 64u, 100u}) {
    const SynthImage image = picture(SynthDomain::moved, 4, 1);
    std::vector<std::uint8_t> file(hone::synth_pgm_bytes(size));
    REQUIRE(hone::draw_defect_pgm(image, size, {file.data(), file.size()}) == Status::ok);
    const std::string side = std::to_string(size);
    const std::string header = "P5\n" + side + " " + side + "\n255\n";
    CHECK(hone::synth_pgm_header_bytes(size) == header.size());
    const auto split = file.begin() + static_cast<std::ptrdiff_t>(header.size());
    CHECK(std::string(file.begin(), split) == header);
    CHECK(std::vector<std::uint8_t>(split, file.end()) == draw(image, size));
  }
  static_assert(hone::synth_pgm_header_bytes(1024) == 17, "P5, 1024 1024, 255 and three newlines");
}

TEST_CASE("synth: brightness does not tell the class") {
  for (const SynthDomain domain : kDomains) {
    double least = 255, most = 0;
    for (std::uint32_t label = 0; label < hone::kSynthClasses; ++label) {
      double sum = 0;
      for (std::uint32_t i = 0; i < 200; ++i) sum += mean_of(draw(picture(domain, label, i), 16));
      least = sum / 200 < least ? sum / 200 : least;
      most = sum / 200 > most ? sum / 200 : most;
    }
    CHECK(most - least < 4.0);  // one class alone varies by more than 30 grey levels
  }
}

TEST_CASE("synth: the moved domain is darker and lit from the right") {
  double base = 0, moved = 0, left = 0, right = 0;
  for (std::uint32_t i = 0; i < 50; ++i) {
    base += mean_of(draw(picture(SynthDomain::base, 0, i), 16)) / 50;
    const auto pixels = draw(picture(SynthDomain::moved, 0, i), 16);
    moved += mean_of(pixels) / 50;
    for (std::size_t p = 0; p < pixels.size(); ++p) (p % 16 < 8 ? left : right) += pixels[p];
  }
  CHECK(moved < base - 15);
  CHECK(right > left * 1.1);
}

TEST_CASE("synth: the nearest mean picture, a linear rule, stays far below 60 %") {
  constexpr std::uint32_t kSize = 32, kTrain = 100, kTest = 50;
  std::vector<std::vector<double>> means;
  for (std::uint32_t label = 0; label < hone::kSynthClasses; ++label)
    means.push_back(mean_picture(label, kTrain, kSize));
  std::uint32_t right = 0;
  for (std::uint32_t label = 0; label < hone::kSynthClasses; ++label) {
    for (std::uint32_t i = 0; i < kTest; ++i) {
      SynthImage image = picture(SynthDomain::base, label, i);
      image.split = SynthSplit::test;
      right += nearest(means, draw(image, kSize)) == label;
    }
  }
  CHECK(right * 100 <= 40 * kTest * hone::kSynthClasses);
}
