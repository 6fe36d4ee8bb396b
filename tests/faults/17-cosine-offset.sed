# core/include/hone/schedule.hpp: the cosine counts from the start, not from the end of the warm-up
s/step - s\.warmup < period ? step - s\.warmup/step < period ? step/
