#pragma once
#include <cstddef>
#include <cstdint>

#include "hone/span.hpp"
#include "hone/status.hpp"

namespace hone {

/// The safetensors format: 8 bytes of little-endian header length N, N bytes of JSON that begin
/// with '{' and may end in spaces, then the tensors' bytes, little-endian and in C order, without
/// holes or overlap.
///
/// Limits of this implementation, far above what a model of hone needs and low enough that a
/// hostile file costs little time: kMaxHeaderBytes, kMaxTensors, kMaxMetadata, kMaxDims.
constexpr std::size_t kMaxHeaderBytes = 1 << 20;
constexpr std::size_t kMaxTensors = 1024;
constexpr std::size_t kMaxMetadata = 256;
constexpr int kMaxDims = 8;
/// The writer pads the header with spaces so that the tensors begin at a multiple of this.
constexpr std::size_t kHeaderAlignment = 4096;

enum class Dtype : std::uint8_t {
  boolean,
  u8,
  i8,
  u16,
  i16,
  f16,
  bf16,
  u32,
  i32,
  f32,
  u64,
  i64,
  f64
};

/// The format's own word for a type: "F32", "BOOL", ...
const char* to_string(Dtype dtype);
/// Bytes of one element.
std::size_t dtype_bytes(Dtype dtype);

struct TensorShape {
  int rank = 0;  ///< 0: a scalar, one element
  std::uint64_t dim[kMaxDims] = {};
};
bool operator==(const TensorShape& a, const TensorShape& b);
inline bool operator!=(const TensorShape& a, const TensorShape& b) { return !(a == b); }

/// A tensor's name in up to three pieces, so that "optimizer." + layer + ".weight.velocity" needs
/// no buffer.
struct TensorName {
  Text part[3];

  constexpr TensorName() = default;
  constexpr TensorName(const char* whole) : part{Text(whole), Text(), Text()} {}
  constexpr TensorName(Text a, Text b = {}, Text c = {}) : part{a, b, c} {}
};
bool operator==(const TensorName& a, const TensorName& b);

/// A JSON string of a parsed header, still with its escapes; points into the header.
struct EscapedText {
  Text raw;

  /// Bytes without the escapes.
  std::size_t size() const;
  /// Writes the text without escapes to the front of `buffer` and points `text` at it; too_large,
  /// with `text` untouched, if it does not fit.
  Status unescape(Span<char> buffer, Text& text) const;
};
bool operator==(const EscapedText& a, const TensorName& plain);
bool operator==(const EscapedText& a, const EscapedText& b);
inline bool operator!=(const EscapedText& a, const TensorName& plain) { return !(a == plain); }

/// True for well-formed UTF-8. Names and metadata must be; names of files need not be.
bool is_utf8(Text text);

/// Where a header is wrong and what had to be there: "byte 133: expected an integer below 2^64".
struct SafetensorsError {
  std::uint64_t byte = 0;  ///< in the file
  const char* expected = "";
};

/// A tensor that a header describes. begin and end are bytes in the FILE (the header's own
/// data_offsets count from the end of the header).
struct TensorInfo {
  EscapedText name;
  Dtype dtype = Dtype::f32;
  TensorShape shape;
  std::uint64_t begin = 0, end = 0;

  std::uint64_t elements() const { return (end - begin) / dtype_bytes(dtype); }
};

class JsonCursor;

/// The header of a safetensors file, checked from end to end before the first question is answered.
/// It keeps no table: it reads the header's bytes again for each question, so they must stay.
class SafetensorsHeader {
 public:
  /// From the first 8 bytes of a file: how many bytes parse() wants, 8 + N.
  /// bad_data if the file is too short for them, too_large if N is above kMaxHeaderBytes.
  static Status measure(Bytes first8, std::uint64_t file_bytes, std::size_t& bytes,
                        SafetensorsError& error);

  /// Checks the header in the first 8 + N bytes of `file` (more may follow and is not looked at).
  ///   bad_data       breaks the format: JSON, UTF-8, duplicate or unknown keys, offsets outside
  ///   the
  ///                  file, that do not fit type and shape, that overlap or leave a hole
  ///   not_supported  well-formed, with an element type or a rank that hone does not read
  ///   too_large      above the limits at the top of this page
  /// On error the object describes an empty file.
  Status parse(Bytes file, std::uint64_t file_bytes, SafetensorsError& error);

