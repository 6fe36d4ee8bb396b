# core/kernels/weight_chain.cpp: the update climbs instead of descending
s/add_product(next, -lr, gradient)/add_product(next, lr, gradient)/
