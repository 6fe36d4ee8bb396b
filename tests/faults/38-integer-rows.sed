# core/kernels/integer/update.hpp: all rows of weights round by the same random numbers
s/update\.stream ^ static_cast<std::uint32_t>(row)/update.stream + 0 * static_cast<std::uint32_t>(row)/
