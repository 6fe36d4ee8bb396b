# core/kernels/weight_chain.cpp: the velocity is carried on without mu
# caught by kernels/test_conv_backward.cpp: conv_backward: chains, ends and updates of the contract bit for bit on every port
/chain\.v\[j\] \*= mu/d
