# core/kernels/activation.cpp: relu6 lets the gradient through at 6
# caught by kernels/test_activation.cpp: finish_gradient: floor, then the derivative at y, with y or with its mask
s/v < 6\.0f ? store_floor(g)/v <= 6.0f ? store_floor(g)/
