#pragma once
#include "hone/model.hpp"
#include "hone/model_text_error.hpp"
#include "hone/model_text_parser.hpp"

/// The text form of a model: the words and the order of the builder functions in model.hpp.
///
///     input 64x64x1                 # a layer a line, or several with | in between
///     conv2d 8 3x3 same | relu
///     residual                      # opens a block; a bare add closes it and adds its input
///       conv2d 8 3x3 same | relu6
///     add
///     max_pool 2 | flatten | dropout 0.3
///     linear 6
///
/// Layers: input HxWxC, HxW or FEATURES; linear OUT; conv2d OUT KERNEL; depthwise KERNEL; relu;
/// relu6; leaky_relu [SLOPE]; max_pool WINDOW; avg_pool WINDOW; global_avg_pool; flatten;
/// dropout P; add [NAME]; and as the last one cross_entropy or mse. KERNEL and WINDOW are 3x3 or 3.
/// Modifiers: stride N, padding P or PHxPW, same, valid (the default), groups N, no_bias, he (the
/// default), xavier, decay_bias, channels (of a dropout), frozen, of NAME, as NAME.

namespace hone {

namespace detail {

// Not constexpr on purpose: a wrong text in a constant expression stops the build with this name
// in the message; parse_model at run time then says where and why.
inline void model_text_error_at(int /*line*/, int /*column*/) {}

}  // namespace detail

/// Reads a model into out[0..max), resolved, and returns the number of layers; 0 if `error` says
/// what is wrong, `out` then holds layers of no use. place, if given, has room for max: where each
/// layer starts, to report later that layer i does not fit.
constexpr int parse_model(Text text, LayerSpec* out, int max, ModelTextError& error,
                          TextPlace* place = nullptr) {
  return detail::ModelTextParser(text, out, max, error, place).parse();
}

/// A model that was text, with room for kMax layers.
template <int kMax>
struct TextModel {
  LayerSpec layer[kMax] = {};
  TextPlace place[kMax] = {};
  int n = 0;                   ///< 0 after an error
  Status status = Status::ok;  ///< bad_data after an error
  int bad_layer = -1;
  ModelTextError error;
  Numeric numeric = Numeric::f32;
  constexpr operator ModelView() const { return {layer, n, numeric}; }
  /// The same model in another numeric.
  constexpr TextModel in(Numeric other) const {
    TextModel m = *this;
    m.numeric = other;
    return m;
  }
};

/// constexpr auto net = hone::model_from_text<16>("input 784 | linear 128 | relu | linear 10");
/// A wrong text in a constant expression does not compile; elsewhere `error` says why.
template <int kMax>
constexpr TextModel<kMax> model_from_text(Text text) {
  TextModel<kMax> m;
  m.n = parse_model(text, m.layer, kMax, m.error, m.place);
  if (m.error.failed()) {
    m.status = Status::bad_data;
    detail::model_text_error_at(m.error.at.line, m.error.at.column);
  }
  return m;
}

/// Writes the one canonical text of a model: a layer a line, blocks indented, the shortest
/// decimals, a line end after each layer, no closing 0. parse_model of it gives the same specs.
/// Errors, with *size untouched: too_large if max characters do not hold it; bad_argument for a
/// model that has no text (a name or number outside what the text allows, fields that the layer
/// does not use, a model that resolve() refuses).
Status write_model(ModelView model, char* out, std::size_t max, std::size_t* size);

}  // namespace hone
