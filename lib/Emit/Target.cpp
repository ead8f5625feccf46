//===- Target.cpp - the machine to compile for ------------------*- C++ -*-===//
//
// This file resolves --mtriple, --mcpu and --mattr and makes LLVM's code generators. LLVM itself only warns about a
// processor or feature it does not know, and ends the process on some combinations: here they are errors.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/Artifact.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/AArch64TargetParser.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include <mutex>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

using namespace llvm;

namespace quantization {

static void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
#define INITIALIZE_TARGET(name)                                                                                        \
  LLVMInitialize##name##TargetInfo();                                                                                  \
  LLVMInitialize##name##Target();                                                                                      \
  LLVMInitialize##name##TargetMC();                                                                                    \
  LLVMInitialize##name##AsmPrinter();                                                                                  \
  LLVMInitialize##name##AsmParser();
    INITIALIZE_TARGET(X86)
    INITIALIZE_TARGET(AArch64)
#undef INITIALIZE_TARGET
  });
}

static Expected<const Target *> lookupTarget(const Triple &triple) {
  bool knownSystem = triple.isOSLinux() || triple.getOS() == Triple::UnknownOS;
  bool wholePointers = triple.getEnvironment() != Triple::GNUX32 && triple.getEnvironment() != Triple::MuslX32 &&
                       triple.getEnvironment() != Triple::GNUILP32;
  if ((triple.getArch() != Triple::x86_64 && triple.getArch() != Triple::aarch64) || !triple.isOSBinFormatELF() ||
      !knownSystem || !wholePointers)
    return createStringError("target '" + triple.str() +
                             "' is not supported: use x86_64-linux-gnu, aarch64-linux-gnu or another triple of these "
                             "architectures with ELF files");
  initializeTargets();
  std::string message;
  if (const Target *target = TargetRegistry::lookupTarget(triple, message))
    return target;
  return createStringError("target '" + triple.str() + "' is not in this LLVM: " + message);
}

static Triple hostTriple() { return Triple(Triple::normalize(sys::getProcessTriple())); }

/// Whether the operating system lets this process use tile registers; it then runs what it compiles for itself, too.
static bool mayUseTiles() {
#if defined(__linux__) && defined(__x86_64__)
  constexpr long requestPermission = 0x1023, tileData = 18; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
#else
  return false;
#endif
}

/// All features of the host, present and absent: a virtual machine may hide some that its processor's name implies, and an operating
/// system keep some to itself.
static std::vector<std::string> hostFeatures() {
  StringMap<bool> found = sys::getHostCPUFeatures();
  if (found.lookup("amx-tile") && !mayUseTiles())
    for (auto &feature : found)
      if (feature.first().starts_with("amx-"))
        feature.second = false;
  std::vector<std::string> features;
  for (const auto &feature : found)
    features.push_back((feature.second ? "+" : "-") + feature.first().str());
  llvm::sort(features);
  return features;
}

/// The features that x86-64 code cannot do without: LLVM ends the process when they are off.
static Error checkArchitecture(const MCSubtargetInfo &subtarget, const Triple &triple, StringRef cpu,
                               StringRef features) {
  if (triple.getArch() != Triple::x86_64)
    return Error::success();
  for (StringRef needed : {"64bit", "64bit-mode", "sse2"})
    if (!subtarget.checkFeatures(("+" + needed).str()))
      return createStringError("processor '" + cpu + "'" + (features.empty() ? "" : " with '" + features + "'") +
                               " has no '" + needed + "', which every x86-64 program needs");
  return Error::success();
}

Expected<TargetSpec> resolveTarget(StringRef tripleText, StringRef cpuText, StringRef featureText) {
  Triple host = hostTriple();
  Triple triple = tripleText.empty() ? host : Triple(Triple::normalize(tripleText));
  Expected<const Target *> target = lookupTarget(triple);
  if (!target)
    return target.takeError();
  bool isHost = triple.getArch() == host.getArch() && triple.getOS() == host.getOS();
  bool isNative = cpuText == "native" || (cpuText.empty() && isHost);
  if (isNative && !isHost)
    return createStringError("processor 'native' means this machine, which is '" + host.str() + "', not '" +
                             triple.str() + "': name the processor");

  std::string cpu = isNative ? sys::getHostCPUName().str() : cpuText.empty() ? "generic" : cpuText.str();
  if (triple.getArch() == Triple::aarch64)
    cpu = AArch64::resolveCPUAlias(cpu).str();
  std::unique_ptr<MCSubtargetInfo> plain((*target)->createMCSubtargetInfo(triple, "generic", ""));
  if (!plain->isCPUStringValid(cpu)) {
    if (!isNative)
      return createStringError("unknown processor '" + cpu + "' for target '" + triple.str() + "'");
    cpu = "generic"; // newer than this LLVM; its features are known all the same
  }

  auto isKnown = [&](StringRef name) {
    return any_of(plain->getAllProcessorFeatures(), [&](const SubtargetFeatureKV &kv) { return name == kv.Key; });
  };
  SubtargetFeatures features;
  if (isNative)
    for (const std::string &feature : hostFeatures())
      if (isKnown(SubtargetFeatures::StripFlag(feature)))
        features.AddFeature(feature);
  SmallVector<StringRef> asked;
  featureText.split(asked, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef feature : asked) {
    feature = feature.trim();
    if (!isKnown(SubtargetFeatures::StripFlag(feature)))
      return createStringError("unknown feature '" + feature + "' for target '" + triple.str() + "'");
    features.AddFeature(feature);
  }

  TargetSpec spec{triple.str(), cpu, features.getString()};
  std::unique_ptr<MCSubtargetInfo> subtarget((*target)->createMCSubtargetInfo(triple, spec.cpu, spec.features));
  if (Error error = checkArchitecture(*subtarget, triple, spec.cpu, featureText))
    return error;
  return spec;
}

Expected<TargetSpec> hostTarget() { return resolveTarget("", "", ""); }

Expected<std::unique_ptr<TargetMachine>> createTargetMachine(const TargetSpec &spec) {
  Triple triple(spec.triple);
  Expected<const Target *> target = lookupTarget(triple);
  if (!target)
    return target.takeError();
  TargetOptions options;
  options.UseInitArray = true; // destructors go where dlclose looks for them
  // One network gives the same bits everywhere: whoever wants a fused multiply-add writes it.
  options.AllowFPOpFusion = FPOpFusion::Strict;
  std::unique_ptr<TargetMachine> machine((*target)->createTargetMachine(
      triple, spec.cpu, spec.features, options, Reloc::PIC_, /*CM=*/std::nullopt, CodeGenOptLevel::Aggressive));
  if (!machine)
    return createStringError("target '" + spec.triple + "' has no code generator in this LLVM");
  return machine;
}

} // namespace quantization
