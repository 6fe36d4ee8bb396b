#include "hone/model_text.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "hone/random.hpp"

// Specs compare by every field, numbers by their bits.
namespace hone {
static bool operator==(const LayerSpec& a, const LayerSpec& b) {
  return a.op == b.op && a.padding_mode == b.padding_mode && a.init == b.init &&
         a.has_bias == b.has_bias && a.is_frozen == b.is_frozen && a.decays_bias == b.decays_bias &&
         a.drops_channels == b.drops_channels && a.kernel_h == b.kernel_h &&
         a.kernel_w == b.kernel_w && a.stride_ == b.stride_ && a.pad_h == b.pad_h &&
         a.pad_w == b.pad_w && a.layers_back == b.layers_back && a.height == b.height &&
         a.width == b.width && a.channels == b.channels && a.groups_ == b.groups_ &&
         std::memcmp(&a.drop, &b.drop, sizeof a.drop) == 0 &&
         std::memcmp(&a.slope, &b.slope, sizeof a.slope) == 0 && a.from[0] == b.from[0] &&
         a.from[1] == b.from[1] && std::memcmp(&a.name, &b.name, sizeof a.name) == 0 &&
         std::memcmp(&a.from_name, &b.from_name, sizeof a.from_name) == 0;
}
}  // namespace hone

namespace {

using namespace hone;

constexpr int kMax = 64;

Text text_of(const std::string& s) { return {s.data(), s.size()}; }

bool same_model(ModelView a, ModelView b) {
  if (a.n != b.n) return false;
  for (int i = 0; i < a.n; ++i)
    if (!(a.layer[i] == b.layer[i])) return false;
  return true;
}

std::string written(ModelView m) {
  char out[4096];
  std::size_t n = 0;
  return write_model(m, out, sizeof out, &n) == Status::ok ? std::string(out, n) : "no text";
}

/// The message for a wrong text, "" for a right one.
std::string message_of(const std::string& text, int max = kMax) {
  LayerSpec layers[kMax];
  ModelTextError error;
  const int n = parse_model(text_of(text), layers, max, error);
  if (!error.failed()) return "";
  CHECK(n == 0);
  char out[512];
  const std::size_t size = format_error(error, "net.model", out, sizeof out);
  CHECK(size == std::strlen(out));
  return out;
}

/// The text of examples/models/<name>, found from this file.
std::string file_text(const char* name) {
  const std::string here = __FILE__;
  const std::string path = here.substr(0, here.rfind("tests/model/")) + "examples/models/" + name;
  std::FILE* f = std::fopen(path.c_str(), "rb");
  if (!f) return "";
  std::string s;
  char part[512];
  for (std::size_t n; (n = std::fread(part, 1, sizeof part, f)) > 0;) s.append(part, n);
  std::fclose(f);
  return s;
}

bool same_as(const char* text, ModelView builder) {
  LayerSpec layers[kMax];
  ModelTextError error;
  const int n = parse_model(text, layers, kMax, error);
  CHECK(message_of(text) == "");
  return same_model({layers, n}, builder);
}

constexpr auto kText =
    model_from_text<8>("input 64x64x1 | conv2d 8 3x3 same | relu # first\n linear 6");
static_assert(kText.n == 4 && !kText.error.failed(), "");
static_assert(kText.layer[1].padding_mode == Padding::same && kText.layer[3].channels == 6, "");
static_assert(kText.place[3].line == 2 && kText.place[3].column == 2, "");
static_assert(ModelView(kText).n == 4, "");

}  // namespace

TEST_CASE("model text: every layer and modifier gives the builder's specs") {
  CHECK(same_as(
      "input 784\nlinear 128 no_bias xavier as hidden\nrelu\nlinear 10 decay_bias of hidden\nmse",
      model(input(784), linear(128).no_bias().xavier().as("hidden"), relu(),
            linear(10).decay_bias().of("hidden"), mse())));
  CHECK(same_as(
      "input 64x48x3 | conv2d 8 3x5 stride 2 padding 1x2 groups 1 he frozen | relu6 | "
      "depthwise 3 same no_bias | leaky_relu | leaky_relu 0.2 | max_pool 2 | "
      "max_pool 3x2 stride 2 padding 1 | avg_pool 2 valid | global_avg_pool | flatten | "
      "dropout 0.3 | dropout 5e-1 channels | linear 6 | cross_entropy",
      model(input(64, 48, 3), conv2d(8, 3, 5).stride(2).padding(1, 2).groups(1).frozen(), relu6(),
            depthwise(3).same().no_bias(), leaky_relu(), leaky_relu(0.2), max_pool(2),
            max_pool(3, 2).stride(2).padding(1), avg_pool(2), global_avg_pool(), flatten(),
            dropout(0.3), dropout(0.5).whole_channels(), linear(6), cross_entropy())));
  CHECK(same_as("input 28x28 | conv2d 4 3 | depthwise 3x1",
                model(input(28, 28, 1), conv2d(4, 3), depthwise(3, 1))));
}

