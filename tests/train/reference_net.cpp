#include "reference_net.hpp"

#include <algorithm>
#include <cmath>

namespace hone_test {

using hone::LayerSpec;
using hone::Op;

namespace {

std::uint32_t scramble(std::uint32_t z) {
  z = (z ^ (z >> 16)) * 0x85EBCA6Bu;
  z = (z ^ (z >> 13)) * 0xC2B2AE35u;
  return z ^ (z >> 16);
}

}  // namespace

std::vector<std::uint32_t> reference_stream16(const std::uint32_t (&words)[7], std::size_t count) {
  std::uint32_t h = 0x243F6A88u;
  for (const std::uint32_t w : words) h = scramble(h ^ w) + 0x9E3779B9u;
  std::uint32_t state[8];
  for (std::uint32_t j = 0; j < 8; ++j) {
    state[j] = scramble(h + 0x9E3779B9u * (j + 1));
    if (state[j] == 0) state[j] = 1;
  }
  std::vector<std::uint32_t> values;
  while (values.size() < count) {
    for (std::uint32_t& s : state) {
      s ^= s << 13;
      s ^= s >> 17;
      s ^= s << 5;
    }
    for (const std::uint32_t s : state) values.push_back(s & 0xFFFFu);
    for (const std::uint32_t s : state) values.push_back(s >> 16);
  }
  values.resize(count);
  return values;
}

void ReferenceNet::Map::resize(int channels, int height, int width) {
  c = channels, h = height, w = width;
  v.assign(static_cast<std::size_t>(c) * static_cast<std::size_t>(h) * static_cast<std::size_t>(w),
           0.0);
}
double& ReferenceNet::Map::at(int ch, int y, int x) {
  return v[static_cast<std::size_t>((ch * h + y) * w + x)];
}
double ReferenceNet::Map::at(int ch, int y, int x) const {
  return v[static_cast<std::size_t>((ch * h + y) * w + x)];
}
double& ReferenceNet::Map::nhwc(std::size_t i) {
  const int at_i = static_cast<int>(i);
  return at(at_i % c, at_i / c / w, at_i / c % w);
}
double ReferenceNet::Map::nhwc(std::size_t i) const { return const_cast<Map*>(this)->nhwc(i); }

ReferenceNet::ReferenceNet(hone::ModelView model) : model_(model) {
  const Op last = model.layer[model.n - 1].op;
  mse_ = last == Op::mse;
  n_ = mse_ || last == Op::cross_entropy ? model.n - 1 : model.n;
  const std::size_t n = static_cast<std::size_t>(n_);
  shape_.resize(n), geometry_.resize(n), parameters.weight.resize(n), parameters.bias.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const LayerSpec& s = model.layer[i];
    Map& out = shape_[i];
    Geometry& g = geometry_[i];
    if (s.op == Op::input) {
      out.resize(static_cast<int>(s.channels), static_cast<int>(s.height),
                 static_cast<int>(s.width));
      continue;
    }
    const Map& in = shape_[static_cast<std::size_t>(s.from[0])];
    out = in;
    g.kernel_h = s.kernel_h, g.kernel_w = s.kernel_w, g.stride = s.stride_;
    g.groups = s.op == Op::depthwise ? in.c : static_cast<int>(s.groups_);
    int below = s.pad_h, right = s.pad_w;
    g.top = s.pad_h, g.left = s.pad_w;
    if (s.padding_mode == hone::Padding::valid) g.top = g.left = below = right = 0;
    if (s.padding_mode == hone::Padding::same) {
      auto total = [&](int size, int kernel) {
        return std::max(((size + g.stride - 1) / g.stride - 1) * g.stride + kernel - size, 0);
      };
      g.top = total(in.h, g.kernel_h) / 2, below = total(in.h, g.kernel_h) - g.top;
      g.left = total(in.w, g.kernel_w) / 2, right = total(in.w, g.kernel_w) - g.left;
    }
    int channels = in.c;
    if (s.op == Op::conv2d || s.op == Op::linear) channels = static_cast<int>(s.channels);
    if (hone::has_window(s.op))
      out.resize(channels, (in.h + g.top + below - g.kernel_h) / g.stride + 1,
                 (in.w + g.left + right - g.kernel_w) / g.stride + 1);
    if (s.op == Op::linear) out.resize(channels, 1, 1);
    if (s.op == Op::flatten) out.resize(static_cast<int>(in.v.size()), 1, 1);
    if (s.op == Op::global_avg_pool) {
      g.kernel_h = in.h, g.kernel_w = in.w;
      out.resize(in.c, 1, 1);
    }
    if (!hone::has_weights(s.op)) continue;
    const int taps = s.op == Op::linear ? 1 : g.kernel_h * g.kernel_w;
    const int per_group = s.op == Op::linear ? in.c : in.c / g.groups;
    parameters.weight[i].resize(static_cast<std::size_t>(taps * per_group * channels));
    if (s.has_bias) parameters.bias[i].resize(static_cast<std::size_t>(channels));
  }
}

