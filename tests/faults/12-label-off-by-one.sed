# core/kernels/loss.cpp: the target is the class after the label
s/i == label ? 1\.0f/i == label + 1 ? 1.0f/
