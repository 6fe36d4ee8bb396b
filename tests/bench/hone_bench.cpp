// Trains and times one workload of the protocol in README.md.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "hone/sampler.hpp"
#include "hone/trainer.hpp"
#include "tests/bench/image_set.hpp"
#include "tests/bench/process_use.hpp"
#include "tests/bench/quantile.hpp"
#include "tests/bench/workloads.hpp"

namespace hone::bench {
namespace {

constexpr std::uint64_t kSeed = 1;

struct Arguments {
  const Workload* work = nullptr;
  bool least_memory = false, integers = false;
  std::uint32_t train = 0, epochs = 0, test = 0;  // 0: all of the workload
};

/// Rates of equal pieces of work, in samples per second.
struct Rates {
  std::vector<double> cpu, wall;

  template <class Work>
  void measure(std::uint32_t samples, bool keep, Work work) {
    const double cpu_begin = cpu_seconds(), wall_begin = wall_seconds();
    work();
    const double c = cpu_seconds() - cpu_begin, w = wall_seconds() - wall_begin;
    if (!keep) return;
    cpu.push_back(samples / c);
    wall.push_back(samples / w);
  }
};

[[noreturn]] void stop(const std::string& line) {
  std::fprintf(stderr, "hone_bench: %s\n", line.c_str());
  std::exit(2);
}

class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : work_(*arguments.work),
        name_(arguments.integers       ? "hone-w16a8"
              : arguments.least_memory ? "hone-least"
                                       : "hone"),
        job_(arguments.integers       ? work_.integer_job
             : arguments.least_memory ? work_.least_job
                                      : work_.job),
        program_(job_.program) {
    const char* const folder = std::getenv("PB_DATA");
    const std::string prefix = std::string(folder ? folder : "data") + "/" + work_.data;
    std::string error;
    if (!train_.load(prefix + "train", &error) || !test_.load(prefix + "t10k", &error)) stop(error);
    if (train_.pixels() != program_.inputs || test_.pixels() != program_.inputs)
      stop(prefix + ": expected images of " + std::to_string(program_.inputs) + " pixels");
    train_samples_ = at_most(arguments.train, train_.size());
    test_samples_ = at_most(arguments.test, test_.size());
    epochs_ = arguments.epochs ? arguments.epochs : static_cast<std::uint32_t>(work_.epochs);
  }

  void run() {
    const long data_kb = resident_kb();
    start();
    const double before = accuracy(at_most(1000, test_samples_));
    Rates training, inference;
    for (std::uint32_t epoch = 1; epoch <= epochs_; ++epoch) train(epoch, &training);
    const double after = accuracy(test_samples_);
    for (std::uint32_t repeat = 0; repeat < 9; ++repeat) infer(repeat, &inference);
    const long peak_kb = peak_resident_kb();
    std::printf(
        "RESULT peer=%s work=%s batch=%u train=%u epochs=%u train_sps=%.0f p10=%.0f p90=%.0f "
        "train_sps_wall=%.0f infer1_sps=%.0f infer1_p90=%.0f acc_before=%.4f acc=%.4f "
        "rss_data_kb=%ld rss_peak_kb=%ld rss_net_kb=%ld port=%s arena_bytes=%u micro=%u\n",
        name_, work_.name, program_.batch, train_samples_, epochs_, median(training.cpu),
        quantile(training.cpu, 0.1), quantile(training.cpu, 0.9), median(training.wall),
        median(inference.cpu), quantile(inference.cpu, 0.9), before, after, data_kb, peak_kb,
        peak_kb - data_kb, trainer_.kernels().name, program_.bytes, program_.micro);
  }

 private:
  static std::uint32_t at_most(std::uint32_t asked, std::uint32_t there) {
    return asked && asked < there ? asked : there;
  }

  void start() {
    constexpr std::size_t kCacheLine = 64;
    arena_.resize(program_.bytes + kCacheLine);
    const std::size_t off = reinterpret_cast<std::uintptr_t>(arena_.data()) % kCacheLine;
    check(trainer_.init(job_, {arena_.data() + (kCacheLine - off), program_.bytes}, kSeed));
    const char* const lr = std::getenv("PB_LR");
    if (lr) check(trainer_.set_learning_rate(std::strtof(lr, nullptr)));
    if (program_.numeric == w16a8) prepare_mantissas();
    // A part of the training set is a random one.
    subset_.resize(train_.size());
    epoch_order({subset_.data(), subset_.size()}, kSeed, 0);
    subset_.resize(train_samples_);
    order_ = subset_;
  }

  static void check(Status s) {
    if (s != Status::ok) stop(to_string(s));
  }

  void load(const ImageSet& set, std::uint32_t sample, float* x) const {
    scale_pixels(x, set.image(sample), program_.inputs, work_.scale);
  }
  void load(const ImageSet& set, std::uint32_t sample, std::int8_t* x) const {
    const std::uint8_t* const from = set.image(sample);
    const std::size_t n = program_.inputs;  // a store to x might change the member
    if (is_plain_) {
      for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<std::int8_t>(from[i] >> 1);
    } else {
      for (std::size_t i = 0; i < n; ++i) x[i] = mantissa_[from[i]];
    }
  }
  /// Pixels as the contract has them: halved, or scaled and in units of 1/32.
  void prepare_mantissas() {
    is_plain_ = work_.scale.centre == 0 && work_.scale.factor == 1;
    check(trainer_.set_input_exponent(is_plain_ ? -7 : -5));
    for (int p = 0; p < 256 && !is_plain_; ++p) {
      const std::uint8_t pixel = static_cast<std::uint8_t>(p);
      float x = 0;
      scale_pixels(&x, &pixel, 1, work_.scale);
      mantissa_[p] = static_cast<std::int8_t>(static_cast<int>(x * 32 + 128.5f) - 128);
    }
  }

