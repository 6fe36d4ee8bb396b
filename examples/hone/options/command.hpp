#pragma once
#include "examples/hone/error.hpp"

namespace hone {

class Options;

/// The commands of the program, as bits, so that an option can name those that it belongs to.
enum Command : unsigned {
  kPlan = 1,
  kTrain = 2,
  kFinetune = 4,
  kEval = 8,
  kPredict = 16,
  kInspect = 32,
  kSynth = 64,
  kBench = 128,
  kExport = 256,
  kAllCommands = 511,
};

bool run_plan(const Options& options, Error* error);
bool run_train(const Options& options, Error* error);
bool run_finetune(const Options& options, Error* error);
bool run_eval(const Options& options, Error* error);
bool run_predict(const Options& options, Error* error);
bool run_inspect(const Options& options, Error* error);
bool run_export(const Options& options, Error* error);
bool run_synth(const Options& options, Error* error);
bool run_bench(const Options& options, Error* error);

struct CommandRow {
  const char* name;
  Command command;
  const char* arguments;   ///< what stands after the name, for the usage line
  const char* positional;  ///< name of the first argument in messages and settings files
  bool many;               ///< takes any number of arguments, else exactly one
  bool (*run)(const Options& options, Error* error);
  const char* summary;
  const char* example;
};

constexpr CommandRow kCommands[] = {
    {"plan", kPlan, "MODEL", "model", false, run_plan,
     "Predicts memory, checkpoint size and multiply-adds of training a model, exactly.\n"
     "MODEL may also be a checkpoint or a run folder: the plan is then that of fine-tuning it.",
     "hone plan examples/models/reference.model --batch 8 --ram 300K"},
    {"train", kTrain, "MODEL --data DATA --out RUN", "model", false, run_train,
     "Trains a model from the start and writes settings, results and checkpoints to RUN.",
     "hone train examples/models/reference.model --data synth/base --out run --epochs 20"},
    {"finetune", kFinetune, "BASE --data DATA --out RUN", "base", false, run_finetune,
     "Goes on training a checkpoint, or the best one of a run folder, with other data. If the\n"
     "classes differ from those of BASE, the last linear or conv2d layer is replaced; if they are\n"
     "the same, the old model is kept unless the new one is better (exit code 7).",
     "hone finetune run --data synth/moved --out run2 --train-last 2"},
    {"eval", kEval, "CHECKPOINT --data DATA", "checkpoint", false, run_eval,
     "Prints accuracy, balanced accuracy, precision and recall, and the confusion matrix.",
     "hone eval run --data synth/base"},
    {"predict", kPredict, "CHECKPOINT FILE...", "checkpoint", true, run_predict,
     "Prints the most probable class of images, of all images in folders, or of the rows of CSV\n"
     "files.",
     "hone predict run synth/base/test/pit"},
    {"inspect", kInspect, "CHECKPOINT", "checkpoint", false, run_inspect,
     "Prints the tensors and the metadata of a safetensors file.", "hone inspect run"},
    {"export", kExport, "CHECKPOINT --out FILE", "checkpoint", false, run_export,
     "Writes the parameters of a checkpoint as floats, for other programs. Those of w16a8 are "
     "floats\n"
     "exactly, but for biases of 16 and more, which have 24 bits.",
     "hone export run --out model.safetensors"},
    {"synth", kSynth, "DIR", "dir", false, run_synth,
     "Writes a drawn data set of surface defects: DIR/base and DIR/moved, with train/ and test/.",
     "hone synth synth --seed 1"},
    {"bench", kBench, "MODEL --data DATA", "model", false, run_bench,
     "Trains for a few seconds, writes nothing, and prints samples per second and where the time\n"
     "of a step goes: by phase and by layer.",
     "hone bench examples/models/reference.model --data synth/base --batch 8"},
};

}  // namespace hone
