# core/include/hone/program.hpp: the second consumer of a tensor starts its gradient anew
# caught by layers/test_add.cpp: add: gradients of residual blocks reach both branches
/if (j > user) g\.resumes = true;/d
