# core/kernels/loss.cpp: the gradient of the squared error lacks its 2
# caught by kernels/test_loss.cpp: squared_error: the contract bit for bit on every port
s/2\.0f \* difference \* inv/difference * inv/
