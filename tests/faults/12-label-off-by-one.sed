# core/kernels/loss.cpp: the target is the class after the label
# caught by kernels/test_loss.cpp: softmax and cross_entropy: the contract bit for bit on every port
s/i == label ? 1\.0f/i == label + 1 ? 1.0f/
