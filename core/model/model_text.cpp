#include "hone/model_text.hpp"

#include <cstring>

#include "hone/short_decimal.hpp"

namespace hone {
namespace {

/// Appends to the caller's characters and counts what did not fit.
class TextWriter {
 public:
  TextWriter(char* out, std::size_t max) : out_(out), max_(max) {}

  TextWriter& operator<<(char c) {
    if (size_ < max_) out_[size_] = c;
    ++size_;
    return *this;
  }
  TextWriter& operator<<(Text t) {
    for (std::size_t i = 0; i < t.size; ++i) *this << t[i];
    return *this;
  }
  TextWriter& operator<<(const char* terminated) { return *this << Text(terminated); }
  TextWriter& operator<<(std::uint32_t v) {
    char digit[10] = {};
    int n = 0;
    do digit[n++] = static_cast<char>('0' + v % 10);
    while (v /= 10);
    while (n > 0) *this << digit[--n];
    return *this;
  }
  template <class T>
  TextWriter& decimal(T value) {
    char chars[kDecimalChars];
    return *this << Text(chars, write_decimal(value, chars));
  }

  std::size_t size() const { return size_; }
  bool fits() const { return size_ <= max_; }

 private:
  char* out_;
  std::size_t max_, size_ = 0;
};

template <class T>
bool same_bits(T a, T b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

/// Everything but `from`, which resolve() sets.
bool same_fields(const LayerSpec& a, const LayerSpec& b) {
  return a.op == b.op && a.padding_mode == b.padding_mode && a.init == b.init &&
         a.has_bias == b.has_bias && a.is_frozen == b.is_frozen && a.decays_bias == b.decays_bias &&
         a.drops_channels == b.drops_channels && a.kernel_h == b.kernel_h &&
         a.kernel_w == b.kernel_w && a.stride_ == b.stride_ && a.pad_h == b.pad_h &&
         a.pad_w == b.pad_w && a.layers_back == b.layers_back && a.height == b.height &&
         a.width == b.width && a.channels == b.channels && a.groups_ == b.groups_ &&
         same_bits(a.drop, b.drop) && same_bits(a.slope, b.slope) && a.name == b.name &&
         a.from_name[0] == b.from_name[0] && a.from_name[1] == b.from_name[1];
}

bool in_range(std::uint32_t v, int high) { return v >= 1 && v <= static_cast<std::uint32_t>(high); }

/// What the builder would make of the fields that the text of this op shows: a spec with anything
/// else in it has no text.
bool has_text(const LayerSpec& s) {
  LayerSpec t = layer(s.op);
  bool good = true;
  const auto show_channels = [&] {
    t.channels = s.channels;
    good = good && in_range(s.channels, kMaxTextChannels);
  };
  if (s.op == Op::input) {
    t.height = s.height;
    t.width = s.width;
    good = in_range(s.height, kMaxTextSize) && in_range(s.width, kMaxTextSize);
  }
  if (s.op == Op::input || s.op == Op::linear || s.op == Op::conv2d) show_channels();
  if (has_window(s.op)) {
    t.kernel_h = s.kernel_h;
    t.kernel_w = s.kernel_w;
    t.stride_ = s.stride_;
    t.padding_mode = s.padding_mode;
    if (s.padding_mode == Padding::fixed) {
      t.pad_h = s.pad_h;
      t.pad_w = s.pad_w;
    }
    good = good && s.kernel_h > 0 && s.kernel_w > 0 && s.stride_ > 0;
  }
  if (s.op == Op::conv2d) {
    t.groups_ = s.groups_;
    good = good && in_range(s.groups_, kMaxTextChannels);
  }
  if (has_weights(s.op)) {
    t.has_bias = s.has_bias;
    t.init = s.init;
    t.decays_bias = s.decays_bias;
  }
  if (s.op == Op::leaky_relu) {
    t.slope = s.slope;
    good = good && (s.slope == 0.0f || (s.slope >= kLeastSlope && s.slope < 1.0f));
  }
  if (s.op == Op::dropout) {
    t.drop = s.drop;
    t.drops_channels = s.drops_channels;
    good = good && s.drop >= 0 && s.drop <= 1;
  }
  if (s.op == Op::add) {
    t.layers_back = s.layers_back;
    t.from_name[1] = s.from_name[1];
    good = good && (s.layers_back > 0) == s.from_name[1].empty();
  }
  if (s.op != Op::input) t.from_name[0] = s.from_name[0];
  t.is_frozen = s.is_frozen;
  t.name = s.name;
  // -0 would come back as +0.
  good = good && !(s.drop == 0 && !same_bits(s.drop, 0.0)) &&
         !(s.slope == 0 && !same_bits(s.slope, 0.0f));
  return good && same_fields(s, t) && (s.name.empty() || !name_fault(s.name.text()));
}

/// 3x3, or 2 for a square where `short_square`.
void write_pair(TextWriter& w, std::uint32_t h, std::uint32_t v, bool short_square) {
  w << ' ' << h;
  if (h != v || !short_square) w << 'x' << v;
}

void write_arguments(TextWriter& w, const LayerSpec& s) {
  w << word_of(s.op);
  switch (s.op) {
    case Op::input:
      w << ' ';
      if (s.height != 1 || s.width != 1) w << s.height << 'x' << s.width << 'x';
      w << s.channels;
      break;
    case Op::linear:
      w << ' ' << s.channels;
      break;
    case Op::conv2d:
      w << ' ' << s.channels;
      write_pair(w, s.kernel_h, s.kernel_w, false);
      break;
    case Op::depthwise:
      write_pair(w, s.kernel_h, s.kernel_w, false);
      break;
    case Op::max_pool:
    case Op::avg_pool:
      write_pair(w, s.kernel_h, s.kernel_w, true);
      break;
    case Op::leaky_relu:
      (w << ' ').decimal(s.slope);
      break;
    case Op::dropout:
      (w << ' ').decimal(s.drop);
      break;
    case Op::add:
      if (!s.layers_back) w << ' ' << s.from_name[1].text();
      break;
    default:
      break;
  }
}

void write_modifiers(TextWriter& w, const LayerSpec& s) {
  const auto write = [&w](Modifier m) -> TextWriter& { return w << ' ' << word_of(m); };
  const bool pools = s.op == Op::max_pool || s.op == Op::avg_pool;
  if (s.stride_ != (pools ? s.kernel_h : 1))
    write(Modifier::stride) << ' ' << std::uint32_t{s.stride_};
  if (s.padding_mode == Padding::same) write(Modifier::same);
  if (s.padding_mode == Padding::fixed) {
    write(Modifier::padding);
    write_pair(w, s.pad_h, s.pad_w, true);
  }
  if (s.groups_ != 1) write(Modifier::groups) << ' ' << s.groups_;
  if (!s.has_bias) write(Modifier::no_bias);
  if (s.init == Init::xavier) write(Modifier::xavier);
  if (s.decays_bias) write(Modifier::decay_bias);
  if (s.drops_channels) write(Modifier::channels);
  if (s.is_frozen) write(Modifier::frozen);
  if (!s.from_name[0].empty()) write(Modifier::of) << ' ' << s.from_name[0].text();
  if (!s.name.empty()) write(Modifier::as) << ' ' << s.name.text();
}

/// The residual blocks that are open while the layers are written one after another.
class Blocks {
 public:
  explicit Blocks(ModelView m) : m_(m) {}

  /// How many blocks have layer i as their first one; opens them. -1: more than a text may have.
  int open(int i) {
    int opened = 0;
    for (int j = i + 1; j < m_.n; ++j) {
      if (m_.layer[j].layers_back != j - i + 1) continue;
      if (depth_ == kMaxNesting) return -1;
      first_[depth_++] = i;
      ++opened;
    }
    return opened;
  }
  /// Closes the innermost block at the add i. False if i is the end of another one: crossing
  /// blocks have no text.
  bool close(int i) { return depth_ > 0 && first_[--depth_] == i - m_.layer[i].layers_back + 1; }
  int depth() const { return depth_; }

 private:
  ModelView m_;
  int first_[kMaxNesting] = {};
  int depth_ = 0;
};

void indent(TextWriter& w, int depth) {
  for (int i = 0; i < depth; ++i) w << "  ";
}

/// The index of the layer of that name before layer i, or -1.
int earlier(ModelView m, int i, const Name& name) {
  int j = i - 1;
  while (j >= 0 && !(m.layer[j].name == name)) --j;
  return j;
}

/// resolve() for a model that may not be written to.
bool resolves(ModelView m) {
  if (m.n < 2 || m.n > INT16_MAX || (m.n == 2 && is_loss(m.layer[1].op))) return false;
  for (int i = 0; i < m.n; ++i) {
    const LayerSpec& s = m.layer[i];
    if ((i == 0) != (s.op == Op::input) || (is_loss(s.op) && i + 1 != m.n)) return false;
    if (s.layers_back > i) return false;
    const int first = s.from_name[0].empty() ? i - 1 : earlier(m, i, s.from_name[0]);
    const int second = s.from_name[1].empty() ? i - s.layers_back : earlier(m, i, s.from_name[1]);
    if (i > 0 && first < 0) return false;
    if (s.op == Op::add && (second < 0 || first == second)) return false;
    if (!s.name.empty() && earlier(m, i, s.name) >= 0) return false;
  }
  return true;
}

}  // namespace

Status write_model(ModelView m, char* out, std::size_t max, std::size_t* size) {
  for (int i = 0; i < m.n; ++i)
    if (!has_text(m.layer[i])) return Status::bad_argument;
  if (!resolves(m)) return Status::bad_argument;
  TextWriter w(out, max);
  Blocks blocks(m);
  for (int i = 0; i < m.n; ++i) {
    const LayerSpec& s = m.layer[i];
    if (s.layers_back && !blocks.close(i)) return Status::bad_argument;
    const int depth = blocks.depth(), opened = blocks.open(i);
    // A block may not start at the input, nor at the add that closes another one.
    if (opened < 0 || (opened > 0 && (i == 0 || s.layers_back))) return Status::bad_argument;
    for (int k = 0; k < opened; ++k) {
      indent(w, depth + k);
      w << kResidualWord << '\n';
    }
    indent(w, depth + opened);
    write_arguments(w, s);
    write_modifiers(w, s);
    w << '\n';
  }
  if (!w.fits()) return Status::too_large;
  *size = w.size();
  return Status::ok;
}

std::size_t format_error(const ModelTextError& e, Text file, char* out, std::size_t max) {
  using Found = ModelTextError::Found;
  if (max == 0) return 0;
  TextWriter w(out, max - 1);
  if (file.size > 0) w << file << ':';
  w << static_cast<std::uint32_t>(e.at.line) << ':' << static_cast<std::uint32_t>(e.at.column);
  w << ": expected " << (e.expected ? e.expected : "nothing else") << ", found ";
  if (e.what == Found::word) w << '\'' << Text(e.found) << '\'';
  if (e.what == Found::line_end) w << "the end of the line";
  if (e.what == Found::text_end) w << "the end of the text";
  if (!e.nearest.empty()) w << "; did you mean '" << e.nearest.text() << "'?";
  const std::size_t n = w.fits() ? w.size() : max - 1;
  out[n] = 0;
  return n;
}

}  // namespace hone
