# ports/shared/outer_update.cpp: rows of W whose input is zero do not decay
s/ && u\.shrink == 0\.0f//
