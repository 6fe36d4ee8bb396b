# core/kernels/weight_chain.cpp: the velocity does not pass the store floor
/floor_lanes(gradient)/d
