# core/include/hone/fixed.hpp: whole numbers are rounded down instead of to the nearest
s/return (x + (std::int64_t{1} << (s - 1))) >> s;/return x >> s;/
