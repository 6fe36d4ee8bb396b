# core/layers/conv2d.cpp: the weight gradient misses the last output at the border
s|(in + pad - tap - 1) / stride|(in + pad - tap - 2) / stride|