TEST_CASE("model text: residual blocks are residual()") {
  constexpr auto sum = [] {
    auto b = residual(conv2d(4, 3).same(), residual(relu()), relu6());
    b.layer[4] = b.layer[4].as("sum");
    return b;
  }();
  CHECK(
      same_as("input 8x8x4\nresidual\n  conv2d 4 3x3 same\n  residual | relu | add\n  relu6\n"
              "add as sum\nrelu | add sum",
              model(input(8, 8, 4), sum, relu(), add("sum"))));
}

TEST_CASE("model text: blank lines, comments, carriage returns and loose bars do not matter") {
  CHECK(same_as("# a model\r\n\r\n  input 4 ||\t linear 2| # the end", model(input(4), linear(2))));
}

TEST_CASE("model text: messages name line, column, what was expected, and the nearest word") {
  CHECK(message_of("input 784\nconv2 8") ==
        "net.model:2:1: expected a layer name, found 'conv2'; did you mean 'conv2d'?");
  CHECK(message_of("input 8x8 | Conv2D 8 3") ==
        "net.model:1:13: expected a layer name, found 'Conv2D'; did you mean 'conv2d'?");
  CHECK(message_of("input 8x8\nrelu stride 2") ==
        "net.model:2:6: expected frozen, of, as, '|' or the end of the line, found 'stride'");
  CHECK(message_of("input 8x8\n max_pool 2 strde 2") ==
        "net.model:2:13: expected stride, padding, same, valid, frozen, of, as, '|' or the end of "
        "the line, found 'strde'; did you mean 'stride'?");
  CHECK(message_of("input 8 | dropout 1.3") ==
        "net.model:1:19: expected a chance to drop from 0 to 1, such as 0.3, found '1.3'");
  CHECK(
      message_of("input 8 | linear") ==
      "net.model:1:17: expected a number of outputs from 1 to 1048576, found the end of the text");
  CHECK(
      message_of("input 8 | linear\n") ==
      "net.model:1:17: expected a number of outputs from 1 to 1048576, found the end of the line");
  CHECK(message_of("input 8\nlinear | relu") ==
        "net.model:2:8: expected a number of outputs from 1 to 1048576, found '|'");
  CHECK(message_of("input 8 | linear 4 as hidden | relu | add hiden") ==
        "net.model:1:43: expected the name of an earlier layer, found 'hiden'; did you mean "
        "'hidden'?");
  CHECK(message_of("input 8 | residual\nrelu") ==
        "net.model:1:11: expected an add that closes this residual, found the end of the text");
  CHECK(
      message_of("input 8 | relu | add") ==
      "net.model:1:18: expected add NAME, or a residual before that this add closes, found 'add'");
}

TEST_CASE("model text: a long or binary word is shown cut and in ASCII") {
  CHECK(message_of("input 8 | \x1b[31m\xc3\xa4") ==
        "net.model:1:11: expected a layer name, found '?[31m?\?'");
  CHECK(message_of("input 8 | " + std::string(50, 'q')) ==
        "net.model:1:11: expected a layer name, found '" + std::string(28, 'q') + "...'");
}

