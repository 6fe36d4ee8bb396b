# core/train/trainer.cpp: NaN in a frozen layer goes unnoticed
s/if (first == 0 \&\& frozen_not_finite())/if (false)/
