# core/train/integer_trainer.cpp: the target is the class after the label
# caught by train/test_integer_training.cpp: integer training: a step moves every layer as floats do
s/c == label ? 32768/c == label + 1 ? 32768/
