# core/kernels/integer/update.cpp: the halves of a lane change places for one column
# caught by kernels/integer/test_conv_backward.cpp: integer conv_backward: gradients and updates of the contract on every port
s/column % kBlock < kStreamLanes ?/column % kBlock >= kStreamLanes ?/
