# core/layers/dropout.cpp: masks count samples from the start of the micro-batch
# caught by train/test_arena.cpp: arena: example models use every byte of their plan, and no rule changes a bit
s/p\.step, l\.layer, p\.first + i/p.step, l.layer, i/
