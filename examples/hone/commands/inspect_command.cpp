#include <cmath>
#include <cstdio>
#include <cstring>

#include "examples/hone/checkpoint/checkpoint_file.hpp"
#include "examples/hone/commands/json_writer.hpp"
#include "examples/hone/data/fault_text.hpp"
#include "examples/hone/options/options.hpp"
#include "examples/hone/training/progress.hpp"

namespace hone {
namespace {

/// Of the finite values; all 0 where there is none.
struct Statistics {
  double least = 0, most = 0, sum = 0, squares = 0;
  std::uint64_t finite = 0, nonfinite = 0;

  void add(double v) {
    if (v - v != 0.0) {
      ++nonfinite;
      return;
    }
    if (finite == 0 || v < least) least = v;
    if (finite == 0 || v > most) most = v;
    sum += v;
    squares += v * v;
    ++finite;
  }
  double mean() const { return finite ? sum / static_cast<double>(finite) : 0.0; }
  /// Root of the mean of the squares.
  double rms() const { return finite ? std::sqrt(squares / static_cast<double>(finite)) : 0.0; }
};

template <class T>
T bits_of(const std::uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

/// exponent_bits, then mantissa_bits, below a sign.
double small_float(std::uint32_t u, int exponent_bits, int mantissa_bits) {
  const std::uint32_t top = (1u << exponent_bits) - 1;
  const std::uint32_t exponent = (u >> mantissa_bits) & top;
  const double mantissa = static_cast<double>(u & ((1u << mantissa_bits) - 1));
  const double one = static_cast<double>(1u << mantissa_bits);
  const int bias = static_cast<int>(top / 2);
  double v = exponent == 0 ? std::ldexp(mantissa / one, 1 - bias)
                           : std::ldexp(1 + mantissa / one, static_cast<int>(exponent) - bias);
  if (exponent == top) v = mantissa == 0 ? HUGE_VAL : std::nan("");
  return u >> (exponent_bits + mantissa_bits) ? -v : v;
}

double element(Dtype dtype, const std::uint8_t* p) {
  switch (dtype) {
    case Dtype::boolean:
    case Dtype::u8:
      return *p;
    case Dtype::i8:
      return bits_of<std::int8_t>(p);
    case Dtype::u16:
      return bits_of<std::uint16_t>(p);
    case Dtype::i16:
      return bits_of<std::int16_t>(p);
    case Dtype::f16:
      return small_float(bits_of<std::uint16_t>(p), 5, 10);
    case Dtype::bf16:
      return small_float(bits_of<std::uint16_t>(p), 8, 7);
    case Dtype::u32:
      return bits_of<std::uint32_t>(p);
    case Dtype::i32:
      return bits_of<std::int32_t>(p);
    case Dtype::f32:
      return static_cast<double>(bits_of<float>(p));
    case Dtype::u64:
      return static_cast<double>(bits_of<std::uint64_t>(p));
    case Dtype::i64:
      return static_cast<double>(bits_of<std::int64_t>(p));
    case Dtype::f64:
      return bits_of<double>(p);
  }
  return 0;
}

bool measure(const CheckpointFile& file, const TensorInfo& tensor, Statistics* out, Error* error) {
  constexpr std::size_t kPiece = 65536;
  std::vector<std::uint8_t> piece(kPiece);
  const std::size_t width = dtype_bytes(tensor.dtype);
  for (std::uint64_t at = tensor.begin; at < tensor.end;) {
    const std::uint64_t left = tensor.end - at;
    const std::size_t n = left < kPiece ? static_cast<std::size_t>(left) : kPiece;
    const ByteSource source = file.source();
    if (source.read(source.context, at, {piece.data(), n}) != Status::ok)
      return error->fail(kExitModel, file.name() + ": byte " + std::to_string(at) + ": expected " +
                                         std::to_string(n) + " readable bytes, found fewer");
    for (std::size_t i = 0; i < n; i += width) out->add(element(tensor.dtype, piece.data() + i));
    at += n;
  }
  return true;
}

struct TensorRow {
  std::string name;
  TensorInfo info;
  Statistics values;
};

std::string dims_text(const TensorShape& shape) {
  std::string out = "[";
  for (int i = 0; i < shape.rank; ++i) out += (i ? ", " : "") + std::to_string(shape.dim[i]);
  return out + "]";
}

void print_json(const std::vector<TensorRow>& rows, const SafetensorsHeader& header) {
  JsonWriter json;
  json.begin_object();
  json.key("tensors");
  json.begin_list();
  for (const TensorRow& r : rows) {
    json.begin_object();
    json.field("name", r.name);
    json.field("dtype", std::string(to_string(r.info.dtype)));
    json.key("shape");
    json.begin_list();
    for (int i = 0; i < r.info.shape.rank; ++i) json.number(r.info.shape.dim[i]);
    json.end_list();
    json.field("min", r.values.least);
    json.field("max", r.values.most);
    json.field("mean", r.values.mean());
    json.field("rms", r.values.rms());
    json.field("nonfinite", r.values.nonfinite);
    json.end_object();
  }
  json.end_list();
  json.key("metadata");
  json.begin_object();
  EscapedText key, value;
  for (std::size_t at = 0; header.next_metadata(at, key, value);)
    json.field(plain_text(key).c_str(), plain_text(value));
  json.end_object();
  json.end_object();
  json.print();
}

void print_text(const std::vector<TensorRow>& rows, const SafetensorsHeader& header) {
  std::printf("%-36s %-5s %-20s %12s %12s %12s %12s %9s\n", "tensor", "dtype", "shape", "min",
              "max", "mean", "rms", "nonfinite");
  for (const TensorRow& r : rows)
    std::printf("%-36s %-5s %-20s %12.5g %12.5g %12.5g %12.5g %9llu\n",
                printable({r.name.data(), r.name.size()}).c_str(), to_string(r.info.dtype),
                dims_text(r.info.shape).c_str(), r.values.least, r.values.most, r.values.mean(),
                r.values.rms(), static_cast<unsigned long long>(r.values.nonfinite));
  EscapedText key, value;
  for (std::size_t at = 0; header.next_metadata(at, key, value);) {
    std::printf("\n%s:\n", one_line(plain_text(key)).c_str());
    for (const std::string& line : split(plain_text(value), '\n'))
      if (!line.empty()) std::printf("  %s\n", one_line(line).c_str());
  }
}

}  // namespace

bool run_inspect(const Options& options, Error* error) {
  CheckpointFile file;
  if (!file.open(options.arguments()[0], error)) return false;
  std::vector<TensorRow> rows;
  TensorInfo info;
  for (std::size_t at = 0; file.header().next(at, info);) {
    rows.push_back({plain_text(info.name), info, {}});
    if (!measure(file, info, &rows.back().values, error)) return false;
  }
  if (options.flag("json"))
    print_json(rows, file.header());
  else
    print_text(rows, file.header());
  return true;
}

}  // namespace hone
