# core/kernels/conv_blocks.cpp: each group learns from the inputs of another
# caught by kernels/test_conv_backward.cpp: conv_backward: chains, ends and updates of the contract bit for bit on every port
s/x + g \* in_c,/x + (s.groups - 1 - g) * in_c,/
