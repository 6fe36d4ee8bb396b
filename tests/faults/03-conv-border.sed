# core/kernels/window_geometry.hpp: a kernel position misses the last output at the border
s|(limit - k - 1) / stride + 1|(limit - k - 1) / stride|
