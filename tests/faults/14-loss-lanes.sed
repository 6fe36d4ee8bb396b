# core/train/float_trainer.cpp: the loss of the batch is summed in 16 lanes
s/(p\.first + i) % kLanes/(p.first + i) % 16/
