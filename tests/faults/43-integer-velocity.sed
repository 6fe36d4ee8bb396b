# core/kernels/integer/update.cpp: 32 bits for every velocity
# caught by kernels/integer/test_update.cpp: integer update: velocities and rates up to the ends of 32 bits, on every port
s/return bits >> 30 == 0;/return true;/
