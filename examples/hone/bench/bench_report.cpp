#include "examples/hone/bench/bench_report.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "examples/hone/commands/json_writer.hpp"

namespace hone {
namespace {

/// A number with its unit, or a dash where there is nothing to count.
void print_cell(bool there, int width, double value, const char* unit = "") {
  if (there)
    std::printf(" %*.1f%s", width - static_cast<int>(std::strlen(unit)), value, unit);
  else
    std::printf(" %*s", width, "-");
}

}  // namespace

double BenchReport::us_a_step(double seconds) const {
  return 1e6 * seconds / static_cast<double>(profile_.steps());
}

std::vector<BenchReport::Phase> BenchReport::phases() const {
  return {{"data", profile_.data()},
          {"forward", profile_.forward()},
          {"loss", profile_.loss()},
          {"backward and update", profile_.backward()},
          {"checks", profile_.rest()}};
}

std::vector<BenchReport::LayerRow> BenchReport::layers() const {
  std::vector<LayerRow> rows;
  for (int i = 1; i < job_.layers(); ++i) {
    const LayerRun& run = job_.view().program.layer[i];
    LayerRow row;
    row.name = name_of(job_.model().view(), i).chars;
    row.output = shape_text(job_.layer(i).shape.out);
    row.time = profile_.layer(i);
    const double seconds = row.time.forward.seconds + row.time.backward.seconds;
    row.share = seconds / profile_.total();
    // The same count in forward, for the gradient of the weights, and for that of the input.
    const int passes = 1 + (run.is(LayerRun::kTrained) ? 1 : 0) + (run.dx.wanted ? 1 : 0);
    const double macs = static_cast<double>(job_.layer(i).shape.macs) *
                        static_cast<double>(profile_.samples()) * passes;
    if (seconds > 0) row.gflops = 2e-9 * macs / seconds;
    rows.push_back(row);
  }
  return rows;
}

std::vector<BenchReport::LayerRow> BenchReport::slowest(std::vector<LayerRow> rows) {
  constexpr std::size_t kNamed = 3;
  std::sort(rows.begin(), rows.end(),
            [](const LayerRow& a, const LayerRow& b) { return a.share > b.share; });
  if (rows.size() > kNamed) rows.resize(kNamed);
  return rows;
}

void BenchReport::print_row(const LayerRow& row) const {
  std::printf("%-24s %-14s", row.name.c_str(), row.output.c_str());
  print_cell(row.time.forward.calls > 0, 12, us_a_step(row.time.forward.seconds));
  print_cell(row.time.backward.calls > 0, 12, us_a_step(row.time.backward.seconds));
  print_cell(true, 8, 100 * row.share, " %");
  print_cell(row.gflops > 0, 9, row.gflops);
  print_cell(row.gflops > 0 && peak_gflops > 0, 9, 100 * of_peak(row), " %");
  std::printf("\n");
}

void BenchReport::print_text() const {
  const std::vector<LayerRow> rows = layers();
  std::printf("port: %s, %.1f GFLOP/s at best on one core\n", profile_.kernels().name, peak_gflops);
  std::printf("training: %.0f samples/s, batch %d in micro-batches of %d\n", training.per_second(),
              job_.batch().size, job_.batch().in_memory());
  std::printf("inference: %.0f samples/s, batch 1\n", inference.per_second());
  std::printf("total bytes: %llu\n\n", static_cast<unsigned long long>(job_.totals().bytes));
  std::printf("%-24s %12s %8s\n", "phase", "us a step", "share");
  for (const Phase& p : phases())
    std::printf("%-24s %12.1f %6.1f %%\n", p.name, us_a_step(p.seconds),
                100 * p.seconds / profile_.total());
  std::printf("\n%-24s %-14s %12s %12s %8s %9s %9s\n", "layer", "output", "forward us",
              "backward us", "share", "GFLOP/s", "of peak");
  for (const LayerRow& row : rows) print_row(row);
  std::printf(
      "0.0 or -: nothing to do or to count, or done together with another layer\n\nslowest:");
  const char* separator = " ";
  for (const LayerRow& row : slowest(rows)) {
    std::printf("%s%s %.1f %%", separator, row.name.c_str(), 100 * row.share);
    separator = ", ";
  }
  std::printf("\n");
}

void BenchReport::print_json() const {
  const std::vector<LayerRow> rows = layers();
  JsonWriter json;
  json.begin_object();
  json.field("port", std::string(profile_.kernels().name));
  json.field("peak_gflops", peak_gflops);
  json.field("train_samples_per_second", training.per_second());
  json.field("infer_samples_per_second", inference.per_second());
  json.field("batch", static_cast<std::uint64_t>(job_.batch().size));
  json.field("micro_batch", static_cast<std::uint64_t>(job_.batch().in_memory()));
  json.field("total_bytes", job_.totals().bytes);
  json.key("phases");
  json.begin_list();
  for (const Phase& p : phases()) {
    json.begin_object();
    json.field("name", std::string(p.name));
    json.field("us_per_step", us_a_step(p.seconds));
    json.field("share", p.seconds / profile_.total());
    json.end_object();
  }
  json.end_list();
  json.key("layers");
  json.begin_list();
  for (const LayerRow& row : rows) {
    json.begin_object();
    json.field("name", row.name);
    json.field("output", row.output);
    json.field("forward_us", us_a_step(row.time.forward.seconds));
    json.field("backward_us", us_a_step(row.time.backward.seconds));
    json.field("share", row.share);
    json.field("gflops", row.gflops);
    json.field("of_peak", of_peak(row));
    json.end_object();
  }
  json.end_list();
  json.key("slowest");
  json.begin_list();
  for (const LayerRow& row : slowest(rows)) json.text(row.name);
  json.end_list();
  json.end_object();
  json.print();
}

}  // namespace hone
