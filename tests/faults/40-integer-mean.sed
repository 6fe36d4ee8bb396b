# core/train/integer_trainer.cpp: the gradient is that of the sum over the batch, not of the mean
# caught by train/test_integer_training.cpp: integer training: a step moves every layer as floats do
s/Multiplier rate = quotient_of(lr, n)/Multiplier rate = quotient_of(lr, n * 0 + 1)/
