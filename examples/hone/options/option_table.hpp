#pragma once
#include <cstddef>
#include <cstdint>

#include "examples/hone/options/command.hpp"

namespace hone {

enum class ValueKind : std::uint8_t {
  flag,    ///< no value on the command line; yes or no in a settings file
  count,   ///< an integer
  real,    ///< a decimal
  choice,  ///< one of the words in value_name, divided by |
  budget,  ///< bytes, perhaps followed by K, M or G; or the word min
  text,
};

/// One option: all that parsing, help, settings files and hints need.
struct OptionRow {
  const char* name;
  ValueKind kind;
  const char* value_name;
  const char* preset;           ///< default value; empty: none
  const char* finetune_preset;  ///< default of finetune where it differs, else null
  double least, most;           ///< range of a count or a real, both included
  unsigned commands;
  bool is_recorded;  ///< part of the settings of a run
  const char* help;
};

constexpr double kNoLimit = 1e18;
constexpr unsigned kRuns = kTrain | kFinetune;
constexpr unsigned kPlanned = kRuns | kPlan;
constexpr unsigned kSteps = kPlanned | kBench;
constexpr unsigned kLoads = kFinetune | kPlan | kEval | kPredict;

constexpr OptionRow kOptions[] = {
    {"data", ValueKind::text, "PATH", "", nullptr, 0, 0, kSteps | kEval, true,
     "folder with train/ and test/ (and val/), folder of classes, folder with IDX files, CSV "
     "file, or SAMPLES,LABELS"},
    {"out", ValueKind::text, "RUN", "", nullptr, 0, 0, kRuns, false,
     "folder for settings, results and checkpoints; it must not hold a run"},
    {"out", ValueKind::text, "FILE", "", nullptr, 0, 0, kExport, false,
     "the file to write; it must not exist"},
    {"epochs", ValueKind::count, "N", "30", "20", 1, 1e6, kPlanned, true,
     "passes over the training part"},
    {"batch", ValueKind::count, "N", "16", nullptr, 1, 65536, kSteps, true,
     "samples of one optimizer step"},
    {"micro-batch", ValueKind::count, "N", "0", nullptr, 0, 65536, kSteps, true,
     "samples in memory at once, 0: the whole batch; changes memory, not one bit of the result"},
    {"ram", ValueKind::budget, "SIZE|min", "", nullptr, 0, 0, kSteps, true,
     "memory for training, as 256K or 1M: takes the largest micro-batch that fits, with fast "
     "kernels if they fit; min: as little as can be. Changes not one bit of the result"},
    {"lr", ValueKind::real, "RATE", "0.02", "0.01", 0, 1e6, kSteps, true, "learning rate"},
    {"schedule", ValueKind::text, "RULE", "cosine", nullptr, 0, 0, kPlanned, true,
     "constant, cosine, cosine:LOWEST, or step:EPOCHS:FACTOR"},
    {"warmup", ValueKind::text, "STEPS", "0", nullptr, 0, 0, kPlanned, true,
     "optimizer steps of a linear rise from rate 0, or a share of all steps as 5%"},
    {"momentum", ValueKind::real, "MU", "0.9", nullptr, 0, 1, kSteps, true,
     "0 is plain SGD, which needs no memory for velocity; below 1"},
    {"velocity", ValueKind::choice, "32|16", "32", nullptr, 0, 0, kSteps, true,
     "bits of the velocity of each weight under w16a8; 16 halve its memory"},
    {"weight-decay", ValueKind::real, "D", "0.0005", nullptr, 0, 1e6, kSteps, true, "weight decay"},
    {"decay", ValueKind::choice, "coupled|decoupled", "coupled", nullptr, 0, 0, kSteps, true,
     "weight decay as part of the gradient, or apart from it"},
    {"decay-bias", ValueKind::flag, "", "no", nullptr, 0, 0, kSteps, true,
     "let weight decay reach biases too"},
    {"numeric", ValueKind::choice, "f32|w16a8", "f32", nullptr, 0, 0, kTrain | kPlan | kBench, true,
     "what the model computes with: floats, or 16-bit weights with 8-bit activations and no float "
     "at all; a checkpoint keeps its own"},
    {"numeric", ValueKind::choice, "f32|w16a8", "", nullptr, 0, 0, kFinetune | kEval | kPredict,
     true,
     "what the model computes with: that of the checkpoint, which is converted where this says "
     "another"},
    {"normalise", ValueKind::text, "RULE", "auto", nullptr, 0, 0, kSteps | kEval | kPredict, true,
     "none, fixed A B, set, image, columns; auto: the rule of the checkpoint, and of a fresh model "
     "columns for CSV and set for all other data; a checkpoint of another program needs a rule"},
    {"augment", ValueKind::text, "LIST", "none", nullptr, 0, 0, kSteps, true,
     "hflip,vflip,shift N,brightness N,contrast P%, or none"},
    {"validation", ValueKind::real, "SHARE", "0.1", nullptr, 0, 0.999999, kPlanned | kEval, true,
     "share of the training part for validation where the data has no val/"},
    {"per-class", ValueKind::count, "N", "0", nullptr, 0, 4294967295.0, kSteps | kEval, true,
     "use the first N training samples of each class after the seeded shuffle; 0: all"},
    {"label", ValueKind::text, "COLUMN", "", nullptr, 0, 0, kSteps | kEval | kPredict, true,
     "label column of a CSV file, by name or number from 1"},
    {"cache", ValueKind::flag, "", "no", nullptr, 0, 0, kSteps, true,
     "keep the samples in memory instead of reading them in every epoch"},
    {"drop-last", ValueKind::flag, "", "no", nullptr, 0, 0, kPlanned, true,
     "leave out the last batch of an epoch if it is short"},
    {"replace-head", ValueKind::flag, "", "no", nullptr, 0, 0, kTrain | kPlan | kBench, true,
     "give the last linear or conv2d layer one output for each class of the data"},
    {"train-last", ValueKind::count, "K", "0", nullptr, 0, 8000, kFinetune | kPlan, true,
     "train only the last K layers that have parameters; 0: all"},
    {"seed", ValueKind::count, "N", "1", nullptr, 0, kNoLimit, kAllCommands, true,
     "seed of every random draw"},
    {"model", ValueKind::text, "MODEL", "", nullptr, 0, 0, kLoads, true,
     "model of a checkpoint that another program wrote; then --normalise is needed too"},
    {"classes", ValueKind::text, "A,B,...", "", nullptr, 0, 0, kPlan | kEval | kPredict, false,
     "class names, in the order of the outputs"},
    {"part", ValueKind::choice, "test|val|train", "test", nullptr, 0, 0, kEval, false,
     "which part of the data"},
    {"domain", ValueKind::choice, "both|base|moved", "both", nullptr, 0, 0, kSynth, false,
     "base, the same line with the camera moved and re-lit, or both"},
    {"per-class", ValueKind::count, "N", "0", nullptr, 0, 1048576, kSynth, false,
     "training images of each class; 0: 150, of moved 40"},
    {"test-per-class", ValueKind::count, "N", "0", nullptr, 0, 1048576, kSynth, false,
     "test images of each class; 0: 50"},
    {"size", ValueKind::count, "PIXELS", "64", nullptr, 16, 1024, kSynth, false,
     "width and height of the images"},
    {"seconds", ValueKind::real, "S", "3", nullptr, 0.01, 3600, kBench, false,
     "how long to measure, without the reading of the data before"},
    {"settings", ValueKind::text, "FILE", "", nullptr, 0, 0, kPlanned, false,
     "take options from a file of lines key = value; the command line overrides it"},
    {"resume", ValueKind::text, "RUN", "", nullptr, 0, 0, kRuns, false,
     "go on with an interrupted run; takes its settings"},
    {"json", ValueKind::flag, "", "no", nullptr, 0, 0, kAllCommands, false,
     "print one JSON object"},
    {"quiet", ValueKind::flag, "", "no", nullptr, 0, 0, kAllCommands, false,
     "print results only, no progress"},
    {"verbose", ValueKind::flag, "", "no", nullptr, 0, 0, kRuns, false,
     "after each epoch tell of each layer in how many steps numbers left their range, gradients "
     "were lost, or no weight changed (w16a8; f32 has nothing to tell)"},
    {"help", ValueKind::flag, "", "no", nullptr, 0, 0, kAllCommands, false, "print this page"},
};

/// The row of an option of that name that belongs to the command, or null.
const OptionRow* find_option(const char* name, unsigned command);

}  // namespace hone
