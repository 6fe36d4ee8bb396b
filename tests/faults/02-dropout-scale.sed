# core/kernels/dropout_draws.hpp: kept values are not scaled by 1 / (1 - p)
s/store_floor(x \* scale)/store_floor(x)/
