#pragma once
#include <cstdint>

#include "hone/random.hpp"
#include "hone/synth.hpp"

/// The scene behind a drawn picture, independent of its resolution. Private to
/// core/data/synth*.cpp.
///
/// Lengths and places are Q8 in units of 1/64 of the frame: the frame is [0, kFrame) x [0, kFrame).
/// Angles are 65,536 to the turn. Brightness is in Q4 grey levels. Sines are Q14.
/// Every product fits 32 bits: no point that is looked at lies further than kFrame from the frame.
/// Shifts of negative numbers round down, as every compiler for the targets does.
namespace hone::synth {

inline constexpr std::int32_t kUnit = 256;
inline constexpr std::int32_t kFrame = 64 * kUnit;
inline constexpr std::int32_t kQuarterTurn = 16384;

struct Point {
  std::int32_t x = 0, y = 0;
};

/// cos and sin of an angle, Q14.
Point direction(std::int32_t angle);

/// A value in [low, high].
std::int32_t between(Stream& stream, std::int32_t low, std::int32_t high);
/// true and false alike.
bool coin(Stream& stream);

/// Smooth random field with one value per cell, in [-128, 127], continuous in p.
struct Noise {
  std::uint32_t salt = 0;
  std::int32_t cell_x = kUnit, cell_y = kUnit;

  std::int32_t at(Point p) const;
};

/// The metal: streaks along the rolling direction, and slow waves.
struct Metal {
  Point along;  ///< rolling direction, Q14
  Noise fine, coarse, wave;
  std::int32_t fine_gain = 0, coarse_gain = 0, wave_gain = 0;  ///< Q4 grey levels at full swing

  std::int32_t at(Point p) const;
};

Metal make_metal(Stream& stream, SynthDomain domain);

/// A straight piece of a line, by its start, its direction (Q14) and its length.
struct Stroke {
  Point from, along;
  std::int32_t length = 0, half_width = 0;
};

struct Spot {
  Point centre;
  std::int32_t radius = 0;
};

/// One defect; `kind` is the class. What a kind does not use stays empty.
struct Defect {
  static constexpr int kMaxStrokes = 26, kMaxSpots = 10;

  std::uint32_t kind = 0;
  std::int32_t depth = 0;  ///< brightness added at the heart of the defect, either sign
  Stroke strokes[kMaxStrokes];
  int stroke_count = 0;
  Spot spots[kMaxSpots];
  int spot_count = 0;
  // patch and stain: an ellipse with a wavering outline
  Point centre, axis;
  std::int32_t radius_x = kUnit, radius_y = kUnit;
  Noise outline, grain;
  std::int32_t grain_gain = 0;
  bool ring = false;

  /// The brightness of the surface at p, given that of the metal there.
  std::int32_t over(std::int32_t metal, Point p) const;

 private:
  std::int32_t lines(Point p) const;
  std::int32_t holes(Point p) const;
  std::int32_t ellipse(Point p, std::int32_t waver) const;
  std::int32_t stain(Point p) const;
};

Defect make_defect(Stream& stream, std::uint32_t kind);

/// How a scene becomes grey values.
struct Camera {
  std::int32_t zoom = 256;                ///< Q8, scene lengths per frame length
  std::int32_t aperture = kUnit;          ///< side of the square of the scene that a pixel averages
  std::int32_t samples = 1;               ///< per side of that square
  std::int32_t contrast = 256;            ///< Q8
  std::int32_t level = 0;                 ///< grey of plain metal
  std::int32_t light_x = 0, light_y = 0;  ///< light gained from the middle to the right, the bottom
  std::int32_t noise = 0;                 ///< at most, triangular
  std::uint32_t noise_salt = 0;
};

Camera make_camera(Stream& stream, SynthDomain domain);

struct Scene {
  Camera camera;
  Metal metal;
  Defect defect;

  /// The grey value of the `number`th pixel, whose middle is at p of the frame.
  std::uint8_t pixel(Point p, std::uint32_t number) const;
};

Scene make_scene(const SynthImage& image);

}  // namespace hone::synth
