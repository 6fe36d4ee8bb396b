# core/include/hone/program.hpp: the second consumer of a tensor starts its gradient anew
/if (j > user) g\.resumes = true;/d
