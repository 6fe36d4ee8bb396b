#include "model_files.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "hone/model_text.hpp"

namespace hone_test {

std::vector<OwnedModel> example_models() {
  std::vector<OwnedModel> all;
  for (const char* name : {"lenet", "mlp", "mobile", "reference"}) {
    std::ifstream file(std::string(HONE_SOURCE_DIR) + "/examples/models/" + name + ".model");
    std::ostringstream text;
    text << file.rdbuf();
    const std::string s = text.str();
    REQUIRE(!s.empty());
    const hone::TextModel<64> m = hone::model_from_text<64>(hone::Text(s.data(), s.size()));
    REQUIRE(m.n > 0);
    all.push_back({name, std::vector<hone::LayerSpec>(m.layer, m.layer + m.n)});
  }
  return all;
}

}  // namespace hone_test
