#include "safetensors_entry.hpp"

namespace hone {
namespace {

struct DtypeRow {
  char name[5];
  std::uint8_t bytes;
};

// In the order of enum Dtype.
constexpr DtypeRow kDtypes[] = {{"BOOL", 1}, {"U8", 1},   {"I8", 1},  {"U16", 2}, {"I16", 2},
                                {"F16", 2},  {"BF16", 2}, {"U32", 4}, {"I32", 4}, {"F32", 4},
                                {"U64", 8},  {"I64", 8},  {"F64", 8}};
static_assert(sizeof kDtypes / sizeof kDtypes[0] == static_cast<std::size_t>(Dtype::f64) + 1,
              "one row per type");

Status read_dtype(JsonCursor& c, Dtype& dtype) {
  EscapedText name;
  if (!c.string(name, "the name of an element type")) return Status::bad_data;
  for (std::size_t i = 0; i < sizeof kDtypes / sizeof kDtypes[0]; ++i) {
    if (name == kDtypes[i].name) {
      dtype = static_cast<Dtype>(i);
      return Status::ok;
    }
  }
  c.fail(c.begin_of(name), "BOOL, or U, I, F with 8, 16, 32 or 64 bits, or BF16");
  return Status::not_supported;
}

Status read_shape(JsonCursor& c, TensorShape& shape) {
  shape.rank = 0;
  if (!c.take('[', "the [ of a shape")) return Status::bad_data;
  if (c.skip(']')) return Status::ok;
  do {
    std::uint64_t dim = 0;
    if (!c.integer(dim, "a dimension: an integer >= 0")) return Status::bad_data;
    if (shape.rank == kMaxDims) {
      c.fail(c.at, "at most 8 dimensions");
      return Status::not_supported;
    }
    shape.dim[shape.rank++] = dim;
  } while (c.skip(','));
  return c.take(']', ", or ] in a shape") ? Status::ok : Status::bad_data;
}

bool read_offsets(JsonCursor& c, std::uint64_t& begin, std::uint64_t& end) {
  return c.take('[', "the [ of data_offsets") && c.integer(begin, "the begin of the data") &&
         c.take(',', "the , between begin and end") && c.integer(end, "the end of the data") &&
         c.take(']', "the ] of data_offsets");
}

constexpr unsigned kDtype = 1, kShape = 2, kOffsets = 4, kAll = 7;

// Reads one "key": value of a tensor and adds its bit to `seen`.
Status read_field(JsonCursor& c, TensorInfo& t, unsigned& seen) {
  EscapedText key;
  if (!c.string(key, "\"dtype\", \"shape\" or \"data_offsets\"")) return Status::bad_data;
  const unsigned bit = key == "dtype"          ? kDtype
                       : key == "shape"        ? kShape
                       : key == "data_offsets" ? kOffsets
                                               : 0;
  if (bit == 0 || (seen & bit)) {
    c.fail(c.begin_of(key), "dtype, shape and data_offsets, each once, and no other key");
    return Status::bad_data;
  }
  seen |= bit;
  if (!c.take(':', "the : after a key")) return Status::bad_data;
  if (bit == kDtype) return read_dtype(c, t.dtype);
  if (bit == kShape) return read_shape(c, t.shape);
  return read_offsets(c, t.begin, t.end) ? Status::ok : Status::bad_data;
}

}  // namespace

const char* to_string(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)].name; }

std::size_t dtype_bytes(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)].bytes; }

bool operator==(const TensorShape& a, const TensorShape& b) {
  if (a.rank != b.rank) return false;
  for (int i = 0; i < a.rank; ++i) {
    if (a.dim[i] != b.dim[i]) return false;
  }
  return true;
}

bool count_elements(const TensorShape& shape, std::uint64_t& elements) {
  elements = 1;
  for (int i = 0; i < shape.rank; ++i) {
    const std::uint64_t dim = shape.dim[i];
    if (dim != 0 && elements > UINT64_MAX / dim) return false;
    elements *= dim;
  }
  return true;
}

bool fits(Dtype dtype, const TensorShape& shape, std::uint64_t bytes) {
  std::uint64_t elements = 0;
  return count_elements(shape, elements) && elements <= UINT64_MAX / dtype_bytes(dtype) &&
         elements * dtype_bytes(dtype) == bytes;
}

Status read_tensor(JsonCursor& c, std::uint64_t data_begin, std::uint64_t file_bytes,
                   TensorInfo& t) {
  const std::size_t start = c.at;
  unsigned seen = 0;
  if (!c.take('{', "the { of a tensor")) return Status::bad_data;
  do {
    const Status status = read_field(c, t, seen);
    if (status != Status::ok) return status;
  } while (c.skip(','));
  if (!c.take('}', ", or } in a tensor")) return Status::bad_data;
  const char* wanted = nullptr;
  if (seen != kAll) {
    wanted = "dtype, shape and data_offsets";
  } else if (t.begin > t.end) {
    wanted = "data_offsets with begin <= end";
  } else if (t.end > file_bytes - data_begin) {
    wanted = "data_offsets inside the file";
  } else if (!fits(t.dtype, t.shape, t.end - t.begin)) {
    wanted = "data_offsets that fit type and shape";
  }
  if (wanted) {
    c.fail(start, wanted);
    return Status::bad_data;
  }
  t.begin += data_begin;
  t.end += data_begin;
  return Status::ok;
}

}  // namespace hone
