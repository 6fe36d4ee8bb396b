#include <algorithm>
#include <cmath>

#include "reference_net.hpp"

// Forward and backward of every layer, on one sample.

namespace hone_test {

using hone::LayerSpec;
using hone::Op;

namespace {

// Activation and derivative at x, the kinks counted as 0.
double activation(const LayerSpec& s, double x) {
  if (s.op == Op::relu) return std::max(x, 0.0);
  if (s.op == Op::relu6) return std::min(std::max(x, 0.0), 6.0);
  return x > 0 ? x : static_cast<double>(s.slope) * x;
}
double slope_at(const LayerSpec& s, double x) {
  if (s.op == Op::relu) return x > 0 ? 1 : 0;
  if (s.op == Op::relu6) return x > 0 && x < 6 ? 1 : 0;
  return x > 0 ? 1 : static_cast<double>(s.slope);
}

// Calls f(output row, column, input row, column, kernel row, column) for every pair of an
// output and a real pixel under its window.
template <class G, class M, class F>
void for_each_pixel(const G& g, const M& in, const M& out, F f) {
  for (int ky = 0; ky < g.kernel_h; ++ky)
    for (int kx = 0; kx < g.kernel_w; ++kx)
      for (int oy = 0; oy < out.h; ++oy)
        for (int ox = 0; ox < out.w; ++ox) {
          const int iy = oy * g.stride + ky - g.top, ix = ox * g.stride + kx - g.left;
          if (iy >= 0 && iy < in.h && ix >= 0 && ix < in.w) f(oy, ox, iy, ix, ky, kx);
        }
}

}  // namespace

std::size_t ReferenceNet::conv_weight(int layer, int out, int in_of_group, int ky, int kx) const {
  const std::size_t i = static_cast<std::size_t>(layer);
  const Map& in = shape_[static_cast<std::size_t>(model_.layer[i].from[0])];
  const Geometry& g = geometry_[i];
  return static_cast<std::size_t>(
      ((ky * g.kernel_w + kx) * (in.c / g.groups) + in_of_group) * shape_[i].c + out);
}

std::vector<bool> ReferenceNet::dropped(int layer, const Map& x, const Mode& mode,
                                        std::uint32_t sample) const {
  const LayerSpec& s = model_.layer[layer];
  const std::uint32_t threshold = static_cast<std::uint32_t>(std::floor(65536.0 * s.drop + 0.5));
  const std::uint32_t words[7] = {static_cast<std::uint32_t>(mode.seed),
                                  static_cast<std::uint32_t>(mode.seed >> 32),
                                  3,
                                  static_cast<std::uint32_t>(mode.step),
                                  static_cast<std::uint32_t>(mode.step >> 32),
                                  static_cast<std::uint32_t>(layer),
                                  sample};
  const std::vector<std::uint32_t> draws = reference_stream16(words, x.v.size());
  std::vector<bool> gone(x.v.size());
  for (std::size_t i = 0; i < gone.size(); ++i)
    gone[i] = draws[s.drops_channels ? i % static_cast<std::size_t>(x.c) : i] < threshold;
  return gone;
}

ReferenceNet::Map ReferenceNet::forward(int layer, const std::vector<Map>& y, const Mode& mode,
                                        std::uint32_t sample) const {
  const std::size_t i = static_cast<std::size_t>(layer);
  const LayerSpec& s = model_.layer[i];
  const Geometry& g = geometry_[i];
  const Map& x = y[static_cast<std::size_t>(s.from[0])];
  const std::vector<double>&w = parameters.weight[i], &b = parameters.bias[i];
  Map out = shape_[i];
  std::fill(out.v.begin(), out.v.end(), 0.0);
  switch (s.op) {
    case Op::linear:
      for (int o = 0; o < out.c; ++o) {
        double sum = b.empty() ? 0 : b[static_cast<std::size_t>(o)];
        for (int k = 0; k < x.c; ++k)
          sum += w[static_cast<std::size_t>(k * out.c + o)] * x.at(k, 0, 0);
        out.at(o, 0, 0) = sum;
      }
      break;
    case Op::conv2d:
    case Op::depthwise: {
      const int in_g = x.c / g.groups, out_g = out.c / g.groups;
      for (int o = 0; o < out.c; ++o)
        for (int k = 0; k < in_g; ++k)
          for_each_pixel(g, x, out, [&](int oy, int ox, int iy, int ix, int ky, int kx) {
            out.at(o, oy, ox) +=
                w[conv_weight(layer, o, k, ky, kx)] * x.at(o / out_g * in_g + k, iy, ix);
          });
      for (int o = 0; o < out.c && !b.empty(); ++o)
        for (int p = 0; p < out.h * out.w; ++p)
          out.at(o, p / out.w, p % out.w) += b[static_cast<std::size_t>(o)];
      break;
    }
    case Op::relu:
    case Op::relu6:
    case Op::leaky_relu:
      for (std::size_t k = 0; k < x.v.size(); ++k) out.v[k] = activation(s, x.v[k]);
      break;
    case Op::max_pool:
      for (int c = 0; c < x.c; ++c) {
        std::vector<bool> seen(static_cast<std::size_t>(out.h * out.w));
        for_each_pixel(g, x, out, [&](int oy, int ox, int iy, int ix, int, int) {
          const std::size_t at = static_cast<std::size_t>(oy * out.w + ox);
          if (!seen[at] || x.at(c, iy, ix) > out.at(c, oy, ox)) out.at(c, oy, ox) = x.at(c, iy, ix);
          seen[at] = true;
        });
      }
      break;
    case Op::avg_pool:
    case Op::global_avg_pool:
      for (int c = 0; c < x.c; ++c) {
        Map count = out;
        std::fill(count.v.begin(), count.v.end(), 0.0);
        for_each_pixel(g, x, out, [&](int oy, int ox, int iy, int ix, int, int) {
          out.at(c, oy, ox) += x.at(c, iy, ix);
          count.at(c, oy, ox) += 1;
        });
        for (int p = 0; p < out.h * out.w; ++p)
          out.at(c, p / out.w, p % out.w) /= count.at(c, p / out.w, p % out.w);
      }
      break;
    case Op::flatten:
      for (std::size_t k = 0; k < x.v.size(); ++k) out.v[k] = x.nhwc(k);
      break;
    case Op::dropout: {
      out.v = x.v;
      if (!mode.training || s.drop == 0) break;
      const std::vector<bool> gone = dropped(layer, x, mode, sample);
      for (std::size_t k = 0; k < x.v.size(); ++k)
        out.nhwc(k) = gone[k] ? 0 : x.nhwc(k) / (1 - s.drop);
      break;
    }
    case Op::add:
      for (std::size_t k = 0; k < x.v.size(); ++k)
        out.v[k] = x.v[k] + y[static_cast<std::size_t>(s.from[1])].v[k];
      break;
    case Op::input:
    case Op::cross_entropy:
    case Op::mse:
      break;
  }
  return out;
}

void ReferenceNet::backward(int layer, const std::vector<Map>& y, std::vector<Map>& dy,
                            const Mode& mode, std::uint32_t sample, Tensors& gradient) const {
  const std::size_t i = static_cast<std::size_t>(layer);
  const LayerSpec& s = model_.layer[i];
  const Geometry& g = geometry_[i];
  const Map& x = y[static_cast<std::size_t>(s.from[0])];
  const Map& d = dy[i];
  Map& dx = dy[static_cast<std::size_t>(s.from[0])];
  const std::vector<double>& w = parameters.weight[i];
  std::vector<double>&dw = gradient.weight[i], &db = gradient.bias[i];
  for (std::size_t k = 0; k < d.v.size() && !db.empty(); ++k)
    db[k / static_cast<std::size_t>(d.h * d.w)] += d.v[k];
  switch (s.op) {
    case Op::linear:
      for (int o = 0; o < d.c; ++o)
        for (int k = 0; k < x.c; ++k) {
          const std::size_t at = static_cast<std::size_t>(k * d.c + o);
          dw[at] += x.at(k, 0, 0) * d.at(o, 0, 0);
          dx.at(k, 0, 0) += w[at] * d.at(o, 0, 0);
        }
      break;
    case Op::conv2d:
    case Op::depthwise: {
      const int in_g = x.c / g.groups, out_g = d.c / g.groups;
      for (int o = 0; o < d.c; ++o)
        for (int k = 0; k < in_g; ++k)
          for_each_pixel(g, x, d, [&](int oy, int ox, int iy, int ix, int ky, int kx) {
            const std::size_t at = conv_weight(layer, o, k, ky, kx);
            const int c = o / out_g * in_g + k;
            dw[at] += x.at(c, iy, ix) * d.at(o, oy, ox);
            dx.at(c, iy, ix) += w[at] * d.at(o, oy, ox);
          });
      break;
    }
    case Op::relu:
    case Op::relu6:
    case Op::leaky_relu:
      for (std::size_t k = 0; k < d.v.size(); ++k) dx.v[k] += d.v[k] * slope_at(s, x.v[k]);
      break;
    case Op::max_pool:
      for (int c = 0; c < x.c; ++c) {
        Map waiting = d;
        for_each_pixel(g, x, d, [&](int oy, int ox, int iy, int ix, int, int) {
          // Kernel rows and columns come in raster order, so the first of equals is served.
          if (x.at(c, iy, ix) == y[i].at(c, oy, ox)) {
            dx.at(c, iy, ix) += waiting.at(c, oy, ox);
            waiting.at(c, oy, ox) = 0;
          }
        });
      }
      break;
    case Op::avg_pool:
    case Op::global_avg_pool:
      for (int c = 0; c < x.c; ++c) {
        Map count = d;
        std::fill(count.v.begin(), count.v.end(), 0.0);
        for_each_pixel(g, x, d,
                       [&](int oy, int ox, int, int, int, int) { count.at(c, oy, ox) += 1; });
        for_each_pixel(g, x, d, [&](int oy, int ox, int iy, int ix, int, int) {
          dx.at(c, iy, ix) += d.at(c, oy, ox) / count.at(c, oy, ox);
        });
      }
      break;
    case Op::flatten:
      for (std::size_t k = 0; k < d.v.size(); ++k) dx.nhwc(k) += d.v[k];
      break;
    case Op::dropout: {
      const bool off = !mode.training || s.drop == 0;
      const std::vector<bool> gone =
          off ? std::vector<bool>(x.v.size()) : dropped(layer, x, mode, sample);
      for (std::size_t k = 0; k < d.v.size(); ++k)
        if (!gone[k]) dx.nhwc(k) += off ? d.nhwc(k) : d.nhwc(k) / (1 - s.drop);
      break;
    }
    case Op::add:
      for (std::size_t k = 0; k < d.v.size(); ++k) {
        dx.v[k] += d.v[k];
        dy[static_cast<std::size_t>(s.from[1])].v[k] += d.v[k];
      }
      break;
    case Op::input:
    case Op::cross_entropy:
    case Op::mse:
      break;
  }
}

}  // namespace hone_test
