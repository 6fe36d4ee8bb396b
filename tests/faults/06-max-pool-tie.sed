# core/kernels/pool_rows.cpp: of equal values the last one wins
s/row\[j\] > best\[j\]/row[j] >= best[j]/
