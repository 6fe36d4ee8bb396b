# ports/shared/tiles.hpp: the last columns of a tile reach into the next row
# caught by kernels/test_conv.cpp: conv_forward: chain, activation and pool of the contract bit for bit on every port
s/{Wide::part(left - W), left}/{Wide::part(left), left}/
