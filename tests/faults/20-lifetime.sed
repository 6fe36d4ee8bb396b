# core/include/hone/planner.hpp: an input is given up one step before its last reader
s/buffer\[p\[x_of(i)\]\.y\]\.extend(p\[i\]\.backward)/buffer[p[x_of(i)].y].extend(p[i].backward - 1)/
