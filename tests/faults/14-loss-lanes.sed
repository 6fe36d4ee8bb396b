# core/train/float_trainer.cpp: the loss of the batch is summed in 16 lanes
# caught by layers/test_loss.cpp: loss: the batch is summed in 32 lanes, kept across micro-batches
s/(p\.first + i) % kLanes/(p.first + i) % 16/
