#include "examples/hone/data/prediction_input.hpp"

#include <algorithm>

#include "examples/hone/data/byte_order_mark.hpp"
#include "examples/hone/data/fault_text.hpp"
#include "ports/posix/directory.hpp"

namespace hone {
namespace {

constexpr int kMaxDepth = 16;
constexpr std::uint64_t kMaxTable = std::uint64_t{1} << 30;

bool is_table(const std::string& file) {
  return ends_with(file, ".csv") || ends_with(file, ".CSV");
}

/// Calls `normalise` with the trainer's input, floats or mantissas of exponent e.
template <class Normalise>
Status take_in(Trainer* trainer, int e, Normalise normalise) {
  if (trainer->program().numeric == Numeric::f32) return normalise(trainer->input());
  const Status s = trainer->set_input_exponent(e);
  return s == Status::ok ? normalise(trainer->input_mantissas()) : s;
}

}  // namespace

bool PredictionInput::set_rule(const std::string& text, Error* error) {
  const Text rule(text.data(), text.size());
  numbers_.resize(2 * count_columns(rule));
  DataFault fault;
  const Status s = parse_normalisation(rule, {numbers_.data(), numbers_.size()}, &rule_, &fault);
  if (s != Status::ok)
    return error->fail(kExitUsage,
                       "--normalise: expected none, fixed A B, set, image or columns, "
                       "with numbers: " +
                           expected_found(fault));
  if (rule_.known) return true;
  return error->fail(kExitUsage,
                     "--normalise: expected the numbers of the rule, found none; there "
                     "is no training part to estimate them from");
}

bool PredictionInput::add_folder(const std::string& folder, int depth, Error* error) {
  posix::Listing listing;
  posix::FileError why;
  if (depth > kMaxDepth)
    return error->fail(kExitData, folder +
                                      ": expected at most 16 folders in one another, found "
                                      "more");
  if (!listing.read(folder, &why)) return error->fail(kExitData, why.text);
  for (std::size_t i = 0; i < listing.size(); ++i) {
    const std::string path = folder + "/" + listing.name(i);
    if (listing.kind(i) == posix::PathKind::folder) {
      if (!add_folder(path, depth + 1, error)) return false;
    } else if (has_image_name(path)) {
      files_.push_back(path);
    }
  }
  return true;
}

bool PredictionInput::open(const Options& options, const LoadedModel& model, Error* error) {
  shape_ = model.job.input();
  label_ = options.given("label") ? options.text("label") : model.file.setting("label");
  columns_ = model.file.columns();
  const std::string& stored = model.file.text().normalise;
  const std::string rule = options.text("normalise");
  if (!set_rule(rule != "auto" ? rule : stored.empty() ? "none" : stored, error)) return false;
  for (std::size_t i = 1; i < options.arguments().size(); ++i) {
    const std::string& path = options.arguments()[i];
    if (posix::kind_of(path) != posix::PathKind::folder) {
      files_.push_back(path);
      continue;
    }
    const std::size_t before = files_.size();
    if (!add_folder(path, 0, error)) return false;
    if (files_.size() == before)
      return error->fail(kExitData, path + ": expected .pgm, .ppm, .pnm or .bmp files, found none");
  }
  if (!options.given("label") || std::any_of(files_.begin(), files_.end(), is_table)) return true;
  return error->fail(kExitUsage,
                     "--label: expected a CSV file to predict, found images only; leave --label "
                     "out");
}

bool PredictionInput::next(Trainer* trainer, Error* error) {
  for (;;) {
    if (!table_name_.empty()) {
      if (at_ < table_.size()) {
        Bytes row;
        if (!read_row(&row, error)) return false;
        const std::size_t line = line_;
        at_ += row.size;
        for (const std::uint8_t c : row) line_ += c == '\n' ? 1 : 0;
        if (CsvRow(row, 0, 0).blank()) continue;
        name_ = table_name_ + ", line " + std::to_string(line);
        return next_row(row, line, trainer, error);
      }
      table_name_.clear();
    }
    if (next_ == files_.size()) return false;
    const std::string& file = files_[next_++];
    if (ends_with(file, ".gz")) return refuse_gz(file, error);
    if (!is_table(file)) return next_image(file, trainer, error);
    if (!open_table(file, error)) return false;
  }
}

bool PredictionInput::next_image(const std::string& file, Trainer* to, Error* error) {
  name_ = file;
  pixels_.resize(shape_.size());
  if (!reader_.read(file, shape_, pixels_.data(), error)) return false;
  const Bytes pixels(pixels_.data(), pixels_.size());
  const Status s = take_in(to, pixel_exponent(rule_), [&](auto x) {
    return normalise_pixels(rule_, pixels, {x, pixels.size});
  });
  if (s == Status::ok) return true;
  return error->fail(kExitModel, file +
                                     ": expected a model for images, found one whose "
                                     "normalisation is by columns, or an input of 2^24 values "
                                     "or more");
}

bool PredictionInput::open_table(const std::string& file, Error* error) {
  posix::FileError why;
  if (!posix::read_file(file, &table_, kMaxTable, &why)) return error->fail(kExitData, why.text);
  table_name_ = file;
  at_ = byte_order_mark({table_.data(), table_.size()});
  line_ = 1;
  if (at_ == table_.size())
    return error->fail(kExitData, file + ": expected a header row, found an empty file");
  Bytes row;
  if (!read_row(&row, error) || !header_.read(row, file, error)) return false;
  at_ += row.size;
  for (const std::uint8_t c : row) line_ += c == '\n' ? 1 : 0;
  return find_columns(error);
}

bool PredictionInput::find_columns(Error* error) {
  const std::size_t inputs = shape_.size();
  std::size_t label = label_.empty() ? CsvHeader::kNone : header_.find(label_);
  if (label == CsvHeader::kNone && header_.columns() == inputs + 1)
    label = header_.find_number(label_);
  std::vector<std::string> features = columns_;
  if (!header_.match(label, &features, error)) return false;
  if (features.size() == inputs) return true;
  return error->fail(kExitData, table_name_ + ": line 1: expected " + std::to_string(inputs) +
                                    " columns, the inputs of the model, and perhaps the label "
                                    "column" +
                                    (label_.empty() ? "" : " '" + label_ + "'") + ", found " +
                                    std::to_string(header_.columns()) + " columns");
}

bool PredictionInput::read_row(Bytes* row, Error* error) {
  std::size_t n = 0;
  DataFault fault;
  const Bytes rest(table_.data() + at_, table_.size() - at_);
  if (csv_row_bytes(rest, true, &n, &fault) != Status::ok)
    return refuse_open_row(rest, table_name_, line_, error);
  *row = rest.sub(0, n);
  return true;
}

bool PredictionInput::next_row(Bytes row, std::size_t line, Trainer* to, Error* error) {
  features_.resize(shape_.size());
  CsvRow cells(row, at_, line);
  std::size_t column = 0;
  for (; !cells.done() && column < header_.columns(); ++column) {
    DataFault fault;
    Text cell;
    const std::size_t place = header_.feature_of(column);
    const Status s = place == CsvHeader::kNone ? cells.next(&cell, &fault)
                                               : cells.next_number(&features_[place], &fault);
    if (s != Status::ok) return error->fail(kExitData, table_name_ + ": " + fault_text(fault));
  }
  if (column != header_.columns() || !cells.done())
    return error->fail(kExitData, name_ + ": expected " + std::to_string(header_.columns()) +
                                      " cells as the header has, found another number; correct or "
                                      "remove the row");
  const Span<const double> features(features_.data(), features_.size());
  const Status s = take_in(to, kFeatureExponent, [&](auto x) {
    return normalise_features(rule_, features, {x, features.size});
  });
  if (s == Status::ok) return true;
  if (s == Status::not_finite)
    return error->fail(kExitData, name_ +
                                      ": expected values that fit the normalisation and 32-bit "
                                      "floats, found larger ones");
  return error->fail(kExitModel, name_ + ": expected a model for features, found one for images");
}

}  // namespace hone
