# ports/shared/outer_update.cpp: rows of W whose input is zero do not decay
# caught by kernels/test_dense.cpp: dense_backward: chains and update of the contract bit for bit on every port
s/ && u\.shrink == 0\.0f//
