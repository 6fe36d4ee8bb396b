# core/kernels/avg_pool.cpp: the average counts padding
s/static_cast<float>(rows \* cols)/static_cast<float>(s.kernel_h * s.kernel_w)/
