# core/train/integer_trainer.cpp: the gradient is that of the sum over the batch, not of the mean
s/Multiplier rate = quotient_of(lr, n)/Multiplier rate = quotient_of(lr, n * 0 + 1)/
