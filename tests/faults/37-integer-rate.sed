# core/layers/integer/ends.cpp: the update forgets the exponent of the input
s/output_scale(p, l\.from)\.now - dy/0 - dy/
