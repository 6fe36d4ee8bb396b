# core/layers/dropout.cpp: all samples of a batch share one mask
# caught by layers/test_add.cpp: add: gradients of residual blocks reach both branches
s/p\.step, l\.layer, p\.first + i/p.step, l.layer, 0/
