# core/layers/dropout.cpp: masks count samples from the start of the micro-batch
s/p\.step, l\.layer, p\.first + i/p.step, l.layer, i/
