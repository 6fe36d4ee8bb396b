# core/layers/integer/ends.cpp: the update forgets the exponent of the input
# caught by train/test_integer_training.cpp: integer training: a step moves every layer as floats do
s|output_scale(p, l\.from)\.now + dy|dy|
