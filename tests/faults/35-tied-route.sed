# ports/shared/conv_forward.cpp: of equal rows of a window the lower one wins
# caught by kernels/test_conv.cpp: conv_forward: chain, activation and pool of the contract bit for bit on every port
s/is_lower = lower > upper/is_lower = mask_of(value, ~bits_of(upper > lower))/
