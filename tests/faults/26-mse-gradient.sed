# core/kernels/loss.cpp: the gradient of the squared error lacks its 2
s/2\.0f \* difference \* inv/difference * inv/