std::uint32_t ReferenceNet::outputs() const {
  return static_cast<std::uint32_t>(shape_.back().v.size());
}

void ReferenceNet::load(const std::vector<float>& from) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < parameters.weight.size(); ++i)
    for (std::vector<double>* t : {&parameters.weight[i], &parameters.bias[i]})
      for (double& v : *t) v = static_cast<double>(from.at(at++));
}

std::vector<double> ReferenceNet::flat(const Tensors& t) const {
  std::vector<double> all;
  for (std::size_t i = 0; i < t.weight.size(); ++i)
    for (const std::vector<double>* v : {&t.weight[i], &t.bias[i]})
      all.insert(all.end(), v->begin(), v->end());
  return all;
}

double ReferenceNet::loss_of(const Map& out, const SampleSet& set, std::uint32_t sample,
                             std::uint32_t n, Map* gradient) const {
  const std::size_t classes = out.v.size();
  double loss = 0;
  if (mse_) {
    const double count = static_cast<double>(n) * static_cast<double>(classes);
    for (std::size_t k = 0; k < classes; ++k) {
      const double off = out.nhwc(k) - static_cast<double>(set.targets[sample * classes + k]);
      loss += off * off / count;
      if (gradient) gradient->nhwc(k) = 2 * off / count;
    }
    return loss;
  }
  double sum = 0;
  for (std::size_t k = 0; k < classes; ++k) sum += std::exp(out.nhwc(k));
  const std::size_t label = set.labels[sample];
  if (gradient)
    for (std::size_t k = 0; k < classes; ++k)
      gradient->nhwc(k) = (std::exp(out.nhwc(k)) / sum - (k == label ? 1 : 0)) / n;
  return (std::log(sum) - out.nhwc(label)) / n;
}

double ReferenceNet::loss(const SampleSet& set, std::uint32_t first, std::uint32_t n,
                          const Mode& mode, Tensors* gradient) const {
  if (gradient) {
    *gradient = parameters;
    for (auto* group : {&gradient->weight, &gradient->bias})
      for (std::vector<double>& t : *group) std::fill(t.begin(), t.end(), 0.0);
  }
  double total = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    std::vector<Map> y(static_cast<std::size_t>(n_));
    y[0] = shape_[0];
    for (std::size_t k = 0; k < y[0].v.size(); ++k)
      y[0].nhwc(k) = static_cast<double>(set.x[(first + i) * y[0].v.size() + k]);
    for (int l = 1; l < n_; ++l) y[static_cast<std::size_t>(l)] = forward(l, y, mode, i);
    std::vector<Map> dy = shape_;
    for (Map& m : dy) std::fill(m.v.begin(), m.v.end(), 0.0);
    total += loss_of(y.back(), set, first + i, n, gradient ? &dy.back() : nullptr);
    for (int l = n_ - 1; l > 0 && gradient; --l) backward(l, y, dy, mode, i, *gradient);
  }
  return total;
}

void ReferenceOptimizer::step(hone::ModelView model, ReferenceNet& net,
                              const ReferenceNet::Tensors& gradient) {
  if (velocity.weight.empty()) {
    velocity = gradient;
    for (auto* group : {&velocity.weight, &velocity.bias})
      for (std::vector<double>& t : *group) std::fill(t.begin(), t.end(), 0.0);
  }
  auto update = [&](std::vector<double>& w, std::vector<double>& v, const std::vector<double>& g,
                    double wd) {
    for (std::size_t k = 0; k < w.size(); ++k) {
      v[k] = mu * v[k] + g[k] + (decoupled ? 0 : wd * w[k]);
      w[k] -= lr * (v[k] + (decoupled ? wd * w[k] : 0));
    }
  };
  for (std::size_t i = 0; i < net.parameters.weight.size(); ++i) {
    const LayerSpec& s = model.layer[i];
    if (s.is_frozen) continue;
    update(net.parameters.weight[i], velocity.weight[i], gradient.weight[i], decay);
    update(net.parameters.bias[i], velocity.bias[i], gradient.bias[i],
           decays_bias || s.decays_bias ? decay : 0);
  }
}

}  // namespace hone_test
