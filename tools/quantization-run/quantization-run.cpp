//===- quantization-run.cpp - runs compiled networks ------------*- C++ -*-===//
//
// Part of quantization-opt. This file is quantization-run's main program.
//
//===----------------------------------------------------------------------===//

#include "Modes.h"

#include <csignal>
#include <cstdio>

using namespace quantization;

int main(int argc, char **argv) {
  std::signal(SIGPIPE, SIG_IGN); // a reference that stopped is an error of its own
  std::string error;
  auto options = Options::parse(argc, argv, error);
  bool done = false;
  if (options && options->help)
    done = std::fputs(Options::helpText(), stdout) >= 0;
  else if (options)
    done = options->benchmark                  ? benchmark(*options, error)
           : options->profile                  ? profile(*options, error)
           : options->verifyAgainst == "qdq"   ? verifySteps(*options, error)
           : !options->verifyAgainst.empty()   ? verifyValues(*options, error)
                                               : evaluate(*options, error);
  if (std::fflush(stdout) != 0 && done) {
    error = "cannot write to the standard output";
    done = false;
  }
  if (!error.empty())
    std::fprintf(stderr, "quantization-run: error: %s\n", error.c_str());
  return done ? 0 : 1;
}
