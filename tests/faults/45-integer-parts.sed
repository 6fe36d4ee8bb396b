# core/kernels/integer/update.cpp: parts of 30 bits beside a velocity
# caught by kernels/integer/test_update.cpp: integer update: the sum of all parts at the end of 32 bits, on every port
s/u[.]momentum ? 28 : 30/30/
