# ports/shared/conv_forward.cpp: a winner in the lower row of a window takes its column from the upper one
s/is_right_below = d > c/is_right_below = b > a/
