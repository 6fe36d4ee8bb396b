#include "hone/safetensors.hpp"
#include "json_cursor.hpp"
#include "safetensors_entry.hpp"

namespace hone {
namespace {

constexpr std::size_t kLengthBytes = 8;

std::uint64_t load_little_endian(const std::uint8_t* p) {
  std::uint64_t value = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) value = value << 8 | p[i];
  return value;
}

Text without_trailing_spaces(Text t) {
  while (t.size > 0 && t[t.size - 1] == ' ') --t.size;
  return t;
}

// Moves from behind one value of an object to the next key, or sets `done` behind the closing
// brace. A cursor that stands at an opening brace starts the object.
bool next_key(JsonCursor& c, bool first, bool& done, EscapedText& key, const char* wanted) {
  if (first && !c.take('{', "{")) return false;
  done = c.skip('}');
  if (done) return true;
  if (!first && !c.take(',', ", or }")) return false;
  return c.string(key, wanted) && c.take(':', "the : after a key");
}

// One "key": "value" of the metadata object.
bool next_pair(JsonCursor& c, bool first, bool& done, EscapedText& key, EscapedText& value) {
  if (!next_key(c, first, done, key, "a metadata key")) return false;
  return done || c.string(value, "a string: metadata maps text to text");
}

}  // namespace

Status SafetensorsHeader::fail(Status status, std::size_t at, const char* expected,
                               SafetensorsError& error) const {
  error = {kLengthBytes + at, expected};
  return status;
}

std::size_t SafetensorsHeader::place(const EscapedText& text) const {
  return JsonCursor(json_).begin_of(text);
}

Status SafetensorsHeader::measure(Bytes first8, std::uint64_t file_bytes, std::size_t& bytes,
                                  SafetensorsError& error) {
  error = {0, "8 bytes of header length"};
  if (first8.size < kLengthBytes || file_bytes < kLengthBytes) return Status::bad_data;
  const std::uint64_t length = load_little_endian(first8.data);
  error.expected = "a header length that fits the file: not a safetensors file, or cut short";
  if (length < 2 || length > file_bytes - kLengthBytes) return Status::bad_data;
  error.expected = "a header of at most 1 MiB";
  if (length > kMaxHeaderBytes) return Status::too_large;
  error = {};
  bytes = kLengthBytes + static_cast<std::size_t>(length);
  return Status::ok;
}

Status SafetensorsHeader::parse(Bytes file, std::uint64_t file_bytes, SafetensorsError& error) {
  *this = {};
  std::size_t bytes = 0;
  Status status = measure(file, file_bytes, bytes, error);
  if (status != Status::ok) return status;
  if (file.size < bytes) return fail(Status::bad_argument, 0, "the whole header", error);
  json_ = without_trailing_spaces(
      {reinterpret_cast<const char*>(file.data) + kLengthBytes, bytes - kLengthBytes});
  data_begin_ = bytes;
  file_bytes_ = file_bytes;
  if (json_.size == 0 || json_[0] != '{') {
    status = fail(Status::bad_data, 0, "{ as the first byte of the header", error);
  }
  if (status == Status::ok) status = check_entries(error);
  if (status == Status::ok) status = check_unique(error);
  if (status == Status::ok) status = check_coverage(error);
  if (status != Status::ok) *this = {};
  return status;
}

Status SafetensorsHeader::check_entries(SafetensorsError& error) {
  JsonCursor c(json_);
  for (bool first = true, done = false;; first = false) {
    EscapedText key;
    if (!next_key(c, first, done, key, "a tensor name")) break;
    if (done) {
      if (c.at == json_.size) return Status::ok;
      c.fail(c.at, "nothing but spaces after the header");
      break;
    }
    const bool is_metadata = key == kMetadataKey;
    if (is_metadata && metadata_end_ != 0) {
      c.fail(c.begin_of(key), "__metadata__ only once");
      break;
    }
    TensorInfo tensor;
    const Status status =
        is_metadata ? check_metadata(c) : read_tensor(c, data_begin_, file_bytes_, tensor);
    if (status != Status::ok) return fail(status, c.at, c.expected, error);
    if (!is_metadata && ++tensors_ > kMaxTensors) {
      return fail(Status::too_large, c.at, "at most 1024 tensors", error);
    }
  }
  return fail(Status::bad_data, c.at, c.expected, error);
}

