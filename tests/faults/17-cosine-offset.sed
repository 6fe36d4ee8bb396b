# core/include/hone/schedule.hpp: the cosine counts from the start, not from the end of the warm-up
# caught by optim/test_schedule.cpp: schedule: cosine goes from the rate to the lowest, counted from the end of the warm-up
s/step - s\.warmup < period ? step - s\.warmup/step < period ? step/
