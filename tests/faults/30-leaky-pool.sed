# core/include/hone/planner.hpp: a pool with overlapping windows applies leaky_relu to each gradient
s/return apart || kernel(i) != Op::leaky_relu;/return true || apart;/
