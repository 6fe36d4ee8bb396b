#include "hone/sha256.hpp"
#include "hone/trainer.hpp"

namespace hone {

namespace {

template <class T>
void update(Sha256& hash, Span<T> t) {
  hash.update({reinterpret_cast<const std::uint8_t*>(t.data), t.size * sizeof(T)});
}

}  // namespace

void weights_sha256(const Trainer& trainer, std::uint8_t (&digest)[32]) {
  Sha256 hash;
  const bool is_integer = trainer.program().numeric == Numeric::w16a8;
  for (int i = 1; i < trainer.program().n; ++i) {
    if (!is_integer) {
      update(hash, trainer.weights(i));
      update(hash, trainer.biases(i));
    } else if (trainer.program().layer[i].weights) {
      update(hash, trainer.weight_mantissas(i));
      const std::uint8_t e = static_cast<std::uint8_t>(trainer.weight_scale(i).e);
      hash.update({&e, 1});
      update(hash, trainer.bias_mantissas(i));
      const std::uint8_t bias = static_cast<std::uint8_t>(kBiasExponent);
      hash.update({&bias, 1});
    }
  }
  hash.finish(digest);
}

}  // namespace hone
