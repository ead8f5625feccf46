//===- Select.cpp - which of the evaluated points counts --------*- C++ -*-===//
//
// This file filters and selects points as 1511.05236 does, and under budgets.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Search.h"

namespace quantization {

int64_t SearchGoal::neededFor(double drop, const Score &floats) {
  // As `relative` is computed, so that it agrees in the last bit.
  auto holds = [&](int64_t right) { return Score{right, floats.count}.accuracy() / floats.accuracy() > 1 - drop; };
  int64_t right = std::max<int64_t>(0, static_cast<int64_t>((1 - drop) * floats.right) - 1);
  while (!holds(right))
    ++right;
  return right;
}

bool SearchGoal::withinBudgets(const CandidateCosts &costs) const { return excess(costs) <= 1; }

double SearchGoal::excess(const CandidateCosts &costs) const {
  double largest = 0;
  for (auto [budget, value] : llvm::zip_equal(budgets, costs.values))
    if (budget)
      largest = std::max(largest, *budget > 0 ? value / *budget : value > 0 ? HUGE_VAL : 0);
  return largest;
}

std::vector<SearchPoint> paretoFront(llvm::ArrayRef<SearchPoint> points, Cost cost) {
  std::vector<SearchPoint> front;
  for (size_t i = 0; i < points.size(); ++i) {
    const SearchPoint &point = points[i];
    auto beats = [&](size_t j) {
      const SearchPoint &other = points[j];
      bool asGood = other.costs[cost] <= point.costs[cost] && other.relative >= point.relative;
      bool isEqual = other.costs[cost] == point.costs[cost] && other.relative == point.relative;
      return j != i && asGood && (!isEqual || j > i);
    };
    bool isBeaten = false;
    for (size_t j = 0; j < points.size() && !isBeaten; ++j)
      isBeaten = beats(j);
    if (!isBeaten)
      front.push_back(point);
  }
  return front;
}

const SearchPoint *cheapestWithin(llvm::ArrayRef<SearchPoint> points, double tolerance, Cost cost) {
  const SearchPoint *best = nullptr;
  for (const SearchPoint &point : points)
    if (point.relative > 1 - tolerance && (!best || point.costs[cost] <= best->costs[cost]))
      best = &point;
  return best;
}

const SearchPoint *bestFor(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal) {
  const SearchPoint *best = nullptr;
  for (const SearchPoint &point : points)
    if (point.relative > 1 - goal.maxDrop && goal.withinBudgets(point.costs) &&
        (!best || point.costs[goal.minimize] < best->costs[goal.minimize] ||
         (point.costs[goal.minimize] == best->costs[goal.minimize] && point.relative >= best->relative)))
      best = &point;
  return best;
}

const SearchPoint *nearestFor(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal) {
  const SearchPoint *nearest = nullptr;
  for (const SearchPoint &point : points)
    if (point.relative > 1 - goal.maxDrop && (!nearest || goal.excess(point.costs) < goal.excess(nearest->costs)))
      nearest = &point;
  if (nearest)
    return nearest;
  for (const SearchPoint &point : points)
    if (!nearest || point.relative > nearest->relative)
      nearest = &point;
  return nearest;
}

} // namespace quantization
