# core/train/integer_trainer.cpp: the gradient is that of the sum over the batch, not of the mean
s/p\.rate = quotient_of(lr, n)/p.rate = quotient_of(lr, n * 0 + 1)/
