# core/include/hone/planner.hpp: the rounding of leaky_relu changes places with that of dropout
s/return !(drops && leaks);/return true;/
