# core/include/hone/shapes.hpp: same padding puts the larger half before
s|(need - in) / 2|(need - in + 1) / 2|
