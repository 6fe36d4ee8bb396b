#pragma once
#include <cstdint>

namespace hone {

/// What a call can end in. A new value is added only where a caller would act on it differently.
enum class [[nodiscard]] Status : std::uint8_t{
    ok,
    bad_argument,   ///< a number outside its documented range, or NaN
    bad_shape,      ///< sizes that do not fit each other
    unknown_name,   ///< a layer names an input that no earlier layer bears
    too_large,      ///< more layers, bytes or elements than the caller gave room for
    bad_label,      ///< a label outside the classes of the model
    bad_data,       ///< malformed or truncated bytes in a file format
    not_supported,  ///< well-formed, but a variant that hone does not read
    not_finite,     ///< NaN or infinity in an input, a parameter or a loss
    io_error,       ///< the caller's reader or writer failed
};

constexpr const char* to_string(Status s) {
  switch (s) {
    case Status::ok:
      return "ok";
    case Status::bad_argument:
      return "bad argument";
    case Status::bad_shape:
      return "bad shape";
    case Status::unknown_name:
      return "unknown name";
    case Status::too_large:
      return "too large";
    case Status::bad_label:
      return "label outside the classes";
    case Status::bad_data:
      return "bad data";
    case Status::not_supported:
      return "not supported";
    case Status::not_finite:
      return "not finite";
    case Status::io_error:
      return "input or output failed";
  }
  return "unknown status";
}

}  // namespace hone
