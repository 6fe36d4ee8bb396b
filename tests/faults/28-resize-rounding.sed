# core/data/resize.cpp: resized pixels are cut off instead of rounded
# caught by data/test_resize.cpp: resize: by hand
s|(2 \* sums\[i\] + total) / (2 \* total)|sums[i] / total|
