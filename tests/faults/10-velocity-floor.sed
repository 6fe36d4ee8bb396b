# core/kernels/weight_chain.cpp: the velocity does not pass the store floor
# caught by kernels/test_conv_backward.cpp: conv_backward: chains, ends and updates of the contract bit for bit on every port
/floor_lanes(gradient)/d
