# ports/shared/conv_gradient.hpp: an input row meets kernel rows as if there were no padding
# caught by kernels/test_conv_backward.cpp: conv_backward: chains, ends and updates of the contract bit for bit on every port
s/tap = (c + pad) % stride/tap = c % stride/
