#pragma once
#include <hone/trainer.hpp>

/// Trains on the sensor's data, then, as if the device had got another sensor, fine-tunes on that
/// one's; tells all of it. Returns the exit code: 0 if it learned both times.
int learn(const hone::JobView& job, hone::Span<std::uint8_t> ram);
