# core/kernels/integer/update.hpp: all rows of weights round by the same random numbers
# caught by kernels/integer/test_conv_backward.cpp: integer conv_backward: gradients and updates of the contract on every port
s/update\.stream ^ static_cast<std::uint32_t>(row)/update.stream + 0 * static_cast<std::uint32_t>(row)/
