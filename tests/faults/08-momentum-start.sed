# core/kernels/weight_chain.cpp: the velocity is carried on without mu
/chain\.v\[j\] \*= mu/d
