# core/include/hone/planner.hpp: a pool with overlapping windows applies leaky_relu to each gradient
s/return windows_apart(pool) || kernel(i)/return true || kernel(i)/
