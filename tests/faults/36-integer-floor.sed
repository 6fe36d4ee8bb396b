# core/include/hone/fixed.hpp: whole numbers are rounded down instead of to the nearest
s/return ((x >> (s - 1)) + 1) >> 1;/return x >> s;/
