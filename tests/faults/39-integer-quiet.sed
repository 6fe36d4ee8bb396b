# core/include/hone/scale.hpp: an exponent is lowered after one quiet step
s/kQuietSteps = 32/kQuietSteps = 1/
