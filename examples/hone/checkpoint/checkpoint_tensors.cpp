#include "examples/hone/checkpoint/checkpoint_file.hpp"
#include "examples/hone/checkpoint/checkpoint_model.hpp"

namespace hone {
namespace {

std::string dims_text(const TensorShape& shape) {
  std::string out = "[";
  for (int i = 0; i < shape.rank; ++i) out += (i ? ", " : "") + std::to_string(shape.dim[i]);
  return out + "]";
}

/// Loads tensors of one file and says what is wrong with them.
class TensorReader {
 public:
  TensorReader(const CheckpointFile& file, Error* error) : file_(file), error_(error) {}

  bool load(const TensorName& name, const TensorShape& shape, Span<float> to) const {
    TensorError why;
    const Status s = load_tensor(file_.header(), file_.source(), name, shape, to, why);
    return s == Status::ok || refuse(name, shape, s, why, "floats", "convert the tensor");
  }
  template <class T>
  bool load(const TensorName& name, const TensorShape& shape, IntegerRange range,
            Span<T> to) const {
    TensorError why;
    const Status s = load_integers(file_.header(), file_.source(), name, shape, range, to, why);
    const std::string expected =
        s == Status::bad_data
            ? "integers from " + std::to_string(range.least) + " to " + std::to_string(range.most)
            : to_string(integer_dtype<T>());
    return s == Status::ok || refuse(name, shape, s, why, expected, "use an undamaged checkpoint");
  }

 private:
  bool refuse(const TensorName& name, const TensorShape& shape, Status s, const TensorError& why,
              const std::string& expected, const char* advice) const;

