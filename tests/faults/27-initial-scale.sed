# core/train/initialise.cpp: weights start 1.4 times too small
s|6\.0f / static|3.0f / static|
