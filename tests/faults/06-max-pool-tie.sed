# core/kernels/pool_rows.cpp: of equal values the last one wins
s/value > best\[j\]/value >= best[j]/
