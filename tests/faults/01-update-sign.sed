# core/kernels/weight_chain.cpp: the update climbs instead of descending
# caught by kernels/test_conv_backward.cpp: conv_backward: chains, ends and updates of the contract bit for bit on every port
s/add_product(next, -lr, gradient)/add_product(next, lr, gradient)/
