#include "learn.hpp"

#include "sensor_set.hpp"
#include "text.hpp"

namespace {

constexpr std::uint32_t kBatch = 8;

/// The samples of a batch: order[first], order[first + 1] and so on of a set.
struct Batch {
  const sensor::View& from;
  const std::uint16_t* order;  ///< null: as they lie
  std::uint32_t first;
};

hone::Status fill(void* context, std::uint32_t first, std::uint32_t n, const hone::Samples& to) {
  const Batch& batch = *static_cast<const Batch*>(context);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t place = batch.first + first + i;
    const std::uint32_t s = batch.order ? batch.order[place] : place;
    const std::int8_t* const reading = batch.from.x[s];
    for (std::uint32_t c = 0; c < sensor::kChannels; ++c) {
      const std::uint32_t at = i * sensor::kChannels + c;
      if (to.x_mantissas) {
        to.x_mantissas[at] = reading[c];
      } else {
        to.x[at] = static_cast<float>(reading[c]) * 0x1p-6f;
      }
    }
    to.labels[i] = batch.from.label[s];
  }
  return hone::Status::ok;
}

struct Score {
  float loss = 0;
  std::uint32_t correct = 0, of = 0;
  bool ok = true;
};
Score score(hone::Trainer& trainer, const sensor::View& set) {
  hone::Evaluation sums;
  Score s;
  for (std::uint32_t first = 0; first < set.n; first += kBatch) {
    Batch batch{set, nullptr, first};
    s.ok = s.ok && trainer.evaluate(kBatch, fill, &batch, sums) == hone::Status::ok;
  }
  s.loss = static_cast<float>(sums.mean_loss());
  s.correct = static_cast<std::uint32_t>(sums.correct);
  s.of = set.n;
  return s;
}

bool train(hone::Trainer& trainer, const sensor::View& set, std::uint32_t epochs) {
  static std::uint16_t order[512];
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    for (std::uint32_t i = 0; i < set.n; ++i) order[i] = static_cast<std::uint16_t>(i);
    hone::shuffle(order, set.n, hone::Stream(42, hone::Purpose::shuffle, epoch, 0, 0));
    for (std::uint32_t first = 0; first < set.n; first += kBatch) {
      Batch batch{set, order, first};
      hone::StepResult result;
      if (trainer.step(kBatch, fill, &batch, result) != hone::Status::ok) return false;
    }
  }
  return true;
}

void tell(const char* when, const Score& s) {
  text::print(when);
  text::print("loss ");
  text::print_decimal(s.loss);
  text::print(", ");
  text::print(s.correct);
  text::print(" of ");
  text::print(s.of);
  text::print(" right\n");
}

void tell_hash(const char* whose, const hone::Trainer& trainer) {
  std::uint8_t digest[32];
  hone::weights_sha256(trainer, digest);
  text::print(whose);
  text::print_hex({digest, sizeof digest});
  text::print("\n");
}

}  // namespace

int learn(const hone::JobView& job, hone::Span<std::uint8_t> ram) {
  hone::Trainer trainer;
  if (trainer.init(job, ram, 42) != hone::Status::ok) return 1;
  if (trainer.set_input_exponent(-6) != hone::Status::ok)
    return 1;  // readings are in units of 1/64
  text::print("training in ");
  text::print(static_cast<std::uint32_t>(job.program.bytes));
  text::print(" bytes\n");

  const Score fresh = score(trainer, sensor::kTest);
  tell("before training:    ", fresh);
  if (!train(trainer, sensor::kTraining, 10)) return 1;
  const Score trained = score(trainer, sensor::kTest);
  tell("after 640 steps:    ", trained);
  tell_hash("weights sha256      ", trainer);

  const Score moved = score(trainer, sensor::kMovedTest);
  tell("another sensor:     ", moved);
  if (!train(trainer, sensor::kMovedTraining, 10)) return 1;
  const Score tuned = score(trainer, sensor::kMovedTest);
  tell("fine-tuned, 320:    ", tuned);
  tell_hash("weights sha256      ", trainer);

  const bool ok = fresh.ok && trained.ok && moved.ok && tuned.ok;
  const bool learned = trained.correct * 10 > trained.of * 8 && trained.loss < fresh.loss / 2;
  return ok && learned && tuned.correct > moved.correct ? 0 : 2;
}
