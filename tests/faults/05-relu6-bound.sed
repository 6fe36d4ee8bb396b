# core/kernels/activation.cpp: relu6 lets the gradient through at 6
s/v < 6\.0f ? store_floor(g)/v <= 6.0f ? store_floor(g)/
