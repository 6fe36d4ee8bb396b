// The hot loops of outer_update.cpp, each in a function of its own: tests/bench/arm.sh.
#include "ports/shared/outer_update.cpp"

using namespace hone;
using namespace hone::HONE_LEAF_NS;

extern "C" __attribute__((flatten)) std::uint32_t dw_tile(const Block& b, const float* x,
                                                          const float* dy, const Levels& levels,
                                                          const Update& update) {
  return update_columns<false>(b, x, dy, levels, WholeColumns<Wide, 2>{}, update);
}

extern "C" __attribute__((flatten)) std::uint32_t sweep_plain(const Block& b, const float* x,
                                                              const float* dy,
                                                              const std::uint16_t* list,
                                                              std::size_t count,
                                                              const Update& update) {
  using Kind = UpdateKind<false, true, false>;
  return sweep_columns<Kind>(b, x, dy, list, count, WholeColumns<Wide, 4>{}, update);
}

extern "C" __attribute__((flatten)) std::uint32_t sweep_momentum(const Block& b, const float* x,
                                                                 const float* dy,
                                                                 const std::uint16_t* list,
                                                                 std::size_t count,
                                                                 const Update& update) {
  using Kind = UpdateKind<true, true, false>;
  return sweep_columns<Kind>(b, x, dy, list, count, WholeColumns<Wide, 4>{}, update);
}
