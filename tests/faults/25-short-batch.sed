# core/train/float_trainer.cpp: the gradient of a short batch is divided by the full one
s/std::uint64_t{n} \* v\.classes : n)/std::uint64_t{n} * v.classes : v.batch)/
