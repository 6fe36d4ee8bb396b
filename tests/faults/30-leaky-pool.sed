# core/include/hone/planner.hpp: a pool with overlapping windows applies leaky_relu to each gradient
# caught by train/test_arena.cpp: arena: 200 random models of leaky_relu and dropout, with each rule off
s/return windows_apart(pool) || kernel(i)/return true || kernel(i)/
