# ports/shared/conv_gradient.hpp: an input row meets kernel rows as if there were no padding
s/tap = (c + pad) % stride/tap = c % stride/
