# core/train/float_trainer.cpp: decoupled decay goes into the velocity all the same
s/v\.has_momentum && !v\.decoupled_decay/v.has_momentum/
