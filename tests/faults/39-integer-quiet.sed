# core/include/hone/scale.hpp: an exponent is lowered after one quiet step
# caught by train/test_integer_training.cpp: scale: raised at once, lowered by one after 32 quiet steps in a row
s/kQuietSteps = 32/kQuietSteps = 1/
