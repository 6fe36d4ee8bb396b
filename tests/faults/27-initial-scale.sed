# core/train/initialise.cpp: weights start 1.4 times too small
# caught by train/test_initialise.cpp: init: weights are uniform below sqrt(6 / fan_in), biases 0, velocity 0
s|6\.0f / static|3.0f / static|