Status SafetensorsHeader::check_metadata(JsonCursor& c) {
  metadata_begin_ = c.at;
  bool done = false;
  EscapedText key, value;
  while (next_pair(c, metadata_entries_ == 0, done, key, value)) {
    if (done) {
      metadata_end_ = c.at;
      return Status::ok;
    }
    if (++metadata_entries_ > kMaxMetadata) {
      c.fail(c.at, "at most 256 metadata entries");
      return Status::too_large;
    }
  }
  return Status::bad_data;
}

bool SafetensorsHeader::next(std::size_t& at, TensorInfo& tensor) const {
  if (json_.size == 0) return false;
  JsonCursor c(json_, at);
  bool done = false;
  EscapedText key;
  if (!next_key(c, at == 0, done, key, "") || done) return false;
  if (c.at == metadata_begin_) {
    c.at = metadata_end_;
    if (!next_key(c, false, done, key, "") || done) return false;
  }
  tensor.name = key;
  if (read_tensor(c, data_begin_, file_bytes_, tensor) != Status::ok) return false;
  at = c.at;
  return true;
}

bool SafetensorsHeader::find(const TensorName& name, TensorInfo& tensor) const {
  std::size_t at = 0;
  for (TensorInfo t; next(at, t);) {
    if (t.name == name) {
      tensor = t;
      return true;
    }
  }
  return false;
}

bool SafetensorsHeader::next_metadata(std::size_t& at, EscapedText& key, EscapedText& value) const {
  if (metadata_end_ == 0) return false;
  JsonCursor c(json_, at == 0 ? metadata_begin_ : at);
  bool done = false;
  if (!next_pair(c, at == 0, done, key, value) || done) return false;
  at = c.at;
  return true;
}

bool SafetensorsHeader::find_metadata(Text key, EscapedText& value) const {
  std::size_t at = 0;
  for (EscapedText k, v; next_metadata(at, k, v);) {
    if (k == key) {
      value = v;
      return true;
    }
  }
  return false;
}

Status SafetensorsHeader::check_unique(SafetensorsError& error) const {
  std::size_t at = 0;
  for (TensorInfo a, b; next(at, a);) {
    for (std::size_t later = at; next(later, b);) {
      if (a.name == b.name) {
        return fail(Status::bad_data, place(b.name), "a tensor name only once", error);
      }
    }
  }
  at = 0;
  for (EscapedText a, b, value; next_metadata(at, a, value);) {
    for (std::size_t later = at; next_metadata(later, b, value);) {
      if (a == b) return fail(Status::bad_data, place(b), "a metadata key only once", error);
    }
  }
  return Status::ok;
}

// True where the data begins or a tensor with data ends: the only places where one may begin.
bool SafetensorsHeader::is_boundary(std::uint64_t offset) const {
  if (offset == data_begin_) return true;
  std::size_t at = 0;
  for (TensorInfo t; next(at, t);) {
    if (t.end == offset && t.end > t.begin) return true;
  }
  return false;
}

// Follows the chain of tensors from the begin of the data to its end; each must come up once.
// Tensors stored in header order take one pass, any other order at most one pass per tensor.
Status SafetensorsHeader::check_coverage(SafetensorsError& error) const {
  std::uint64_t reached = data_begin_;
  std::size_t chained = 0, with_data = 0;
  for (bool moved = true; moved;) {
    moved = false;
    with_data = 0;
    std::size_t at = 0;
    for (TensorInfo t; next(at, t);) {
      if (t.begin == t.end) continue;
      ++with_data;
      if (t.begin != reached) continue;
      reached = t.end;
      ++chained;
      moved = true;
    }
  }
  std::size_t at = 0;
  for (TensorInfo t; next(at, t);) {
    if ((chained != with_data || t.begin == t.end) && !is_boundary(t.begin)) {
      return fail(Status::bad_data, place(t.name),
                  "data that begins where other data ends: no hole, no overlap", error);
    }
  }
  if (chained != with_data) {
    return fail(Status::bad_data, 0, "tensors that do not share data", error);
  }
  if (reached == file_bytes_) return Status::ok;
  error = {reached, "the end of the file after the last tensor"};
  return Status::bad_data;
}

}  // namespace hone
