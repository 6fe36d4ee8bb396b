# core/train/float_trainer.cpp: NaN in a frozen layer goes unnoticed
s/if (first == 0 \&\& frozen_not_finite(s))/if (false)/
