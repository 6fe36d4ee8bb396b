# core/train/float_trainer.cpp: decoupled decay goes into the velocity all the same
# caught by optim/test_optimizer.cpp: momentum: two steps by hand, coupled and decoupled
s/v\.has_momentum && !v\.decoupled_decay/v.has_momentum/
