# core/layers/dropout.cpp: all samples of a batch share one mask
s/p\.step, l\.layer, p\.first + i/p.step, l.layer, 0/
