# core/kernels/pool_rows.cpp: of equal values the last one wins
# caught by kernels/test_conv.cpp: conv_forward: chain, activation and pool of the contract bit for bit on every port
s/row\[j\] > best\[j\]/row[j] >= best[j]/