  /// The order of an epoch jumps through memory, so that no prefetcher sees the next image come:
  /// asked for two ahead, a Fashion-MNIST image takes 0.17 us instead of 0.44 us.
  void expect(std::size_t place) const {
    constexpr std::size_t kAhead = 2, kCacheLine = 64;
    if (place + kAhead >= order_.size()) return;
    const std::uint8_t* const image = train_.image(order_[place + kAhead]);
    for (std::size_t i = 0; i < program_.inputs; i += kCacheLine) __builtin_prefetch(image + i);
  }

  /// A FillSamples function: the batch begins at place begin_ of the epoch.
  static Status fill(void* context, std::uint32_t first, std::uint32_t n, const Samples& to) {
    const Bench& self = *static_cast<const Bench*>(context);
    const std::size_t begin = self.begin_ + first;
    for (std::size_t i = 0; i < n; ++i) {
      self.expect(begin + i);
      const std::uint32_t sample = self.order_[begin + i];
      if (to.x) self.load(self.train_, sample, to.x + i * self.program_.inputs);
      if (to.x_mantissas) self.load(self.train_, sample, to.x_mantissas + i * self.program_.inputs);
      to.labels[i] = self.train_.label(sample);
    }
    return Status::ok;
  }

  void shuffle(std::uint32_t epoch) {
    std::vector<std::uint32_t> place(subset_.size());
    epoch_order({place.data(), place.size()}, kSeed, epoch);
    for (std::size_t i = 0; i < place.size(); ++i) order_[i] = subset_[place[i]];
  }

  /// Whole eighths of an epoch are timed.
  void train(std::uint32_t epoch, Rates* rates) {
    shuffle(epoch);
    const std::uint32_t batch = program_.batch, eighth = train_samples_ / 8 / batch * batch;
    const std::uint32_t chunk = eighth ? eighth : batch;
    for (std::uint32_t from = 0; from < train_samples_; from += chunk) {
      const std::uint32_t here = at_most(chunk, train_samples_ - from);
      rates->measure(here, here == chunk, [&] { train_chunk(from, from + here); });
    }
  }

  void train_chunk(std::uint32_t from, std::uint32_t to) {
    StepResult result;
    for (begin_ = from; begin_ < to; begin_ += program_.batch)
      check(trainer_.step(at_most(program_.batch, to - begin_), fill, this, result));
  }

  std::uint32_t classify(std::uint32_t i) {
    if (program_.numeric == w16a8) {
      load(test_, i, trainer_.input_mantissas());
    } else {
      load(test_, i, trainer_.input());
    }
    check(trainer_.predict(1));
    return trainer_.best_class(0);
  }

  double accuracy(std::uint32_t n) {
    std::uint32_t correct = 0;
    for (std::uint32_t i = 0; i < n; ++i) correct += classify(i) == test_.label(i);
    return static_cast<double>(correct) / n;
  }

  void infer(std::uint32_t repeat, Rates* rates) {
    const std::uint32_t tenth = test_samples_ / 10, n = tenth < 50 ? 50 : tenth;
    volatile std::uint32_t last = 0;
    rates->measure(n, true, [&] {
      for (std::uint32_t i = 0; i < n; ++i) last = classify((repeat * n + i) % test_.size());
    });
    (void)last;
  }

  const Workload& work_;
  const char* name_;
  const JobView job_;
  const ProgramView& program_;
  ImageSet train_, test_;
  std::uint32_t train_samples_, test_samples_, epochs_;
  std::vector<std::uint8_t> arena_;
  Trainer trainer_;
  std::int8_t mantissa_[256] = {};
  bool is_plain_ = false;  // pixels are halved
  std::vector<std::uint32_t> subset_, order_;
  std::uint32_t begin_ = 0;
};

std::uint32_t count_of(const char* word) {
  return static_cast<std::uint32_t>(std::strtoul(word, nullptr, 10));
}

}  // namespace
}  // namespace hone::bench

int main(int count, char** words) {
  using namespace hone::bench;
  if (count < 2 || count > 5)
    stop("usage: hone_bench WORKLOAD [train_samples] [epochs] [test_samples]");
  Arguments arguments;
  arguments.work = find_workload(words[1]);
  const char* const least = std::getenv("HONE_BENCH_LEAST");
  arguments.least_memory = least && std::string(least) == "1";
  const char* const numeric = std::getenv("HONE_BENCH_NUMERIC");
  arguments.integers = numeric && std::string(numeric) == "w16a8";
  if (!arguments.work) stop(std::string("unknown workload ") + words[1]);
  if (count > 2) arguments.train = count_of(words[2]);
  if (count > 3) arguments.epochs = count_of(words[3]);
  if (count > 4) arguments.test = count_of(words[4]);
  Bench(arguments).run();
}
