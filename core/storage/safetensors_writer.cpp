#include <cstring>

#include "hone/safetensors.hpp"
#include "json_cursor.hpp"
#include "safetensors_entry.hpp"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors files are written straight from memory: hone needs a little-endian target"
#endif

namespace hone {
namespace {

constexpr std::size_t kLengthBytes = 8;

// Collects small pieces for a sink, or only counts them where the sink is null.
class Output {
 public:
  explicit Output(const Sink* sink) : sink_(sink) {}

  void put(char c) {
    if (used_ == sizeof buffer_) (void)flush();  // the last flush returns the first error
    buffer_[used_++] = static_cast<std::uint8_t>(c);
  }
  void put(Text t) {
    for (std::size_t i = 0; i < t.size; ++i) put(t[i]);
  }
  void number(std::uint64_t value) {
    char digits[20];
    std::size_t at = sizeof digits;
    do digits[--at] = static_cast<char>('0' + value % 10);
    while (value /= 10);
    put(Text(digits + at, sizeof digits - at));
  }
  void escaped(Text t) {
    for (std::size_t i = 0; i < t.size; ++i) {
      const char c = t[i];
      if (c == '"' || c == '\\') {
        put('\\');
        put(c);
      } else if (c == '\n') {
        put("\\n");
      } else if (static_cast<std::uint8_t>(c) < 0x20) {
        put("\\u00");
        put("0123456789abcdef"[c >> 4]);
        put("0123456789abcdef"[c & 15]);
      } else {
        put(c);
      }
    }
  }
  /// Hands on what is buffered; the first error of the sink stays.
  Status flush() {
    if (sink_ && status_ == Status::ok && used_ > 0) {
      status_ = sink_->write(sink_->context, {buffer_, used_});
    }
    flushed_ += used_;
    used_ = 0;
    return status_;
  }
  std::uint64_t count() const { return flushed_ + used_; }