TEST_CASE("model text: every wrong text is refused at its place") {
  const struct {
    const char* text;
    const char* start;  // of the message, after the file
  } kWrong[] = {
      {"", "1:1: expected a model that starts with input"},
      {"# nothing\n", "2:1: expected a model that starts with input"},
      {"linear 4", "1:1: expected input as the first layer"},
      {"residual | input 4", "1:1: expected input as the first layer"},
      {"input 4", "1:8: expected a layer besides input"},
      {"input 4 | mse", "1:14: expected a layer besides input"},
      {"input 4 | input 4", "1:11: expected input only"},
      {"input 4 | mse | relu", "1:17: expected nothing after the loss"},
      {"input 0 | relu", "1:7: expected sizes"},
      {"input 1048577 | relu", "1:7: expected sizes"},
      {"input 99999999999999999999 | relu", "1:7: expected sizes"},
      {"input 65536x1x1 | relu", "1:7: expected sizes"},
      {"input 4x4x1x1 | relu", "1:7: expected sizes"},
      {"input 4x | relu", "1:7: expected sizes"},
      {"input x | relu", "1:7: expected sizes"},
      {"input 4 4 | relu", "1:9: expected frozen, as"},
      {"input 4 of x | relu", "1:9: expected frozen, as"},
      {"input 4 | linear 4x4", "1:18: expected a number of outputs"},
      {"input 4 | linear -4", "1:18: expected a number of outputs"},
      {"input 4x4 | conv2d 1048577 3", "1:20: expected a number of outputs"},
      {"input 4x4 | conv2d 8", "1:21: expected a kernel size"},
      {"input 4x4 | conv2d 8 0x3", "1:22: expected a kernel size"},
      {"input 4x4 | conv2d 8 65536", "1:22: expected a kernel size"},
      {"input 4x4 | conv2d 8 3x3x3", "1:22: expected a kernel size"},
      {"input 4x4 | conv2d 8 3 stride 0", "1:31: expected a stride"},
      {"input 4x4 | conv2d 8 3 stride 65536", "1:31: expected a stride"},
      {"input 4x4 | conv2d 8 3 padding 65536", "1:32: expected a padding"},
      {"input 4x4 | conv2d 8 3 groups 0", "1:31: expected a number of groups"},
      {"input 4x4 | conv2d 8 3 same same", "1:29: expected each modifier once"},
      {"input 4x4 | conv2d 8 3 same padding 1", "1:29: expected each modifier once"},
      {"input 4x4 | conv2d 8 3 he xavier", "1:27: expected each modifier once"},
      {"input 4x4 | depthwise 3 groups 4", "1:25: expected stride"},
      {"input 4 | dropout", "1:18: expected a chance"},
      {"input 4 | dropout nan", "1:19: expected a chance"},
      {"input 4 | dropout -0.1", "1:19: expected a chance"},
      {"input 4 | dropout 0.3 0.3", "1:23: expected channels"},
      {"input 4 | leaky_relu 1", "1:22: expected a slope"},
      {"input 4 | leaky_relu -0.1", "1:22: expected a slope"},
      {"input 4 | leaky_relu 1e-13", "1:22: expected a slope"},
      {"input 4 | leaky_relu 0.9999999999", "1:22: expected a slope"},
      {"input 4 | residual relu | add", "1:20: expected '|' or the end of the line"},
      {"input 4 | residual | add", "1:22: expected a layer between"},
      {"input 4 as a | add a", "1:16: expected two different layers"},
      {"input 4 as a | relu | residual | relu | add of a", ""},
      {"input 4 as a | residual | relu | add of a", "1:34: expected two different layers"},
      {"input 4 as a | relu as a", "1:24: expected a name that no earlier layer has"},
      {"input 4 | relu as", "1:18: expected a name: a letter"},
      {"input 4 | relu as 3x", "1:19: expected a name: a letter"},
      {"input 4 | relu as a-b", "1:19: expected a name: a letter"},
      {"input 4 | relu as abcdefghijklmnopqrstuvwx", "1:19: expected a name: a letter"},
      {"input 4 | relu as abcdefghijklmnopqrstuvw", ""},
      {"input 4 | relu as stride", "1:19: expected a name that is no word"},
      {"input 4 | relu as residual", "1:19: expected a name that is no word"},
      {"input 4 | relu as conv2d_0", "1:19: expected a name unlike conv2d_0"},
      {"input 4 | relu as global_avg_pool_12", "1:19: expected a name unlike conv2d_0"},
      {"input 4 | relu as conv2d_", ""},
      {"input 4 | relu as stage_1", ""},
      {"input 4 | relu of", "1:18: expected the name of an earlier layer"},
      {"input 4 | relu of a", "1:19: expected the name of an earlier layer"},
  };
  for (const auto& w : kWrong) {
    CAPTURE(w.text);
    const std::string got = message_of(w.text);
    const std::string want = *w.start ? std::string("net.model:") + w.start : "";
    CHECK(got.substr(0, want.size()) == want);
    CHECK(got.empty() == want.empty());
  }
}

