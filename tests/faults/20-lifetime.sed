# core/include/hone/planner.hpp: an input is given up one step before its last reader
# caught by train/test_arena.cpp: arena: 200 random models, with each rule off and every micro-batch split
s/buffer\[p\[x_of(i)\]\.y\]\.extend(p\[i\]\.backward)/buffer[p[x_of(i)].y].extend(p[i].backward - 1)/