  std::size_t tensors() const { return tensors_; }
  std::size_t metadata_entries() const { return metadata_entries_; }
  /// First byte of tensor data in the file.
  std::uint64_t data_begin() const { return data_begin_; }

  /// Walks the tensors in header order: start with at = 0; false after the last.
  bool next(std::size_t& at, TensorInfo& tensor) const;
  bool find(const TensorName& name, TensorInfo& tensor) const;
  /// The same for the string pairs of "__metadata__".
  bool next_metadata(std::size_t& at, EscapedText& key, EscapedText& value) const;
  bool find_metadata(Text key, EscapedText& value) const;

 private:
  Status check_entries(SafetensorsError& error);
  Status check_metadata(JsonCursor& cursor);
  Status check_unique(SafetensorsError& error) const;
  Status check_coverage(SafetensorsError& error) const;
  bool is_boundary(std::uint64_t offset) const;
  std::size_t place(const EscapedText& text) const;
  Status fail(Status status, std::size_t at, const char* expected, SafetensorsError& error) const;

  Text json_;  ///< the header without the padding
  std::size_t tensors_ = 0, metadata_entries_ = 0;
  std::size_t metadata_begin_ = 0, metadata_end_ = 0;  ///< in json_; 0, 0 without metadata
  std::uint64_t data_begin_ = 0, file_bytes_ = 0;
};

/// Takes the bytes of a file in order. An error stops the writer, which returns it.
struct Sink {
  void* context = nullptr;
  Status (*write)(void* context, Bytes bytes) = nullptr;
};

/// A list that a writer asks for one element at a time: an array, or a function that makes the
/// element when it is asked for. The list must answer the same each time.
template <class T>
struct ListOf {
  const void* context = nullptr;
  std::size_t count = 0;
  T (*at)(const void* context, std::size_t index) = nullptr;

  constexpr ListOf() = default;
  constexpr ListOf(const void* c, std::size_t n, T (*f)(const void*, std::size_t))
      : context(c), count(n), at(f) {}
  ListOf(Span<const T> array) : context(array.data), count(array.size), at(&element) {}

  T operator[](std::size_t i) const { return at(context, i); }

 private:
  static T element(const void* array, std::size_t i) { return static_cast<const T*>(array)[i]; }
};

struct TensorEntry {
  TensorName name;
  Dtype dtype = Dtype::f32;
  TensorShape shape;
  Bytes data;  ///< safetensors_bytes looks at the size only
};

struct MetadataEntry {
  Text key, value;
};

/// The exact size of the file that write_safetensors makes.
///   bad_argument  text that is not UTF-8, a name or key that comes twice, a tensor "__metadata__",
///                 a rank outside [0, kMaxDims]
///   bad_shape     data that does not fit type and shape
///   too_large     above the limits at the top of this page
Status safetensors_bytes(ListOf<MetadataEntry> metadata, ListOf<TensorEntry> tensors,
                         std::uint64_t& bytes);

/// Checks like safetensors_bytes, then streams the file into `sink`: header, metadata first, then
/// each tensor in one piece from the caller's memory, in list order.
Status write_safetensors(ListOf<MetadataEntry> metadata, ListOf<TensorEntry> tensors, Sink sink);

/// An entry for floats in memory. The format is little-endian, and so is every target of hone.
TensorEntry f32_entry(const TensorName& name, const TensorShape& shape, Span<const float> values);
/// The same for integers: T is int8, uint8, int16 or int32.
template <class T>
TensorEntry integer_entry(const TensorName& name, const TensorShape& shape, Span<const T> values);
/// The type of a tensor of these.
template <class T>
constexpr Dtype integer_dtype() {
  static_assert(sizeof(T) == 4 || sizeof(T) <= 2, "the integers of w16a8");
  if (sizeof(T) == 1) return T(-1) < T(0) ? Dtype::i8 : Dtype::u8;
  return sizeof(T) == 2 ? Dtype::i16 : Dtype::i32;
}

}  // namespace hone
