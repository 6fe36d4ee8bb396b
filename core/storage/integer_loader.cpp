#include "hone/checkpoint.hpp"

namespace hone {

template <class T>
Status load_integers(const SafetensorsHeader& header, ByteSource source, const TensorName& name,
                     const TensorShape& shape, IntegerRange range, Span<T> out,
                     TensorError& error) {
  TensorInfo tensor;
  error = {"a tensor of this name", 0};
  if (!header.find(name, tensor)) return Status::unknown_name;
  error.expected = to_string(integer_dtype<T>());
  if (tensor.dtype != integer_dtype<T>()) return Status::not_supported;
  error.expected = "the shape that the model gives this tensor";
  if (tensor.shape != shape || tensor.elements() != out.size) return Status::bad_shape;
  error.expected = "readable data";
  if (!out.empty()) {
    std::uint8_t* const bytes = reinterpret_cast<std::uint8_t*>(out.data);
    const Status status = source.read(source.context, tensor.begin, {bytes, out.size * sizeof(T)});
    if (status != Status::ok) return status;
  }
  error.expected = "values in range";
  for (std::size_t i = 0; i < out.size; ++i)
    if (out[i] < range.least || out[i] > range.most) {
      error.element = i;
      return Status::bad_data;
    }
  error = {};
  return Status::ok;
}

template Status load_integers(const SafetensorsHeader&, ByteSource, const TensorName&,
                              const TensorShape&, IntegerRange, Span<std::int8_t>, TensorError&);
template Status load_integers(const SafetensorsHeader&, ByteSource, const TensorName&,
                              const TensorShape&, IntegerRange, Span<std::uint8_t>, TensorError&);
template Status load_integers(const SafetensorsHeader&, ByteSource, const TensorName&,
                              const TensorShape&, IntegerRange, Span<std::int16_t>, TensorError&);
template Status load_integers(const SafetensorsHeader&, ByteSource, const TensorName&,
                              const TensorShape&, IntegerRange, Span<std::int32_t>, TensorError&);

}  // namespace hone