 private:
  const Sink* sink_;
  Status status_ = Status::ok;
  std::uint64_t flushed_ = 0;
  std::size_t used_ = 0;
  std::uint8_t buffer_[256];
};

void put_metadata(const ListOf<MetadataEntry>& metadata, Output& out) {
  out.put('"');
  out.put(kMetadataKey);
  out.put("\":{");
  for (std::size_t i = 0; i < metadata.count; ++i) {
    const MetadataEntry entry = metadata[i];
    out.put(i ? ",\"" : "\"");
    out.escaped(entry.key);
    out.put("\":\"");
    out.escaped(entry.value);
    out.put('"');
  }
  out.put('}');
}

void put_tensor(const TensorEntry& t, std::uint64_t begin, Output& out) {
  out.put('"');
  for (const Text& part : t.name.part) out.escaped(part);
  out.put("\":{\"dtype\":\"");
  out.put(to_string(t.dtype));
  out.put("\",\"shape\":[");
  for (int i = 0; i < t.shape.rank; ++i) {
    if (i) out.put(',');
    out.number(t.shape.dim[i]);
  }
  out.put("],\"data_offsets\":[");
  out.number(begin);
  out.put(',');
  out.number(begin + t.data.size);
  out.put("]}");
}

// The JSON text without its padding.
void put_header(const ListOf<MetadataEntry>& metadata, const ListOf<TensorEntry>& tensors,
                Output& out) {
  out.put('{');
  if (metadata.count) put_metadata(metadata, out);
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < tensors.count; ++i) {
    if (i || metadata.count) out.put(',');
    const TensorEntry t = tensors[i];
    put_tensor(t, begin, out);
    begin += t.data.size;
  }
  out.put('}');
}

bool is_utf8(const TensorName& name) {
  for (const Text& part : name.part) {
    if (!is_utf8(part)) return false;
  }
  return true;
}

Status check_tensors(const ListOf<TensorEntry>& tensors) {
  for (std::size_t i = 0; i < tensors.count; ++i) {
    const TensorEntry t = tensors[i];
    if (!is_utf8(t.name) || t.name == kMetadataKey) return Status::bad_argument;
    if (t.shape.rank < 0 || t.shape.rank > kMaxDims) return Status::bad_argument;
    if (!fits(t.dtype, t.shape, t.data.size)) return Status::bad_shape;
    for (std::size_t j = 0; j < i; ++j) {
      if (tensors[j].name == t.name) return Status::bad_argument;
    }
  }
  return Status::ok;
}

Status check_metadata(const ListOf<MetadataEntry>& metadata) {
  for (std::size_t i = 0; i < metadata.count; ++i) {
    const MetadataEntry entry = metadata[i];
    if (!is_utf8(entry.key) || !is_utf8(entry.value)) return Status::bad_argument;
    for (std::size_t j = 0; j < i; ++j) {
      if (metadata[j].key == entry.key) return Status::bad_argument;
    }
  }
  return Status::ok;
}

// Checks everything and finds the sizes of the JSON text, of the header with length and padding,
// and of the data.
struct Layout {
  std::uint64_t json = 0, header = 0, data = 0;
};

Status lay_out(const ListOf<MetadataEntry>& metadata, const ListOf<TensorEntry>& tensors,
               Layout& layout) {
  if (metadata.count > kMaxMetadata || tensors.count > kMaxTensors) return Status::too_large;
  Status status = check_metadata(metadata);
  if (status == Status::ok) status = check_tensors(tensors);
  if (status != Status::ok) return status;
  Output counter(nullptr);
  put_header(metadata, tensors, counter);
  layout.json = counter.count();
  layout.header =
      (kLengthBytes + layout.json + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment;
  if (layout.header - kLengthBytes > kMaxHeaderBytes) return Status::too_large;
  for (std::size_t i = 0; i < tensors.count; ++i) layout.data += tensors[i].data.size;
  return Status::ok;
}

}  // namespace

Status safetensors_bytes(ListOf<MetadataEntry> metadata, ListOf<TensorEntry> tensors,
                         std::uint64_t& bytes) {
  Layout layout;
  const Status status = lay_out(metadata, tensors, layout);
  if (status == Status::ok) bytes = layout.header + layout.data;
  return status;
}

Status write_safetensors(ListOf<MetadataEntry> metadata, ListOf<TensorEntry> tensors, Sink sink) {
  Layout layout;
  Status status = lay_out(metadata, tensors, layout);
  if (status != Status::ok) return status;
  Output out(&sink);
  std::uint64_t length = layout.header - kLengthBytes;
  for (std::size_t i = 0; i < kLengthBytes; ++i, length >>= 8) {
    out.put(static_cast<char>(length & 0xFF));
  }
  put_header(metadata, tensors, out);
  while (out.count() < layout.header) out.put(' ');
  status = out.flush();
  for (std::size_t i = 0; i < tensors.count && status == Status::ok; ++i) {
    const Bytes data = tensors[i].data;
    if (!data.empty()) status = sink.write(sink.context, data);
  }
  return status;
}

namespace {

template <class T>
TensorEntry entry_of(const TensorName& name, Dtype dtype, const TensorShape& shape,
                     Span<const T> values) {
  return {name,
          dtype,
          shape,
          {reinterpret_cast<const std::uint8_t*>(values.data), values.size * sizeof(T)}};
}

}  // namespace

TensorEntry f32_entry(const TensorName& name, const TensorShape& shape, Span<const float> values) {
  return entry_of(name, Dtype::f32, shape, values);
}

template <class T>
TensorEntry integer_entry(const TensorName& name, const TensorShape& shape, Span<const T> values) {
  return entry_of(name, integer_dtype<T>(), shape, values);
}
template TensorEntry integer_entry(const TensorName&, const TensorShape&, Span<const std::int8_t>);
template TensorEntry integer_entry(const TensorName&, const TensorShape&, Span<const std::uint8_t>);
template TensorEntry integer_entry(const TensorName&, const TensorShape&, Span<const std::int16_t>);
template TensorEntry integer_entry(const TensorName&, const TensorShape&, Span<const std::int32_t>);

}  // namespace hone
