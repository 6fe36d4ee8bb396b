# core/include/hone/schedule.hpp: the cosine counts from the start, not from the end of the warm-up
s/step - s\.warmup < s\.period ? step - s\.warmup/step < s.period ? step/