TEST_CASE("model text: a full array and deep nesting are errors") {
  CHECK(message_of("input 4 | relu | relu", 3) == "");
  CHECK(message_of("input 4 | relu | relu", 2).substr(0, 35) ==
        "net.model:1:18: expected no more la");
  std::string deep = "input 4\n";
  for (int i = 0; i < kMaxNesting; ++i) deep += "residual\n";
  std::string close = "relu\n";
  for (int i = 0; i < kMaxNesting; ++i) close += "add\n";
  CHECK(message_of(deep + close) == "");
  CHECK(message_of(deep + "residual\n" + close + "add\n").substr(0, 33) ==
        "net.model:34:1: expected at most ");
}

TEST_CASE("model text: an error message is cut to its room") {
  ModelTextError error;
  LayerSpec layers[2];
  CHECK(parse_model("inpt", layers, 2, error) == 0);
  char out[8] = "#######";
  CHECK(format_error(error, {}, out, 6) == 5);
  CHECK(std::string(out) == "1:1: ");
  CHECK(out[6] == '#');
  CHECK(format_error(error, {}, nullptr, 0) == 0);
}

TEST_CASE("model text: places of the layers are reported") {
  LayerSpec layers[4];
  TextPlace place[4];
  ModelTextError error;
  CHECK(parse_model("# net\ninput 4x4 | residual\n  relu\nadd", layers, 4, error, place) == 3);
  CHECK((place[0].line == 2 && place[0].column == 1));
  CHECK((place[1].line == 3 && place[1].column == 3));
  CHECK((place[2].line == 4 && place[2].column == 1));
}

TEST_CASE("write_model: the canonical text") {
  const auto net = model(input(8, 8, 4).as("x"),
                         residual(conv2d(4, 3).same().no_bias(),
                                  residual(leaky_relu(0.1), depthwise(3, 1).padding(1, 0))),
                         max_pool(3).stride(2).padding(1), avg_pool(2, 1).frozen(),
                         conv2d(4, 1).groups(2).xavier(), dropout(1.0 / 3).whole_channels(),
                         add("x").as("sum"), linear(3).decay_bias().of("sum"), mse());
  CHECK(written(net) ==
        "input 8x8x4 as x\n"
        "residual\n"
        "  conv2d 4 3x3 same no_bias\n"
        "  residual\n"
        "    leaky_relu 0.1\n"
        "    depthwise 3x1 padding 1x0\n"
        "  add\n"
        "add\n"
        "max_pool 3 stride 2 padding 1\n"
        "avg_pool 2x1 frozen\n"
        "conv2d 4 1x1 groups 2 xavier\n"
        "dropout 0.3333333333333333 channels\n"
        "add x as sum\n"
        "linear 3 decay_bias of sum\n"
        "mse\n");
  CHECK(same_as(written(net).c_str(), net));
  CHECK(written(model(input(784), relu())) == "input 784\nrelu\n");
}

TEST_CASE("write_model: two blocks that start at one layer") {
  const auto net = model(input(4), residual(residual(relu(), linear(4))), linear(2));
  CHECK(written(net) ==
        "input 4\nresidual\n  residual\n    relu\n    linear 4\n  add\nadd\nlinear 2\n");
  CHECK(same_as(written(net).c_str(), net));
}

TEST_CASE("write_model: too little room, and models that have no text") {
  const auto good = model(input(4), linear(2));
  char out[32];
  std::size_t size = 77;
  CHECK(write_model(good, out, 16, &size) == Status::too_large);
  CHECK(size == 77);
  CHECK(write_model(good, out, 17, &size) == Status::ok);
  CHECK(size == 17);

  const auto refused = [](auto m) {
    char room[256];
    std::size_t n = 77;
    return write_model(m, room, sizeof room, &n) == Status::bad_argument && n == 77;
  };
  CHECK(refused(model(input(4), linear(2).as("two words"))));
  CHECK(refused(model(input(4), linear(2).as("linear_1"))));
  CHECK(refused(model(input(4), linear(0))));
  CHECK(refused(model(input(4), relu().no_bias())));
  CHECK(refused(model(input(4), dropout(1.5))));
  CHECK(refused(model(input(4), dropout(-0.0))));
  CHECK(refused(model(input(4), leaky_relu(2))));
  CHECK(refused(model(input(4, 4, 1), conv2d(2, 3).padding(1).same())));
  CHECK(refused(model(input(4), relu().of("nobody"))));
  auto crossing = model(input(4), relu(), relu(), residual(relu()), residual(relu()));
  crossing.layer[6].layers_back = 3;  // from the add that closes the first block
  CHECK(refused(crossing));
  crossing.layer[6].layers_back = 4;
  crossing.layer[4].layers_back = 3;
  CHECK(refused(crossing));
  CHECK(refused(ModelView{}));
}

