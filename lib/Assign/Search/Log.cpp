//===- Log.cpp - a search that can go on ------------------------*- C++ -*-===//
//
// This file keeps the scores of candidates in a file, one line of JSON each:
//
//   {"search": "sha256 of the network, samples"}
//   {"candidate": "int8/q1.3 int6/q2.0", "right": 981, "count": 1000, "lost": 12}
//   {"candidate": "int2/q1.0 int2/q1.0", "below": 980}
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Search.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

namespace quantization {

llvm::Expected<SearchLog> SearchLog::open(llvm::StringRef path, llvm::StringRef identity, Search &search) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  SearchLog log;
  // A line that was cut off when the search was killed does not count.
  size_t whole = buffer ? (*buffer)->getBuffer().rfind('\n') + 1 : 0;
  bool isNew = whole == 0, isCut = buffer && whole < (*buffer)->getBufferSize();
  if (isNew && isCut)
    return llvm::createStringError(path + ": this is no log of a search");
  if (!isNew) {
    llvm::StringRef text = (*buffer)->getBuffer().take_front(whole);
    llvm::SmallVector<llvm::StringRef> lines;
    text.split(lines, '\n', -1, /*KeepEmpty=*/false);
    for (auto [number, line] : llvm::enumerate(lines)) {
      auto value = llvm::json::parse(line);
      if (!value)
        llvm::consumeError(value.takeError());
      const llvm::json::Object *object = value ? value->getAsObject() : nullptr;
      if (number == 0) {
        auto name = object ? object->getString("search") : std::nullopt;
        if (!name)
          return llvm::createStringError(path + ": this is no log of a search");
        if (*name != identity)
          return llvm::createStringError(path + ": the log is of another network, other samples or other formats; give another file");
        continue;
      }
      auto candidate = object ? object->getString("candidate") : std::nullopt;
      auto right = object ? object->getInteger("right") : std::nullopt, count = object ? object->getInteger("count") : std::nullopt;
      auto below = object ? object->getInteger("below") : std::nullopt;
      if (candidate && right && count)
        search.remember(*candidate, Score{*right, *count, object->getInteger("lost")});
      else if (candidate && below)
        search.remember(*candidate, std::nullopt, *below);
      else
        return llvm::createStringError(path + ":" + std::to_string(number + 1) + ": this line is no evaluated candidate");
    }
  }
  std::string kept = isCut ? (*buffer)->getBuffer().take_front(whole).str() : "";
  if (buffer)
    buffer->reset(); // it may be the file itself
  std::error_code error;
  auto stream = std::make_shared<llvm::raw_fd_ostream>(path, error, isCut ? llvm::sys::fs::OF_None : llvm::sys::fs::OF_Append);
  if (error)
    return llvm::createStringError("cannot write " + path + ": " + error.message());
  *stream << kept;
  log.stream = stream;
  if (isNew)
    *stream << llvm::json::Value(llvm::json::Object{{"search", identity}}) << "\n";
  stream->flush();
  return std::move(log);
}

void SearchLog::append(llvm::StringRef candidate, std::optional<Score> score, int64_t needed) {
  llvm::json::Object line{{"candidate", candidate}};
  if (score)
    line["right"] = score->right, line["count"] = score->count;
  if (score && score->lost)
    line["lost"] = *score->lost;
  if (!score)
    line["below"] = needed;
  *stream << llvm::json::Value(std::move(line)) << "\n";
  stream->flush();
}

} // namespace quantization
