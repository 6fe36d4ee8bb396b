#include "synth_scene.hpp"

namespace hone::synth {
namespace {

enum Kind : std::uint32_t { kClean, kCrack, kPatch, kPit, kScratch, kStain };

constexpr int kMaxTrunk = 10, kMaxBranches = 4, kMaxBranch = 4;
constexpr int kScratchPieces = 5;  // straight pieces that make its slight arc
static_assert(kMaxTrunk + kMaxBranches * kMaxBranch <= Defect::kMaxStrokes, "room for a crack");
static_assert(kScratchPieces <= Defect::kMaxStrokes, "room for a scratch");

std::int32_t magnitude(std::int32_t v) { return v < 0 ? -v : v; }
std::int32_t clamp(std::int32_t v, std::int32_t low, std::int32_t high) {
  return v < low ? low : v > high ? high : v;
}

Point anywhere(Stream& stream, std::int32_t margin) {
  const std::int32_t x = between(stream, margin, kFrame - margin);
  return {x, between(stream, margin, kFrame - margin)};
}

std::int32_t either_sign(Stream& stream, std::int32_t low, std::int32_t high) {
  const std::int32_t v = between(stream, low, high);
  return coin(stream) ? v : -v;
}

Point ahead(Point p, Point along, std::int32_t length) {
  return {p.x + ((length * along.x) >> 14), p.y + ((length * along.y) >> 14)};
}

Point behind(Point p, std::int32_t angle, std::int32_t length) {
  return ahead(p, direction(angle), -length);
}

/// A zigzag: strokes joined end to end, each turned by at most `jag` against `angle`.
void add_chain(Defect& d, Stream& stream, Point from, std::int32_t angle, int pieces,
               std::int32_t piece, std::int32_t jag, std::int32_t half_width) {
  for (int i = 0; i < pieces; ++i) {
    Stroke& s = d.strokes[d.stroke_count++];
    s.from = from;
    s.along = direction(angle + between(stream, -jag, jag));
    s.length = between(stream, piece / 2, piece);
    s.half_width = half_width;
    from = ahead(from, s.along, s.length);
  }
}

void make_crack(Defect& d, Stream& stream) {
  d.depth = -between(stream, 50 * 16, 85 * 16);
  const std::int32_t angle = between(stream, 0, 65535);
  const std::int32_t width = between(stream, 150, 260);
  const Point middle = anywhere(stream, 22 * kUnit);
  const int trunk = between(stream, 7, kMaxTrunk);
  const Point start = behind(middle, angle, 18 * kUnit);  // half the trunk's usual length
  add_chain(d, stream, start, angle, trunk, 7 * kUnit, 11000, width);
  const int branches = between(stream, 3, kMaxBranches);
  for (int b = 0; b < branches; ++b) {
    const int at = between(stream, 1, trunk - 2);
    const std::int32_t turn = either_sign(stream, 6000, 11000);
    const int pieces = between(stream, 2, kMaxBranch);
    add_chain(d, stream, d.strokes[at].from, angle + turn, pieces, 6 * kUnit, 9000, width * 3 / 4);
  }
}

void make_scratch(Defect& d, Stream& stream) {
  d.depth = either_sign(stream, 55 * 16, 95 * 16);
  const std::int32_t angle = between(stream, 0, 65535);
  const std::int32_t length = between(stream, 42 * kUnit, 76 * kUnit);
  const Point middle = anywhere(stream, 20 * kUnit);
  const std::int32_t bend = between(stream, -300, 300), width = between(stream, 150, 280);
  Point from = behind(middle, angle, length / 2);
  for (int i = 0; i < kScratchPieces; ++i) {
    Stroke& s = d.strokes[d.stroke_count++];
    s = {from, direction(angle + (i - kScratchPieces / 2) * bend), length / kScratchPieces, width};
    from = ahead(from, s.along, s.length);
  }
}

void make_pits(Defect& d, Stream& stream) {
  d.depth = -between(stream, 50 * 16, 85 * 16);
  const Point middle = anywhere(stream, 18 * kUnit);
  const std::int32_t spread = between(stream, 7 * kUnit, 13 * kUnit);
  d.spot_count = between(stream, 4, Defect::kMaxSpots);
  for (int i = 0; i < d.spot_count; ++i) {
    const std::int32_t x = middle.x + between(stream, -spread, spread);
    const std::int32_t y = middle.y + between(stream, -spread, spread);
    d.spots[i] = {{x, y}, between(stream, 300, 620)};
  }
}

void make_ellipse(Defect& d, Stream& stream, std::int32_t low, std::int32_t high) {
  d.centre = anywhere(stream, 18 * kUnit);
  d.axis = direction(between(stream, 0, 65535));
  d.radius_x = between(stream, low, high);
  d.radius_y = between(stream, low, high);
  d.outline = {stream.next32(), 6 * kUnit, 6 * kUnit};
}

void make_patch(Defect& d, Stream& stream) {
  d.depth = either_sign(stream, 6 * 16, 26 * 16);
  make_ellipse(d, stream, 10 * kUnit, 17 * kUnit);
  d.grain = {stream.next32(), 2 * kUnit, 2 * kUnit};
  d.grain_gain = between(stream, 26 * 16, 46 * 16);
}

void make_stain(Defect& d, Stream& stream) {
  d.depth = either_sign(stream, 34 * 16, 52 * 16);
  make_ellipse(d, stream, 13 * kUnit, 24 * kUnit);
  d.ring = coin(stream);
}

}  // namespace

/// Q8: how much a line covers p, soft over one unit at its edge.
std::int32_t Defect::lines(Point p) const {
  std::int32_t most = 0;
  for (int i = 0; i < stroke_count; ++i) {
    const Stroke& s = strokes[i];
    const std::int32_t x = p.x - s.from.x, y = p.y - s.from.y;
    const std::int32_t at = (x * s.along.x + y * s.along.y) >> 14;
    const std::int32_t beyond = at < 0 ? -at : at > s.length ? at - s.length : 0;
    const std::int32_t off = magnitude((y * s.along.x - x * s.along.y) >> 14) + beyond;
    const std::int32_t cover = s.half_width + kUnit / 2 - off;
    if (cover > most) most = cover;
  }
  return clamp(most, 0, 256);
}

/// Q8: 256 inside a pit, -64 on its raised rim, which catches the light.
std::int32_t Defect::holes(Point p) const {
  std::int32_t most = 0;
  for (int i = 0; i < spot_count; ++i) {
    const std::int32_t r = spots[i].radius;
    const std::int32_t x = p.x - spots[i].centre.x, y = p.y - spots[i].centre.y;
    if (magnitude(x) > 2 * r || magnitude(y) > 2 * r) continue;
    const std::int32_t q = (x * x + y * y) / ((r * r) >> 8);  // Q8 square of distance / radius
    if (q < 384) {
      const std::int32_t inside = clamp(2 * (384 - q), 0, 256);
      if (inside > most) most = inside;
    } else if (q < 768 && most <= 0) {
      most = -64;
    }
  }
  return most;
}

/// Q8 square of the distance from the centre in radii, moved by up to `waver` / 256.
std::int32_t Defect::ellipse(Point p, std::int32_t waver) const {
  const std::int32_t x = p.x - centre.x, y = p.y - centre.y;
  const std::int32_t u = (((x * axis.x + y * axis.y) >> 14) * 256) / radius_x;
  const std::int32_t v = (((y * axis.x - x * axis.y) >> 14) * 256) / radius_y;
  return ((u * u + v * v) >> 8) + ((outline.at(p) * waver) >> 7);
}

/// Q8: a hill, or with `ring` the drying edge of a drop.
std::int32_t Defect::stain(Point p) const {
  const std::int32_t q = clamp(ellipse(p, 40), 0, 256);
  const std::int32_t hill = (256 - q) * (256 - q) >> 8;
  if (!ring) return clamp(hill * 5 / 4, 0, 256);
  return clamp(hill / 3 + clamp(230 - 3 * magnitude(q - 150), 0, 230), 0, 256);
}

std::int32_t Defect::over(std::int32_t metal, Point p) const {
  switch (kind) {
    case kCrack:
    case kScratch:
      return metal + ((depth * lines(p)) >> 8);
    case kPit:
      return metal + ((depth * holes(p)) >> 8);
    case kStain:
      return metal + ((depth * stain(p)) >> 8);
    case kPatch: {
      const std::int32_t inside = clamp(4 * (256 - ellipse(p, 110)), 0, 256);
      if (inside == 0) return metal;
      const std::int32_t rough = depth + ((grain.at(p) * grain_gain) >> 7);
      return (metal * (256 - inside) + rough * inside) >> 8;
    }
    default:
      return metal;
  }
}

Defect make_defect(Stream& stream, std::uint32_t kind) {
  Defect d;
  d.kind = kind;
  switch (kind) {
    case kCrack:
      make_crack(d, stream);
      break;
    case kPatch:
      make_patch(d, stream);
      break;
    case kPit:
      make_pits(d, stream);
      break;
    case kScratch:
      make_scratch(d, stream);
      break;
    case kStain:
      make_stain(d, stream);
      break;
    default:
      break;
  }
  return d;
}

}  // namespace hone::synth