namespace {

/// A random model of what the text can say; it need not have fitting shapes.
struct RandomModel {
  LayerSpec layer[kMax];
  int n = 0;
  int names = 0;
  Stream random;

  explicit RandomModel(std::uint32_t seed) : random(seed) {
    layer[n++] = with_modifiers(coin() ? input(number(65535), number(9), number(99999))
                                       : input(number(99999)));
    grow(3, 1 + below(6));
    if (coin()) layer[n++] = coin() ? mse() : cross_entropy();
    Status why = Status::ok;
    REQUIRE(resolve(layer, n, why) == -1);
  }
  int below(int k) { return static_cast<int>(random.below(static_cast<std::uint32_t>(k))); }
  int number(int most) { return 1 + below(coin() ? 4 : most); }
  bool coin() { return below(2) == 1; }

  void grow(int depth, int count) {
    for (int i = 0; i < count && n < kMax - 12; ++i) {
      if (depth > 0 && below(4) == 0) {
        const int first = n;
        layer[n++] = with_modifiers(random_layer());
        grow(depth - 1, below(4));
        LayerSpec sum = layer_of_block(first);
        layer[n++] = sum;
      } else if (names > 0 && below(6) == 0 && layer[n - 1].name.empty()) {
        layer[n++] = add(random_name());
      } else {
        layer[n++] = with_modifiers(random_layer());
      }
    }
  }
  LayerSpec layer_of_block(int first) {
    LayerSpec sum = hone::layer(Op::add);
    sum.layers_back = static_cast<std::uint16_t>(n - first + 1);
    return coin() ? sum.frozen() : sum;
  }
  Name random_name() {
    int k = below(names);
    for (int i = 0;; ++i)
      if (!layer[i].name.empty() && k-- == 0) return layer[i].name;
  }
  double decimal() {
    switch (below(3)) {
      case 0:
        return below(1000) / 1000.0;
      case 1:
        return random.next32() / 4294967296.0;
      default:
        return (random.next32() * 4294967296.0 + random.next32()) / 18446744073709551616.0;
    }
  }
  LayerSpec random_layer() {
    switch (below(12)) {
      case 0:
        return linear(number(1 << 20));
      case 1:
        return window_layer(conv2d(number(1 << 20), number(65535), number(5)));
      case 2:
        return window_layer(depthwise(number(7), number(7)));
      case 3:
        return window_layer(max_pool(number(65535), number(3)));
      case 4:
        return window_layer(avg_pool(number(3)));
      case 5:
        return leaky_relu(decimal() * 0.99 + 1e-9);
      case 6:
        return coin() ? dropout(decimal()) : dropout(decimal()).whole_channels();
      case 7:
        return relu6();
      case 8:
        return global_avg_pool();
      case 9:
        return flatten();
      default:
        return relu();
    }
  }
  LayerSpec window_layer(LayerSpec s) {
    if (coin()) s = s.stride(number(65535));
    if (below(3) == 0)
      s = s.same();
    else if (coin())
      s = s.padding(below(3), below(65536));
    return s;
  }
  LayerSpec with_modifiers(LayerSpec s) {
    if (s.op == Op::conv2d && coin()) s = s.groups(number(1 << 20));
    if (has_weights(s.op)) {
      if (coin()) s = s.no_bias();
      if (coin()) s = s.xavier();
      if (coin()) s = s.decay_bias();
    }
    if (below(5) == 0) s = s.frozen();
    if (names > 0 && below(5) == 0) s = s.of(random_name());
    if (below(3) == 0) {
      char name[Name::kSize];
      std::snprintf(name, sizeof name, "L%d_%x", names++, static_cast<unsigned>(below(65536)));
      s = s.as(name);
    }
    return s;
  }
};

}  // namespace

