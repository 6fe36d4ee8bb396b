# core/kernels/window_geometry.hpp: a kernel position misses the last output at the border
# caught by kernels/integer/test_conv_backward.cpp: integer conv_backward: gradients and updates of the contract on every port
s|(limit - k - 1) / stride + 1|(limit - k - 1) / stride|
