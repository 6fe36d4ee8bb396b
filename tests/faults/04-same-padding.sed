# core/include/hone/shapes.hpp: same padding puts the larger half before
# caught by layers/test_conv2d.cpp: conv2d: gradients with same padding, odd and even kernels
s|(need - in) / 2|(need - in + 1) / 2|
