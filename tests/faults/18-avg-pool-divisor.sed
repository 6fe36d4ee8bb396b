# core/kernels/pool_cells.hpp: the average counts padding
s/static_cast<float>(rows \* cols)/static_cast<float>(s.kernel_h * s.kernel_w)/
