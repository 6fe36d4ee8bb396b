# core/include/hone/planner.hpp: an add shares its gradient with inputs that others add to
/if (p\[heir\]\.users != 1/d
