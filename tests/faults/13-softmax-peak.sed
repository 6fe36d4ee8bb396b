# core/kernels/loss.cpp: the cross-entropy does not subtract the maximum
# caught by kernels/test_loss.cpp: softmax and cross_entropy: the contract bit for bit on every port
s/const float peak = largest(z, classes);/const float peak = 0.0f;/
