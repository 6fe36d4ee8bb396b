# core/layers/gradients.cpp: weight decay reaches every bias
/kDecaysBias)) update\.shrink/d
