# ports/shared/conv_forward.cpp: of equal rows of a window the lower one wins
s/is_lower = lower > upper/is_lower = mask_of(value, ~bits_of(upper > lower))/
