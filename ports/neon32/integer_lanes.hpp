#pragma once
#include "ports/neon/integer_lanes.hpp"
