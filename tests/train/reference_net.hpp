#pragma once
#include <cstdint>
#include <vector>

#include "hone/model.hpp"
#include "samples.hpp"

namespace hone_test {

/// The training step from the textbook, in double precision: sample by sample, channel-first maps,
/// no code or order of summation shared with the library. It takes from the library the specs of a
/// model and the layout of the parameters.
class ReferenceNet {
 public:
  explicit ReferenceNet(hone::ModelView model);

  struct Tensors {
    std::vector<std::vector<double>> weight, bias;  ///< by layer; empty where there is none
  };
  struct Mode {
    bool training = true;
    std::uint64_t seed = 0, step = 0;  ///< of the dropout streams
  };

  int layers() const { return n_; }
  std::uint32_t outputs() const;
  /// All parameters in model order, weight before bias, from and to one array.
  void load(const std::vector<float>& parameters);
  std::vector<double> flat(const Tensors& t) const;

  /// Mean loss over samples first .. first + n, and its gradient if `gradient` is given.
  double loss(const SampleSet& set, std::uint32_t first, std::uint32_t n, const Mode& mode,
              Tensors* gradient = nullptr) const;

  Tensors parameters;

 private:
  struct Map {
    int c = 0, h = 0, w = 0;
    std::vector<double> v;
    void resize(int channels, int height, int width);
    double& at(int ch, int y, int x);
    double at(int ch, int y, int x) const;
    /// The element that the library's order [h, w, c] has at this place.
    double& nhwc(std::size_t i);
    double nhwc(std::size_t i) const;
  };
  struct Geometry {
    int kernel_h = 1, kernel_w = 1, stride = 1, top = 0, left = 0, groups = 1;
  };

  Map forward(int layer, const std::vector<Map>& y, const Mode& mode, std::uint32_t sample) const;
  void backward(int layer, const std::vector<Map>& y, std::vector<Map>& dy, const Mode& mode,
                std::uint32_t sample, Tensors& gradient) const;
  std::size_t conv_weight(int layer, int out, int in_of_group, int ky, int kx) const;
  std::vector<bool> dropped(int layer, const Map& x, const Mode& mode, std::uint32_t sample) const;
  double loss_of(const Map& out, const SampleSet& set, std::uint32_t sample, std::uint32_t n,
                 Map* gradient) const;

  hone::ModelView model_;
  int n_ = 0;
  bool mse_ = false;
  std::vector<Map> shape_;  ///< sizes only
  std::vector<Geometry> geometry_;
};

/// SGD as its formulas read: v = mu v + g + decay w, w -= lr v, or decoupled w -= lr (v + decay w).
struct ReferenceOptimizer {
  double lr = 0, decay = 0, mu = 0;
  bool decoupled = false, decays_bias = false;
  ReferenceNet::Tensors velocity;  ///< empty until the first step

  void step(hone::ModelView model, ReferenceNet& net, const ReferenceNet::Tensors& gradient);
};

/// The first `count` 16-bit values of a stream, from its definition (docs/CONTRACT.md).
std::vector<std::uint32_t> reference_stream16(const std::uint32_t (&words)[7], std::size_t count);

}  // namespace hone_test
