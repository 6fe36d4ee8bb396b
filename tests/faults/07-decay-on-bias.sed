# core/layers/gradients.cpp: weight decay reaches every bias
# caught by optim/test_optimizer.cpp: sgd: one step by hand
/kDecaysBias)) update\.shrink/d
