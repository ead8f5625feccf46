//===- Accelerator.cpp - a model of an accelerator --------------*- C++ -*-===//
//
// This file reads the table of an accelerator and models cycles, energy, power and area with it.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Costs.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"

namespace quantization {

static constexpr char kStandard[] =
#include "Accelerator.inc"
    ;

namespace {
class TableReader {
public:
  explicit TableReader(llvm::StringRef file) : file(file) {}

  void read(const llvm::json::Object &table) {
    known(table, "the table", {"note", "clock_mhz", "tile", "rows"});
    if (auto note = table.getString("note"))
      result.note = note->str();
    result.clock = number(table, "the table", "clock_mhz");
    if (const llvm::json::Object *tile = table.getObject("tile")) {
      known(*tile, "the tile", {"outputs", "inputs"});
      result.tileOutputs = integer(*tile, "the tile", "outputs");
      result.tileInputs = integer(*tile, "the tile", "inputs");
    } else {
      problem("expected \"tile\" as an object with outputs and inputs");
    }
    const llvm::json::Array *rows = table.getArray("rows");
    if (!rows || rows->empty())
      return problem("expected \"rows\" as a list that is not empty");
    for (const auto &[i, entry] : llvm::enumerate(*rows))
      readRow(entry.getAsObject(), "row " + std::to_string(i + 1));
  }

  void problem(const llvm::Twine &text) { problems.push_back((file + ": " + text).str()); }

  llvm::Expected<Accelerator> finish() {
    if (problems.empty())
      return std::move(result);
    return llvm::createStringError(llvm::inconvertibleErrorCode(), llvm::join(problems, "\n"));
  }

private:
  llvm::StringRef file;
  Accelerator result;
  std::vector<std::string> problems;

  void readRow(const llvm::json::Object *row, const std::string &what) {
    if (!row)
      return problem(what + " is not an object");
    known(*row, what, {"weights", "weight_bits", "value_bits", "area_mm2", "power_mw"});
    Accelerator::Row read;
    auto glob = row->getString("weights");
    if (!glob)
      problem(what + " needs \"weights\", a glob for names of formats");
    read.weights = glob.value_or("*").str();
    read.weightBits = integer(*row, what, "weight_bits");
    read.valueBits = integer(*row, what, "value_bits");
    read.area = number(*row, what, "area_mm2");
    read.power = number(*row, what, "power_mw");
    result.rows.push_back(std::move(read));
  }

  void known(const llvm::json::Object &object, const std::string &what, llvm::ArrayRef<llvm::StringRef> keys) {
    for (const auto &entry : object)
      if (!llvm::is_contained(keys, llvm::StringRef(entry.first)))
        problem("unknown key \"" + llvm::StringRef(entry.first) + "\" in " + what + "; expected " + llvm::join(keys, ", "));
  }
  double number(const llvm::json::Object &object, const std::string &what, llvm::StringRef key) {
    auto value = object.getNumber(key);
    if (value && *value > 0)
      return *value;
    problem(what + " needs \"" + key + "\", a number above 0");
    return 1;
  }
  int64_t integer(const llvm::json::Object &object, const std::string &what, llvm::StringRef key) {
    auto value = object.getInteger(key);
    if (value && *value > 0)
      return *value;
    problem(what + " needs \"" + key + "\", a whole number above 0");
    return 1;
  }
};
} // namespace

llvm::Expected<Accelerator> Accelerator::parse(llvm::StringRef json, llvm::StringRef file) {
  TableReader reader(file);
  auto value = llvm::json::parse(json);
  if (!value)
    reader.problem("no valid JSON: " + llvm::toString(value.takeError()));
  else if (const llvm::json::Object *table = value->getAsObject())
    reader.read(*table);
  else
    reader.problem("expected an object with clock_mhz, tile and rows");
  return reader.finish();
}

llvm::Expected<Accelerator> Accelerator::load(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError("cannot read " + path + ": " + buffer.getError().message());
  return parse((*buffer)->getBuffer(), path);
}

Accelerator Accelerator::standard() { return llvm::cantFail(parse(kStandard, "accelerator.json")); }

const Accelerator::Row *Accelerator::rowFor(const FormatWidth &weight, const FormatWidth &value) const {
  for (const Row &row : rows)
    if (matchesGlob(row.weights, weight.format) && row.weightBits >= weight.bits && row.valueBits >= value.bits)
      return &row;
  return nullptr;
}

int64_t Accelerator::cyclesOf(const LayerWork &layer) const {
  auto tiles = [](int64_t size, int64_t tile) { return static_cast<int64_t>(llvm::divideCeil(size, tile)); };
  return layer.positions * layer.groups * tiles(layer.channels / layer.groups, tileOutputs) * tiles(layer.depth, tileInputs);
}

ModelledCosts modelOf(llvm::ArrayRef<LayerWork> layers, const Accelerator &accelerator) {
  ModelledCosts costs;
  for (const LayerWork &layer : layers) {
    int64_t cycles = accelerator.cyclesOf(layer);
    costs.cycles += cycles;
    if (const Accelerator::Row *row = accelerator.rowFor(layer.weight, layer.input)) {
      costs.energy += accelerator.energyOf(*row, cycles);
      costs.area = std::max(costs.area, row->area);
    } else {
      costs.unknown.push_back(layer.layer);
    }
  }
  costs.microseconds = costs.cycles / accelerator.clock;
  if (!costs.unknown.empty() || !costs.cycles)
    return costs;
  costs.power = costs.energy / costs.microseconds * 1000;
  if (const Accelerator::Row *row = accelerator.rowFor({}, {})) {
    costs.energySaving = 1 - costs.energy / accelerator.energyOf(*row, costs.cycles);
    costs.powerSaving = 1 - costs.power / row->power;
    costs.areaSaving = 1 - costs.area / row->area;
  }
  return costs;
}

} // namespace quantization
