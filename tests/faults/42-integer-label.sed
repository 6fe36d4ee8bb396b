# core/train/integer_trainer.cpp: the target is the class after the label
s/c == label ? 32768/c == label + 1 ? 32768/
