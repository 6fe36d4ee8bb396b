#include "examples/hone/checkpoint/model_source.hpp"

#include "examples/hone/data/byte_order_mark.hpp"
#include "ports/posix/file.hpp"

namespace hone {
namespace {

constexpr int kMaxLayers = 1024;
constexpr std::uint64_t kMaxModelFile = 1 << 20;

}  // namespace

bool ModelSource::parse(const std::string& text, const std::string& name, Error* error) {
  name_ = name;
  layer_.assign(kMaxLayers, LayerSpec{});
  place_.assign(kMaxLayers, TextPlace{});
  ModelTextError why;
  const int n =
      parse_model({text.data(), text.size()}, layer_.data(), kMaxLayers, why, place_.data());
  layer_.resize(static_cast<std::size_t>(n));
  place_.resize(static_cast<std::size_t>(n));
  if (n > 0) return true;
  std::string line(1024 + name.size(), '\0');
  line.resize(format_error(why, {name.data(), name.size()}, &line[0], line.size()));
  return error->fail(kExitModel, line);
}

bool ModelSource::read(const std::string& file, Error* error) {
  std::vector<std::uint8_t> bytes;
  posix::FileError file_error;
  if (!posix::read_file(file, &bytes, kMaxModelFile, &file_error))
    return error->fail(kExitModel, file_error.text);
  const std::size_t mark = byte_order_mark({bytes.data(), bytes.size()});
  return parse(std::string(bytes.begin() + static_cast<std::ptrdiff_t>(mark), bytes.end()), file,
               error);
}

bool ModelSource::text(std::string* out, Error* error) const {
  std::size_t size = 0;
  Status s = Status::too_large;
  for (std::size_t room = 4096; s == Status::too_large && room <= kMaxModelFile; room *= 4) {
    out->resize(room);
    s = write_model(view(), &(*out)[0], room, &size);
  }
  out->resize(size);
  if (s == Status::ok) return true;
  return error->fail(kExitModel,
                     name_ + ": expected a model with a text form, found " + to_string(s));
}

int ModelSource::head() const {
  int i = size() - 1;
  while (i >= 0 && layer(i).op != Op::linear && layer(i).op != Op::conv2d) --i;
  return i;
}

bool ModelSource::train_last(std::uint64_t k, Error* error) {
  if (k == 0) return true;
  std::uint64_t seen = 0;
  for (int i = size(); i-- > 0;) {
    LayerSpec& spec = layer_[static_cast<std::size_t>(i)];
    if (has_weights(spec.op) && ++seen > k) spec.is_frozen = true;
  }
  if (seen >= k) return true;
  return error->fail(kExitUsage, "--train-last: expected at most " + std::to_string(seen) +
                                     ", the layers of the model that have parameters, found " +
                                     std::to_string(k));
}

std::string ModelSource::place(int i) const {
  const TextPlace at = place_[static_cast<std::size_t>(i)];
  const Name layer_name = name_of(view(), i);
  return name_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
         layer_name.chars;
}

TensorShape weight_shape(const LayerSpec& spec, const LayerShape& shape) {
  TensorShape r;
  if (spec.op == Op::linear) {
    r.rank = 2;
    r.dim[0] = shape.fan_in;
    r.dim[1] = shape.fan_out;
    return r;
  }
  r.dim[0] = spec.kernel_h;
  r.dim[1] = spec.kernel_w;
  r.rank = spec.op == Op::depthwise ? 3 : 4;
  const std::uint64_t in = shape.fan_in / (std::uint64_t{spec.kernel_h} * spec.kernel_w);
  r.dim[2] = spec.op == Op::depthwise ? shape.out.c : in;
  if (spec.op == Op::conv2d) r.dim[3] = shape.out.c;
  return r;
}

}  // namespace hone
