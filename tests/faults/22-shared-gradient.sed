# core/include/hone/planner.hpp: an add shares its gradient with inputs that others add to
# caught by layers/test_add.cpp: add: gradients of residual blocks reach both branches
/if (p\[heir\]\.users != 1/d
