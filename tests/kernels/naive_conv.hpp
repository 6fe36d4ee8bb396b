#pragma once
#include "naive_update.hpp"
#include "window_terms.hpp"

// A convolution, its activation, its max pool and their gradients in the plainest form, for the
// tests of the convolution leaves.
namespace hone_test {

inline float activated(float v, hone::Activation act, float slope) {
  switch (act) {
    case hone::Activation::none:
      break;
    case hone::Activation::relu:
      return v > 0 ? v : 0.0f;
    case hone::Activation::relu6:
      return v > 6 ? 6.0f : v > 0 ? v : 0.0f;
    case hone::Activation::leaky_relu:
      return v > 0 ? v : hone::store_floor(slope * v);
  }
  return v;
}
/// d is floored.
inline float masked(float d, float y, hone::Activation act, float slope) {
  switch (act) {
    case hone::Activation::none:
      break;
    case hone::Activation::relu:
      return y > 0 ? d : 0.0f;
    case hone::Activation::relu6:
      return y > 0 && y < 6 ? d : 0.0f;
    case hone::Activation::leaky_relu:
      return y > 0 ? d : hone::store_floor(slope * d);
  }
  return d;
}

inline Tensor naive_conv(const Tensor& x, const Tensor& w, const float* bias, const hone::Window& s,
                         std::size_t n, const hone::OutputEnd& end) {
  Tensor y(n * s.out_size());
  for (std::size_t i = 0; bias && i < y.size(); ++i) y[i] = bias[i % s.out_c];
  for_each_term(s, n, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
    y[yi] = hone::fma(x[xi], w[wi], y[yi]);
  });
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = activated(hone::store_floor(y[i]), end.act, end.slope);
  return y;
}

/// y, and for each of its elements where it came from: the index in x and the place in the window.
struct NaivePool {
  Tensor y;
  std::vector<std::size_t> from;
  std::vector<std::uint32_t> places;

  std::vector<std::uint8_t> routes(const hone::Window& s) const {
    const std::uint32_t window = s.kernel_h * s.kernel_w, bits = hone::route_bits(window);
    std::vector<std::uint8_t> packed(hone::route_bytes(window, places.size()), 0);
    for (std::size_t i = 0; i < places.size(); ++i)
      for (std::uint32_t b = 0; b < bits; ++b) {
        std::uint8_t& byte = packed[(i * bits + b) / 8];
        byte = static_cast<std::uint8_t>(byte | ((places[i] >> b) & 1u) << ((i * bits + b) % 8));
      }
    return packed;
  }
};
inline NaivePool naive_max_pool(const Tensor& x, const hone::Window& s, std::size_t n) {
  const std::size_t outputs = n * s.out_size();
  NaivePool p{Tensor(outputs), std::vector<std::size_t>(outputs),
              std::vector<std::uint32_t>(outputs)};
  std::vector<bool> seen(outputs);
  for_each_term(s, n, [&](std::size_t at, std::size_t w, std::size_t y) {
    if (seen[y] && !(x[at] > p.y[y])) return;
    seen[y] = true;
    p.y[y] = x[at];
    p.from[y] = at;
    p.places[y] = static_cast<std::uint32_t>(w / s.out_c);
  });
  return p;
}

/// Continues the chains in dx.
inline void naive_input_gradient(Tensor& dx, const Tensor& dy, const Tensor& w,
                                 const hone::Window& s, std::size_t n) {
  for_each_term(s, n, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
    dx[xi] = hone::fma(dy[yi], w[wi], dx[xi]);
  });
}
/// What GradientEnd makes of dx; y are the values before any of it is written.
inline void naive_gradient_end(Tensor& dx, const Tensor& y, const hone::GradientEnd& end) {
  for (std::size_t i = 0; end.finishes && i < dx.size(); ++i)
    dx[i] = masked(hone::store_floor(dx[i]), y[i], end.act, end.slope);
}

inline void naive_weight_update(Tensor& w, Tensor* sum, const Tensor& x, const Tensor& dy,
                                const hone::Window& s, std::size_t n, const hone::Update& update) {
  Tensor chain(w.size());
  for (std::size_t i = 0; i < w.size(); ++i)
    chain[i] = start_of_chain(w[i], sum ? (*sum)[i] : 0.0f, update);
  for_each_term(s, n, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
    chain[wi] = hone::fma(x[xi], dy[yi], chain[wi]);
  });
  for (std::size_t i = 0; i < w.size(); ++i)
    end_chain(chain[i], w[i], sum ? &(*sum)[i] : nullptr, update);
}
inline void naive_bias_update(Tensor& bias, Tensor* sum, const Tensor& dy,
                              const hone::Update& update) {
  const std::size_t c = bias.size();
  for (std::size_t o = 0; o < c; ++o) {
    float chain = start_of_chain(bias[o], sum ? (*sum)[o] : 0.0f, update);
    for (std::size_t i = o; i < dy.size(); i += c) chain = hone::fma(1.0f, dy[i], chain);
    end_chain(chain, bias[o], sum ? &(*sum)[o] : nullptr, update);
  }
}

/// The ways in which an input gradient may start and end.
inline std::vector<hone::GradientEnd> gradient_ends() {
  std::vector<hone::GradientEnd> all;
  for (const hone::Activation act : {hone::Activation::none, hone::Activation::relu,
                                     hone::Activation::relu6, hone::Activation::leaky_relu})
    for (const bool resumes : {false, true}) {
      hone::GradientEnd end;
      end.resumes = resumes;
      end.act = act;
      end.slope = 0.3f;
      all.push_back(end);
    }
  hone::GradientEnd middle;
  middle.finishes = false;
  all.push_back(middle);
  middle.resumes = true;
  all.push_back(middle);
  return all;
}
inline std::vector<hone::OutputEnd> output_ends() {
  return {{hone::Activation::none, 0},
          {hone::Activation::relu, 0},
          {hone::Activation::relu6, 0},
          {hone::Activation::leaky_relu, 0.3f}};
}

}  // namespace hone_test