  const CheckpointFile& file_;
  Error* error_;
};

bool TensorReader::refuse(const TensorName& name, const TensorShape& shape, Status s,
                          const TensorError& why, const std::string& expected,
                          const char* advice) const {
  std::string tensor = file_.name() + ": tensor ";
  for (const Text& part : name.part) tensor.append(part.data, part.size);
  TensorInfo info;
  const bool found = file_.header().find(name, info);
  const std::string at = found ? ", byte " + std::to_string(info.begin) : "";
  const auto byte = [&] {
    return ", byte " + std::to_string(info.begin + why.element * dtype_bytes(info.dtype));
  };
  if (s == Status::unknown_name)
    return error_->fail(kExitModel, tensor +
                                        ": expected it for this model, found none; this is the "
                                        "checkpoint of another model");
  if (s == Status::bad_shape)
    return error_->fail(kExitModel, tensor + at + ": expected shape " + dims_text(shape) +
                                        ", found " + dims_text(info.shape) +
                                        "; this is the checkpoint of another model");
  if (s == Status::not_finite)
    return error_->fail(kExitModel, tensor + byte() +
                                        ": expected finite numbers, found NaN or infinity; use an "
                                        "undamaged checkpoint");
  if (s == Status::bad_data)
    return error_->fail(kExitModel,
                        tensor + byte() + ": expected " + expected + ", found another; " + advice);
  if (s == Status::io_error)
    return error_->fail(kExitModel,
                        tensor + at + ": expected " + std::to_string(info.end - info.begin) +
                            " readable bytes, found fewer; use an undamaged checkpoint");
  return error_->fail(kExitModel, tensor + at + ": expected " + expected + ", found " +
                                      to_string(info.dtype) + "; " + advice);
}

TensorShape bias_shape(const LayerShape& shape) {
  TensorShape r;
  r.rank = 1;
  r.dim[0] = shape.biases;
  return r;
}

/// Parameters from one trainer to another of the same model in the other numeric.
void convert(const Trainer& from, const Trainer& to, int except) {
  const bool to_floats = to.program().numeric == Numeric::f32;
  for (int i = 0; i < to.program().n; ++i) {
    if (to.program().layer[i].weights == 0 || i == except) continue;
    if (to_floats) {
      floats_of(from.weight_mantissas(i), from.weight_scale(i).e, to.weights(i));
      bias_floats_of(from.bias_mantissas(i), to.biases(i));
    } else {
      mantissas_of(from.weights(i), to.weight_mantissas(i), to.weight_scale(i));
      bias_mantissas_of(from.biases(i), to.bias_mantissas(i));
    }
  }
}

}  // namespace

bool is_converted_to_integers(const CheckpointFile& file, const ModelSource& model) {
  return file.numeric() == Numeric::f32 && model.numeric() == Numeric::w16a8;
}

bool CheckpointFile::load_layer(const RuntimeJob& job, const Trainer& to, int i,
                                Error* error) const {
  const LayerShape& shape = job.layer(i).shape;
  const Name layer = name_of(job.model().view(), i);
  const TensorName weight = weight_name(layer.text()), bias = bias_name(layer.text());
  const TensorShape dims = weight_shape(job.model().layer(i), shape);
  const TensorReader tensors(*this, error);
  if (numeric() == Numeric::w16a8)
    return tensors.load(weight, dims, kWeightRange, to.weight_mantissas(i)) &&
           (!shape.biases ||
            tensors.load(bias, bias_shape(shape), kWordRange, to.bias_mantissas(i)));
  return tensors.load(weight, dims, to.weights(i)) &&
         (!shape.biases || tensors.load(bias, bias_shape(shape), to.biases(i)));
}

bool CheckpointFile::load_scales(const RuntimeJob& job, const Trainer& to, int except,
                                 Error* error) const {
  StoredScales stored(to);
  const auto layers = static_cast<std::size_t>(job.layers());
  TensorShape shape;
  shape.rank = 2;
  shape.dim[0] = kScalesPerLayer;
  shape.dim[1] = layers;
  const TensorReader tensors(*this, error);
  if (!tensors.load(kExponentsName, shape, kExponentRange,
                    Span<std::int8_t>(stored.e.data(), stored.e.size())) ||
      !tensors.load(kQuietName, shape, kQuietRange,
                    Span<std::uint8_t>(stored.quiet.data(), stored.quiet.size())))
    return false;
  for (std::size_t i = 0; i < stored.e.size(); ++i) {
    if (static_cast<int>(i % layers) == except) continue;
    Scale& scale = to.scales()[i];
    scale = Scale{};
    scale.e = scale.now = stored.e[i];
    scale.quiet = stored.quiet[i];
  }
  return true;
}

bool CheckpointFile::check_hash(const char* key, const std::string& found, const char* what,
                                Error* error) const {
  const std::string expected = metadata(key);
  if (expected.empty() || found == expected) return true;
  return error->fail(kExitModel, name() + ": byte " + std::to_string(header().data_begin()) +
                                     ": expected " + what + " with sha256 " + expected +
                                     ", found " + found + "; use an undamaged checkpoint");
}

bool CheckpointFile::load_converted(const RuntimeJob& job, const Trainer& to, int except,
                                    Error* error) const {
  ModelSource model = job.model();
  model.set_numeric(numeric());
  RuntimeJob stored;
  Trainer from;
  if (!plan_inference(model, 1, &stored, error)) return false;
  if (from.init(stored.view(), stored.arena(), 0) != Status::ok)
    return error->fail(kExitInternal, "the trainer refused its plan");
  if (!load_weights(stored, from, except, error)) return false;
  convert(from, to, except);
  return true;
}

bool CheckpointFile::load_weights(const RuntimeJob& job, const Trainer& to, int except,
                                  Error* error) const {
  if (job.model().numeric() != numeric()) return load_converted(job, to, except, error);
  for (int i = 0; i < job.layers(); ++i)
    if (job.layer(i).shape.weights > 0 && i != except && !load_layer(job, to, i, error))
      return false;
  if (numeric() == Numeric::w16a8 && !load_scales(job, to, except, error)) return false;
  if (except >= 0 || !has_own_header()) return true;
  return check_hash(kWeightsHashKey, weights_hash(to), "tensors", error) &&
         check_hash(kScalesHashKey, scales_hash(to), "exponents and quiet steps", error);
}

bool CheckpointFile::load_velocity(const RuntimeJob& job, const Trainer& to, Error* error) const {
  const TensorReader tensors(*this, error);
  for (int i = 0; i < job.layers(); ++i) {
    const Name layer = name_of(job.model().view(), i);
    const TensorName weight = weight_velocity_name(layer.text());
    const TensorName bias = bias_velocity_name(layer.text());
    const LayerShape& shape = job.layer(i).shape;
    const TensorShape dims = weight_shape(job.model().layer(i), shape);
    const Span<float> w = to.weight_velocity(i), b = to.bias_velocity(i);
    if (w.size && !tensors.load(weight, dims, w)) return false;
    if (b.size && !tensors.load(bias, bias_shape(shape), b)) return false;
    const Span<std::int32_t> wm = to.weight_velocity_mantissas(i);
    const Span<std::int16_t> narrow = to.weight_velocity16_mantissas(i);
    const Span<std::int32_t> bm = to.bias_velocity_mantissas(i);
    if (wm.size && !tensors.load(weight, dims, kWordRange, wm)) return false;
    if (narrow.size && !tensors.load(weight, dims, kWeightRange, narrow)) return false;
    if (bm.size && !tensors.load(bias, bias_shape(shape), kWordRange, bm)) return false;
  }
  return true;
}

}  // namespace hone
