# core/train/trainer.cpp: NaN in a frozen layer goes unnoticed
s/(flags | frozen_not_finite())/flags/
