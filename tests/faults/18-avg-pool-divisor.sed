# core/kernels/pool_cells.hpp: the average counts padding
# caught by kernels/test_pool.cpp: avg_pool: plain sums in raster order over the real pixels, on every port
s/static_cast<float>(rows \* cols)/static_cast<float>(s.kernel_h * s.kernel_w)/
