# core/data/resize.cpp: resized pixels are cut off instead of rounded
s|(2 \* sums\[i\] + total) / (2 \* total)|sums[i] / total|
