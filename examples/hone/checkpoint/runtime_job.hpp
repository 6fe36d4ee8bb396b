#pragma once
#include <cstdint>
#include <vector>

#include "examples/hone/checkpoint/model_source.hpp"
#include "examples/hone/error.hpp"
#include "hone/image.hpp"
#include "hone/job.hpp"

namespace hone {

/// A model planned at run time: plan, program and arena on the heap.
class RuntimeJob {
 public:
  /// Plans; the model is copied. Errors name the layer that does not fit.
  bool plan(const ModelSource& model, const Optimizer& rule, Batch batch, PlanKind kind,
            Error* error);
  /// Plans training within `ram` bytes (0: as few as can be): fast kernels if they fit, and the
  /// largest micro-batch unless `wanted` names one.
  bool plan_within(const ModelSource& model, const Optimizer& rule, Batch wanted, std::uint64_t ram,
                   Error* error);

  const ModelSource& model() const { return model_; }
  const PlanTotals& totals() const { return totals_; }
  const LayerPlan& layer(int i) const { return layer_[static_cast<std::size_t>(i)]; }
  const Buffer& buffer(int i) const { return buffer_[static_cast<std::size_t>(i)]; }
  /// Layers without the loss.
  int layers() const { return view_.program.n; }
  /// Valid as long as this object; what it points to stays here.
  const JobView& view() const { return view_; }
  Batch batch() const { return batch_; }
  std::uint32_t classes() const { return view_.program.classes; }
  ImageShape input() const;
  /// Memory for the program, made at the first call.
  Span<std::uint8_t> arena();

 private:
  PlanMemory memory();
  std::uint64_t bytes_of(const Optimizer& rule, Batch batch);
  Batch batch_for(const Optimizer& rule, Batch wanted, std::uint64_t ram);
  bool refuse_layer(Error* error) const;
  bool sums_overflow() const;
  std::uint64_t positions(int layer) const;
  std::uint64_t most_positions() const;
  std::string misfit() const;

  ModelSource model_;
  Batch batch_;
  PlanTotals totals_;
  std::vector<LayerPlan> layer_;
  std::vector<Buffer> buffer_;
  std::vector<std::int16_t> order_, placed_;
  std::vector<LayerRun> run_;
  std::vector<LayerFunctions> functions_;
  JobView view_;
  std::vector<std::uint8_t> arena_;
};

/// "64x64x1".
std::string shape_text(Shape shape);

}  // namespace hone
