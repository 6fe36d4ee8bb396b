#include <cstring>

#include "hone/checkpoint.hpp"

namespace hone {
namespace {

constexpr std::size_t kDigits = 20;

// Hone's own entries and then the caller's, for the writer to ask for one at a time.
class MetadataList {
 public:
  explicit MetadataList(const CheckpointInfo& info) : info_(info) {
    format(info.step, step_);
    format(info.epoch, epoch_);
    format(info.seed, seed_);
  }

  ListOf<MetadataEntry> list() const { return {this, kOwn + info_.extra.size, &entry}; }

 private:
  static constexpr std::size_t kOwn = 11;

  static void format(std::uint64_t value, char (&digits)[kDigits]) {
    for (std::size_t i = kDigits; i-- > 0; value /= 10) {
      digits[i] = static_cast<char>('0' + value % 10);
    }
  }

  static MetadataEntry entry(const void* context, std::size_t i) {
    const MetadataList& self = *static_cast<const MetadataList*>(context);
    switch (i) {
      case 0:
        return {"format", kCheckpointFormat};
      case 1:
        return {"contract", kCheckpointContract};
      case 2:
        return {"numeric", word_of(self.info_.numeric)};
      case 3:
        return {"layout", kCheckpointLayout};
      case 4:
        return {"model", self.info_.model};
      case 5:
        return {"classes", self.info_.classes};
      case 6:
        return {"normalise", self.info_.normalise};
      case 7:
        return {"settings", self.info_.settings};
      case 8:
        return {"step", Text(self.step_, kDigits)};
      case 9:
        return {"epoch", Text(self.epoch_, kDigits)};
      case 10:
        return {"seed", Text(self.seed_, kDigits)};
      default:
        return self.info_.extra[i - kOwn];
    }
  }

  const CheckpointInfo& info_;
  char step_[kDigits], epoch_[kDigits], seed_[kDigits];
};

bool is_finite(Bytes f32) {
  for (std::size_t i = 0; i + 4 <= f32.size; i += 4) {
    std::uint32_t u = 0;
    std::memcpy(&u, f32.data + i, sizeof u);
    if ((u & 0x7F800000u) == 0x7F800000u) return false;
  }
  return true;
}

}  // namespace

Status checkpoint_bytes(const CheckpointInfo& info, ListOf<TensorEntry> tensors,
                        std::uint64_t& bytes) {
  const MetadataList metadata(info);
  return safetensors_bytes(metadata.list(), tensors, bytes);
}

Status write_checkpoint(const CheckpointInfo& info, ListOf<TensorEntry> tensors, Sink sink) {
  const MetadataList metadata(info);
  for (std::size_t i = 0; i < tensors.count; ++i) {
    const TensorEntry t = tensors[i];
    if (t.dtype == Dtype::f32 && !is_finite(t.data)) return Status::not_finite;
  }
  return write_safetensors(metadata.list(), tensors, sink);
}

}  // namespace hone
