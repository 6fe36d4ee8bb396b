# core/layers/conv2d.cpp: each group learns from the inputs of another
s/x + g \* rows, dy + g \* cols/x + (s.groups - 1 - g) * rows, dy + g * cols/
