#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "examples/hone/error.hpp"
#include "hone/model_text.hpp"
#include "hone/plan.hpp"
#include "hone/safetensors.hpp"

namespace hone {

/// A model that was text, on the heap.
class ModelSource {
 public:
  /// `name` stands for the text in messages.
  bool parse(const std::string& text, const std::string& name, Error* error);
  bool read(const std::string& file, Error* error);

  ModelView view() const { return {layer_.data(), static_cast<int>(layer_.size()), numeric_}; }
  Numeric numeric() const { return numeric_; }
  /// The text of a model leaves it open: f32 unless somebody says another.
  void set_numeric(Numeric numeric) { numeric_ = numeric; }
  const LayerSpec& layer(int i) const { return layer_[static_cast<std::size_t>(i)]; }
  int size() const { return static_cast<int>(layer_.size()); }
  const std::string& name() const { return name_; }
  /// The canonical text.
  bool text(std::string* out, Error* error) const;

  /// The last linear or conv2d layer, whose outputs are the classes; -1 if there is none.
  int head() const;
  void set_outputs(int i, std::uint32_t n) { layer_[static_cast<std::size_t>(i)].channels = n; }
  /// Freezes all but the last k layers that have parameters; 0 leaves the model as it is.
  bool train_last(std::uint64_t k, Error* error);

  /// "defect.model:3:1: linear_0", where layer i stands.
  std::string place(int i) const;

 private:
  std::string name_;
  std::vector<LayerSpec> layer_;
  std::vector<TextPlace> place_;
  Numeric numeric_ = Numeric::f32;
};

/// Shape of the weights of a layer: linear [in, out], conv2d [kernel_h, kernel_w, in / groups,
/// out], depthwise [kernel_h, kernel_w, channels].
TensorShape weight_shape(const LayerSpec& spec, const LayerShape& shape);

}  // namespace hone
