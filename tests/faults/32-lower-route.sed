# ports/shared/conv_forward.cpp: a winner in the lower row of a window takes its column from the upper one
# caught by kernels/test_conv.cpp: conv_forward: chain, activation and pool of the contract bit for bit on every port
s/is_right_below = d > c/is_right_below = b > a/
