# core/kernels/weight_chain.cpp: new weights do not pass the store floor
/floor_lanes(next)/d
