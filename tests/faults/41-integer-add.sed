# core/layers/integer/elementwise.cpp: an add does not align the exponents of its inputs
s/^\( *\)b - unit, output_size/\1a - unit, output_size/
