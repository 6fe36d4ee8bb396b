#pragma once
#include <doctest/doctest.h>

#include <string>

#include "examples/hone/data/dataset.hpp"

/// Options and errors of a data set in one expression.
namespace dataset_errors {

inline hone::DataOptions options(const std::string& path, hone::ImageShape shape = {1, 2, 1}) {
  hone::DataOptions o;
  o.path = path;
  o.shape = shape;
  return o;
}

/// The error of opening and reading everything; exit code 0 if there is none.
inline hone::Error error_of(const hone::DataOptions& o) {
  hone::Dataset data;
  hone::Error error;
  if (data.open(o, &error) && data.set_normalisation("", &error)) data.verify(&error);
  return error;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace dataset_errors

#define CHECK_ERROR(options, code, words)                    \
  do {                                                       \
    const hone::Error e = dataset_errors::error_of(options); \
    CAPTURE(e.text);                                         \
    CHECK(e.exit_code == (code));                            \
    CHECK(dataset_errors::has(e.text, words));               \
    CHECK(!dataset_errors::has(e.text, "\n"));               \
  } while (false)
