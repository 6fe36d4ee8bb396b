# core/layers/integer/elementwise.cpp: an add does not align the exponents of its inputs
# caught by train/test_integer_training.cpp: integer training: a step moves every layer as floats do
s|, b - unit, output_size|, a - unit, output_size|
