//===- FormatSpec.cpp - the text of a number format -------------*- C++ -*-===//
//
// This file parses and prints formats such as `int4{per=channel}`.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Policy.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace quantization {

static bool isWord(llvm::StringRef text) {
  auto isWordCharacter = [](char c) { return llvm::isAlnum(c) || llvm::StringRef("_.+-").contains(c); };
  return !text.empty() && llvm::all_of(text, isWordCharacter);
}

llvm::Expected<FormatSpec> FormatSpec::parse(llvm::StringRef text) {
  auto failure = [&](const llvm::Twine &problem) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "format \"" + text + "\": " + problem + "; expected NAME or NAME{KEY=VALUE, FLAG}");
  };
  llvm::StringRef rest = text.trim();
  size_t brace = rest.find('{');
  FormatSpec spec;
  spec.name = rest.take_front(brace).rtrim().str();
  if (!isWord(spec.name))
    return failure("\"" + spec.name + "\" is not a name");
  if (brace == llvm::StringRef::npos)
    return spec;
  rest = rest.drop_front(brace + 1);
  if (!rest.consume_back("}"))
    return failure("it does not end in }");

  llvm::SmallVector<llvm::StringRef> parts;
  rest.split(parts, ',');
  for (llvm::StringRef part : parts) {
    auto [left, right] = part.split('=');
    llvm::StringRef key = left.trim(), value = right.trim();
    if (!isWord(key))
      return failure("\"" + key + "\" is not an option");
    if (part.contains('=') && !isWord(value))
      return failure("\"" + value + "\" is not a value of " + key);
    if (llvm::is_contained(llvm::make_first_range(spec.options), key))
      return failure("option " + key + " is given twice");
    spec.options.emplace_back(key.str(), value.str());
  }
  return spec;
}

std::optional<int64_t> FormatSpec::bitsInName() const {
  if (name == "float" || name == "binary")
    return name == "float" ? 32 : 1;
  llvm::StringRef rest = name;
  unsigned bits, fraction = 0;
  if (!rest.consume_front("pow2"))
    rest = rest.drop_while(llvm::isAlpha);
  if (rest.size() == name.size() || rest.consumeInteger(10, bits))
    return std::nullopt;
  if (name.front() == 'q' && (!rest.consume_front(".") || rest.consumeInteger(10, fraction)))
    return std::nullopt;
  bool isPossible = bits <= 32 && fraction <= 32 && bits + fraction >= 1 && bits + fraction <= 32;
  return rest.empty() && isPossible ? std::optional<int64_t>(bits + fraction) : std::nullopt;
}

std::string FormatSpec::str() const {
  if (options.empty())
    return name;
  std::vector<std::string> parts;
  for (const auto &[key, value] : options)
    parts.push_back(value.empty() ? key : key + "=" + value);
  return name + "{" + llvm::join(parts, ", ") + "}";
}

} // namespace quantization