TEST_CASE("write_model and parse_model: random models come back in every field") {
  for (std::uint32_t seed = 1; seed <= 1500; ++seed) {
    const RandomModel m(seed);
    const std::string text = written({m.layer, m.n});
    CAPTURE(seed);
    CAPTURE(text);
    LayerSpec layers[kMax];
    ModelTextError error;
    const int n = parse_model(text_of(text), layers, kMax, error);
    REQUIRE(message_of(text) == "");
    REQUIRE(same_model({layers, n}, {m.layer, m.n}));
    REQUIRE(written({layers, n}) == text);
  }
}

TEST_CASE("parse_model: 20,000 damaged texts end in a model or in a message") {
  const std::string kSeeds[] = {
      std::string("input 64x64x1\nconv2d 8 3x3 same | relu | max_pool 2\nresidual\n  conv2d 8 3x3 "
                  "groups 2 same no_bias as c | residual | leaky_relu 0.1 | add\nadd as sum\n"
                  "dropout 3e-1 channels\n"),
      "input 784 as x | linear 9 xavier decay_bias frozen of x | add x\nmse # end",
      "residual 65535x65535 1e-5 add NAME padding 1x2 stride 3 valid he"};
  Stream random(2024);
  int good = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string s;
    if (random.below(8) == 0) {
      s.resize(random.below(60));
      for (char& c : s) c = static_cast<char>(random.below(256));
    } else {
      s = kSeeds[random.below(3)];
      for (std::uint32_t edits = 1 + random.below(4); edits > 0 && !s.empty(); --edits) {
        const std::size_t at = random.below(static_cast<std::uint32_t>(s.size()));
        const std::size_t length = random.below(12);
        switch (random.below(4)) {
          case 0:
            s[at] = static_cast<char>(random.below(256));
            break;
          case 1:
            s.erase(at, length);
            break;
          case 2:
            s.insert(at, s.substr(random.below(static_cast<std::uint32_t>(at + 1)), length));
            break;
          default:
            s.resize(at);
            break;
        }
      }
    }
    // On the heap and to its exact size, so that the sanitizer sees a read past the end.
    const std::vector<char> exact(s.begin(), s.end());
    std::vector<LayerSpec> layers(1 + random.below(12));
    ModelTextError error;
    const int n = parse_model({exact.data(), exact.size()}, layers.data(),
                              static_cast<int>(layers.size()), error);
    REQUIRE(n <= static_cast<int>(layers.size()));
    REQUIRE((n == 0) == error.failed());
    char out[300];
    if (error.failed()) {
      REQUIRE(error.at.line >= 1);
      REQUIRE(error.at.column >= 1);
      REQUIRE(format_error(error, "f", out, sizeof out) < sizeof out);
    } else {
      ++good;
      REQUIRE(written({layers.data(), n}) != "no text");
    }
  }
  CHECK(good > 100);
}

TEST_CASE("example models: the networks they say they are") {
  const auto reference = model(input(64, 64, 1), conv2d(8, 3).same(), relu(), max_pool(2),
                               conv2d(16, 3).same(), relu(), max_pool(2), conv2d(32, 3).same(),
                               relu(), avg_pool(4), flatten(), dropout(0.3), linear(6));
  CHECK(same_as(file_text("reference.model").c_str(), reference));
  CHECK(
      same_as(file_text("mlp.model").c_str(), model(input(784), linear(128), relu(), linear(10))));
  CHECK(same_as(
      file_text("lenet.model").c_str(),
      model(input(28, 28, 1), conv2d(8, 3).same(), relu(), max_pool(2), conv2d(16, 3).same(),
            relu(), max_pool(2), flatten(), linear(64), relu(), dropout(0.3), linear(10))));
  CHECK(same_as(file_text("mobile.model").c_str(),
                model(input(64, 64, 1), conv2d(16, 3).stride(2).padding(1), relu6(),
                      depthwise(3).stride(2).padding(1), relu6(), conv2d(32, 1), relu6(),
                      depthwise(3).stride(2).padding(1), relu6(), conv2d(64, 1), relu6(),
                      global_avg_pool(), flatten(), linear(6))));
}
