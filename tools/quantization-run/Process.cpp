//===- Process.cpp - other programs and temporary files ---------*- C++ -*-===//
//
// Part of quantization-opt. This file starts other programs by posix_spawn.
//
//===----------------------------------------------------------------------===//

#include "Process.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
namespace fs = std::filesystem;

namespace quantization {

std::string executableFolder() {
  std::error_code failure;
  return fs::read_symlink("/proc/self/exe", failure).parent_path().string();
}

std::unique_ptr<TemporaryFolder> TemporaryFolder::create(std::string &error) {
  std::error_code failure;
  fs::path base = fs::temp_directory_path(failure);
  std::string pattern = ((failure ? fs::path("/tmp") : base) / "quantization-run-XXXXXX").string();
  if (!mkdtemp(pattern.data())) {
    error = pattern + ": cannot make a temporary folder: " + std::strerror(errno);
    return nullptr;
  }
  auto folder = std::make_unique<TemporaryFolder>();
  folder->path = pattern;
  return folder;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path.empty())
    fs::remove_all(path, ignored);
}

namespace {
/// Starts a program with the given descriptors as its input and output (-1: as ours); -1 on failure.
pid_t spawn(const std::vector<std::string> &arguments, int in, int out, std::string &error) {
  std::vector<char *> argv;
  for (const std::string &argument : arguments)
    argv.push_back(const_cast<char *>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (in >= 0)
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  if (out >= 0)
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t process = -1;
  int status = posix_spawnp(&process, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (status == 0)
    return process;
  error = arguments[0] + ": cannot be started: " + std::strerror(status);
  return -1;
}

int waitFor(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR)
    ;
  return status;
}
} // namespace

bool runProgram(const std::vector<std::string> &arguments, std::string &error) {
  pid_t process = spawn(arguments, -1, STDERR_FILENO, error);
  if (process < 0)
    return false;
  int status = waitFor(process);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return true;
  std::string command;
  for (const std::string &argument : arguments)
    command += (command.empty() ? "" : " ") + argument;
  error = WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                            : "signal " + std::to_string(WTERMSIG(status));
  error += " of: " + command;
  return false;
}

std::unique_ptr<Conversation> Conversation::start(const std::vector<std::string> &arguments, std::string &error) {
  int down[2] = {-1, -1}, up[2] = {-1, -1};
  bool havePipes = pipe2(down, O_CLOEXEC) == 0 && pipe2(up, O_CLOEXEC) == 0;
  if (!havePipes)
    error = std::string("cannot make a pipe: ") + std::strerror(errno);
  auto conversation = std::make_unique<Conversation>();
  if (havePipes)
    conversation->process = spawn(arguments, down[0], up[1], error);
  for (int end : {down[0], up[1]})
    if (end >= 0)
      ::close(end);
  conversation->toProcess = down[1] >= 0 ? fdopen(down[1], "w") : nullptr;
  conversation->fromProcess = up[0] >= 0 ? fdopen(up[0], "r") : nullptr;
  return conversation->process >= 0 ? std::move(conversation) : nullptr;
}

Conversation::~Conversation() {
  if (toProcess)
    std::fclose(toProcess);
  if (fromProcess)
    std::fclose(fromProcess);
  if (process >= 0)
    waitFor(process);
}

bool Conversation::send(const std::string &line) {
  return toProcess && std::fputs((line + "\n").c_str(), toProcess) >= 0 && std::fflush(toProcess) == 0;
}

std::optional<std::string> Conversation::receive() {
  std::string line;
  for (int c; fromProcess && (c = std::fgetc(fromProcess)) != EOF; line += char(c))
    if (c == '\n')
      return line;
  return std::nullopt;
}

} // namespace quantization
