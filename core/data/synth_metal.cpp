#include "synth_scene.hpp"

namespace hone::synth {
namespace {

// round(16384 * sin(i / 32 of a quarter turn))
constexpr std::int32_t kSine[33] = {0,     804,   1606,  2404,  3196,  3981,  4756,  5520,  6270,
                                    7005,  7723,  8423,  9102,  9760,  10394, 11003, 11585, 12140,
                                    12665, 13160, 13623, 14053, 14449, 14811, 15137, 15426, 15679,
                                    15893, 16069, 16207, 16305, 16364, 16384};

std::int32_t sine(std::int32_t angle) {
  const std::int32_t a = angle & 0xFFFF;
  const std::int32_t in_half = a & 0x7FFF;
  const std::int32_t up = in_half <= kQuarterTurn ? in_half : 2 * kQuarterTurn - in_half;
  const std::int32_t i = up >> 9, rest = up & 511;
  const std::int32_t v =
      rest == 0 ? kSine[i] : kSine[i] + (((kSine[i + 1] - kSine[i]) * rest) >> 9);
  return a < 0x8000 ? v : -v;
}

// Weight of the next lattice point at t (Q8) of the way to it: 3 t^2 - 2 t^3, Q8.
std::int32_t ease(std::int32_t t) { return (t * t * (768 - 2 * t)) >> 16; }

std::int32_t lattice(std::uint32_t row, std::int32_t column) {
  return static_cast<std::int32_t>(mix(row + static_cast<std::uint32_t>(column)) >> 24) - 128;
}

Noise make_noise(Stream& stream, std::int32_t cell_x, std::int32_t cell_y) {
  return {stream.next32(), cell_x, cell_y};
}

}  // namespace

Point direction(std::int32_t angle) { return {sine(angle + kQuarterTurn), sine(angle)}; }

std::int32_t between(Stream& stream, std::int32_t low, std::int32_t high) {
  const std::uint32_t choices = static_cast<std::uint32_t>(high - low) + 1;
  return low + static_cast<std::int32_t>(stream.below(choices));
}

bool coin(Stream& stream) { return stream.below(2) == 1; }

std::int32_t Noise::at(Point p) const {
  // Q8 cells, moved to where no scene reaches below zero, so that division is floor.
  const std::int32_t u = ((p.x + 4 * kFrame) * 256) / cell_x;
  const std::int32_t v = ((p.y + 4 * kFrame) * 256) / cell_y;
  const std::int32_t column = u >> 8, row = v >> 8;
  const std::int32_t wx = ease(u & 255), wy = ease(v & 255);
  const std::uint32_t upper = mix(salt + static_cast<std::uint32_t>(row));
  const std::uint32_t lower = mix(salt + static_cast<std::uint32_t>(row) + 1);
  const std::int32_t a = lattice(upper, column) * (256 - wx) + lattice(upper, column + 1) * wx;
  const std::int32_t b = lattice(lower, column) * (256 - wx) + lattice(lower, column + 1) * wx;
  return (a * (256 - wy) + b * wy) >> 16;
}

std::int32_t Metal::at(Point p) const {
  // Turned about the middle of the frame: along the rolling direction, and across it.
  const std::int32_t x = p.x - kFrame / 2, y = p.y - kFrame / 2;
  const Point q = {(x * along.x + y * along.y) >> 14, (y * along.x - x * along.y) >> 14};
  return (fine.at(q) * fine_gain + coarse.at(q) * coarse_gain + wave.at(p) * wave_gain) >> 7;
}

Metal make_metal(Stream& stream, SynthDomain domain) {
  Metal m;
  const bool moved = domain == SynthDomain::moved;
  m.along = direction(moved ? kQuarterTurn + between(stream, -1456, 1456)  // 8 degrees
                            : between(stream, -728, 728));                 // 4 degrees
  m.fine = make_noise(stream, 24 * kUnit, kUnit + kUnit / 4);
  m.coarse = make_noise(stream, 60 * kUnit, between(stream, 3 * kUnit, 6 * kUnit));
  m.wave = make_noise(stream, 22 * kUnit, 22 * kUnit);
  m.fine_gain = moved ? between(stream, 5 * 16, 12 * 16) : between(stream, 9 * 16, 20 * 16);
  m.coarse_gain = moved ? between(stream, 4 * 16, 9 * 16) : between(stream, 6 * 16, 14 * 16);
  m.wave_gain = between(stream, 4 * 16, 9 * 16);
  return m;
}

}  // namespace hone::synth
