# core/train/float_trainer.cpp: the gradient of a short batch is divided by the full one
# caught by train/test_reference_training.cpp: sgd: 20 steps with weight decay follow the double reference, biases without decay
s/std::uint64_t{n} \* v\.classes : n)/std::uint64_t{n} * v.classes : v.batch)/
