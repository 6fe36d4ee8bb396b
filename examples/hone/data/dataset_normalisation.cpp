#include "examples/hone/data/dataset.hpp"
#include "examples/hone/data/fault_text.hpp"

namespace hone {

bool Dataset::estimate_pixels(Error* error) {
  ExactMoments moments;
  for (std::size_t i = 0; i < size(Part::train); ++i) {
    if (!read(Part::train, i, {pixels_.data(), nullptr}, error)) return false;
    moments.add({pixels_.data(), pixels_.size()});
  }
  moments.finish(&normalisation_.a, &normalisation_.b);
  return true;
}

bool Dataset::estimate_exact(Error* error) {
  ExactMoments moments;
  for (std::size_t i = 0; i < size(Part::train); ++i) {
    if (!read(Part::train, i, {nullptr, features_.data()}, error)) return false;
    for (const double v : features_) moments.add(static_cast<std::int32_t>(v));
  }
  moments.finish(&normalisation_.a, &normalisation_.b);
  return true;
}

/// Mean and deviation of every column; one column means of all values together.
bool Dataset::estimate_columns(std::size_t columns, Error* error) {
  std::vector<OrderedMoments> moments(columns);
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t i = 0; i < size(Part::train); ++i) {
      if (!read(Part::train, i, {nullptr, features_.data()}, error)) return false;
      for (std::size_t k = 0; k < features_.size(); ++k) {
        OrderedMoments& m = moments[k % columns];
        if (pass == 0)
          m.add_to_mean(features_[k]);
        else
          m.add_to_deviation(features_[k]);
      }
    }
    if (pass == 0)
      for (OrderedMoments& m : moments) m.end_mean();
  }
  columns_.resize(2 * columns);
  for (std::size_t k = 0; k < columns; ++k) {
    columns_[k] = moments[k].mean();
    columns_[columns + k] = moments[k].deviation();
    const double check = columns_[k] + columns_[columns + k];
    if (check - check == 0.0) continue;  // false for NaN and infinity
    return error->fail(kExitData, options_.path +
                                      ": expected numbers whose squares sum to a "
                                      "finite double, found larger ones in feature " +
                                      std::to_string(k + 1) + "; rescale it");
  }
  return true;
}

bool Dataset::estimate(Error* error) {
  if (size(Part::train) == 0)
    return error->fail(kExitUsage,
                       "--normalise: expected a training part to estimate from, found "
                       "none; give the numbers too");
  normalisation_.known = true;
  if (normalisation_.rule == NormaliseRule::columns) {
    if (!estimate_columns(options_.shape.size(), error)) return false;
    normalisation_.mean = {columns_.data(), columns_.size() / 2};
    normalisation_.deviation = {columns_.data() + columns_.size() / 2, columns_.size() / 2};
    return true;
  }
  if (is_images_) return estimate_pixels(error);
  if (source_[static_cast<int>(Part::train)]->is_exact()) return estimate_exact(error);
  if (!estimate_columns(1, error)) return false;
  normalisation_.a = columns_[0];
  normalisation_.b = columns_[1];
  return true;
}

bool Dataset::set_normalisation(const std::string& text, Error* error) {
  std::string rule = text;
  if (rule.empty()) {
    const SampleSource& source = *source_[source_[0] ? 0 : static_cast<int>(Part::test)];
    rule = is_images_ ? "none" : source.has_columns() ? "columns" : "set";
  }
  columns_.resize(2 * count_columns({rule.data(), rule.size()}));
  DataFault fault;
  const Status s = parse_normalisation({rule.data(), rule.size()},
                                       {columns_.data(), columns_.size()}, &normalisation_, &fault);
  if (s == Status::unknown_name)
    return error->fail(kExitUsage,
                       "--normalise: expected none, fixed A B, set, image or columns, "
                       "found '" +
                           printable(fault.found) + "'" + did_you_mean(fault));
  if (s != Status::ok) return error->fail(kExitUsage, "--normalise: " + expected_found(fault));
  if (is_images_ && normalisation_.rule == NormaliseRule::columns)
    return error->fail(kExitUsage,
                       "--normalise: expected a table for columns, found images; use "
                       "set or image");
  if (!is_images_ && normalisation_.rule == NormaliseRule::image)
    return error->fail(kExitUsage,
                       "--normalise: expected images for image, found features; use "
                       "set or columns");
  if (!normalisation_.known) return estimate(error);
  const std::size_t columns = normalisation_.mean.size;
  if (normalisation_.rule != NormaliseRule::columns || columns == options_.shape.size())
    return true;
  return error->fail(kExitModel, "--normalise: expected numbers for " +
                                     std::to_string(options_.shape.size()) + " columns, found " +
                                     std::to_string(columns));
}

std::string Dataset::normalisation_text() const {
  std::string text(normalisation_text_bytes(normalisation_), '\0');
  std::size_t size = 0;
  // The room is always enough, so the text is whole.
  if (format_normalisation(normalisation_, {&text[0], text.size()}, &size) != Status::ok) return {};
  text.resize(size);
  return text;
}

}  // namespace hone
