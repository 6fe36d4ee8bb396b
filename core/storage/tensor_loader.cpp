#include <cstring>

#include "hone/checkpoint.hpp"
#include "hone/numeric.hpp"

namespace hone {
namespace {

float from_bits(std::uint32_t u) {
  float x = 0;
  std::memcpy(&x, &u, sizeof x);
  return x;
}

// Exact: every half is a float.
float from_f16(const std::uint8_t* p) {
  std::uint16_t h = 0;
  std::memcpy(&h, p, sizeof h);
  const std::uint32_t sign = (h & 0x8000u) << 16, exponent = (h >> 10) & 31u, mantissa = h & 0x3FFu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255u : exponent + (127 - 15);
  return from_bits(sign | wide << 23 | mantissa << 13);
}

float from_bf16(const std::uint8_t* p) {
  std::uint16_t h = 0;
  std::memcpy(&h, p, sizeof h);
  return from_bits(std::uint32_t{h} << 16);
}

float from_f64(const std::uint8_t* p) {
  double x = 0;
  std::memcpy(&x, p, sizeof x);
  return static_cast<float>(x);
}

using Convert = float (*)(const std::uint8_t* element);

// Reads and converts in pieces that fit a small buffer.
Status read_converted(ByteSource source, const TensorInfo& tensor, Convert convert,
                      Span<float> out) {
  std::uint8_t buffer[512];
  const std::size_t width = dtype_bytes(tensor.dtype);
  const std::size_t room = sizeof buffer / width;
  for (std::size_t i = 0; i < out.size;) {
    const std::size_t n = out.size - i < room ? out.size - i : room;
    const Status status =
        source.read(source.context, tensor.begin + i * width, {buffer, n * width});
    if (status != Status::ok) return status;
    for (std::size_t j = 0; j < n; ++j) out[i + j] = convert(buffer + j * width);
    i += n;
  }
  return Status::ok;
}

Status read_f32(ByteSource source, const TensorInfo& tensor, Span<float> out) {
  std::uint8_t* bytes = reinterpret_cast<std::uint8_t*>(out.data);
  return out.empty() ? Status::ok
                     : source.read(source.context, tensor.begin, {bytes, out.size * sizeof(float)});
}

Status read_values(ByteSource source, const TensorInfo& tensor, Span<float> out) {
  switch (tensor.dtype) {
    case Dtype::f32:
      return read_f32(source, tensor, out);
    case Dtype::f16:
      return read_converted(source, tensor, from_f16, out);
    case Dtype::bf16:
      return read_converted(source, tensor, from_bf16, out);
    case Dtype::f64:
      return read_converted(source, tensor, from_f64, out);
    default:
      return Status::not_supported;
  }
}

Status read_memory(const void* context, std::uint64_t at, Span<std::uint8_t> out) {
  const Bytes& file = *static_cast<const Bytes*>(context);
  if (at > file.size || out.size > file.size - at) return Status::io_error;
  if (!out.empty()) std::memcpy(out.data, file.data + static_cast<std::size_t>(at), out.size);
  return Status::ok;
}

}  // namespace

ByteSource memory_source(const Bytes& file) { return {&file, read_memory}; }

Status load_tensor(const SafetensorsHeader& header, ByteSource source, const TensorName& name,
                   const TensorShape& shape, Span<float> out, TensorError& error) {
  TensorInfo tensor;
  error = {"a tensor of this name", 0};
  if (!header.find(name, tensor)) return Status::unknown_name;
  error.expected = "elements of type F32, F64, F16 or BF16";
  if (tensor.dtype != Dtype::f32 && tensor.dtype != Dtype::f64 && tensor.dtype != Dtype::f16 &&
      tensor.dtype != Dtype::bf16) {
    return Status::not_supported;
  }
  error.expected = "the shape that the model gives this tensor";
  if (tensor.shape != shape || tensor.elements() != out.size) return Status::bad_shape;
  error.expected = "readable data";
  const Status status = read_values(source, tensor, out);
  if (status != Status::ok) return status;
  error.expected = "finite values";
  for (std::size_t i = 0; i < out.size; ++i) {
    if (is_not_finite(out[i])) {
      error.element = i;
      return Status::not_finite;
    }
    out[i] = store_floor(out[i]);
  }
  error = {};
  return Status::ok;
}

}  // namespace hone
