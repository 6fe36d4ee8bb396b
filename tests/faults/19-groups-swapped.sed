# core/kernels/conv_blocks.cpp: each group learns from the inputs of another
s/x + g \* in_c,/x + (s.groups - 1 - g) * in_c,/
