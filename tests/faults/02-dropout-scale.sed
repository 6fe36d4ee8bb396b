# core/kernels/dropout_draws.hpp: kept values are not scaled by 1 / (1 - p)
# caught by kernels/test_dropout.cpp: dropout: the stream of hone::Stream decides, element-wise and by channel
s/store_floor(x \* scale)/store_floor(x)/
