//===- Process.h - other programs and temporary files -----------*- C++ -*-===//
//
// Part of quantization-opt. This file starts other programs, without a shell between.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_RUN_PROCESS_H
#define QUANTIZATION_RUN_PROCESS_H

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace quantization {

/// The folder of the running program.
std::string executableFolder();

/// A folder that goes away, with all in it, with its object.
class TemporaryFolder {
public:
  static std::unique_ptr<TemporaryFolder> create(std::string &error);
  ~TemporaryFolder();
  std::string file(const std::string &name) const { return path + "/" + name; }

private:
  std::string path;
};

/// Runs a program and waits for it; its output goes to our standard error. False, and `error` set, unless it ends with 0.
bool runProgram(const std::vector<std::string> &arguments, std::string &error);

/// A program that answers lines with lines.
class Conversation {
public:
  static std::unique_ptr<Conversation> start(const std::vector<std::string> &arguments, std::string &error);
  ~Conversation();
  bool send(const std::string &line);
  /// The next line without its end; nullopt when the program has ended.
  std::optional<std::string> receive();

private:
  pid_t process = -1;
  FILE *toProcess = nullptr, *fromProcess = nullptr;
};

} // namespace quantization

#endif // QUANTIZATION_RUN_PROCESS_H
