// Weights that are 1, 0 or -1 in stretches of inputs become instructions.
// RUN: quantization-opt %s --expand-contract --canonicalize --cse --split-input-file | FileCheck %s
// RUN: sed "s/features = \"\"/features = \"\", emulated = true/" %s | quantization-opt --expand-contract --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=EMULATED --implicit-check-not=inline_asm --implicit-check-not=call_intrinsic

// Three outputs a + b - c, a + b, c - a - b, and five of nothing; the second has a factor of 3. A plane has 9 positions, 16 with what fills up a
// register. Two inputs have a sum that three outputs share. Without a second chunk of inputs its factors, in the upper halves, are 0.
// CHECK: memref.global "private" constant @conv_factors : memref<8xi32> = dense<[1, 3, 1, 1, 1, 1, 1, 1]>
// CHECK-LABEL: func.func private @conv_sums0(%arg0: memref<48xi16>, %arg1: memref<192xi32>, %arg2: memref<8xi32>, %arg3: memref<256xi16>) attributes {passthrough = ["noinline"]}
// CHECK: llvm.inline_asm has_side_effects asm_dialect = att "movq $0, %rax\0Amovq $1, %rdx\0Amovq $3, %r8\0Aleaq 32(%rax), %rcx\0A1:\0A
// CHECK-SAME: vmovdqu 0(%rax), %ymm12\0Avpaddw 32(%rax), %ymm12, %ymm14\0A
// CHECK-SAME: vmovdqa %ymm14, %ymm0\0Avmovdqa %ymm14, %ymm1\0Avpxor %ymm2, %ymm2, %ymm2\0Avpsubw %ymm14, %ymm2, %ymm2\0A
// CHECK-SAME: vmovdqu 64(%rax), %ymm12\0Avpsubw %ymm12, %ymm0, %ymm0\0Avpaddw %ymm12, %ymm2, %ymm2\0A
// CHECK-SAME: vmovdqu %ymm1, %ymm14\0Avpunpcklwd %ymm1, %ymm14, %ymm15\0Avpunpckhwd %ymm1, %ymm14, %ymm14\0Avpbroadcastd 4($2), %ymm13\0A
// CHECK-SAME: vpmaddwd %ymm13, %ymm15, %ymm15\0Avpmaddwd %ymm13, %ymm14, %ymm14\0A
// CHECK-SAME: vperm2i128 $$0x20, %ymm14, %ymm15, %ymm13\0Avperm2i128 $$0x31, %ymm14, %ymm15, %ymm15\0Avmovdqu %ymm13, 96(%rdx)\0Avmovdqu %ymm15, 128(%rdx)\0A
// CHECK-SAME: addq $$32, %rax\0Aaddq $$64, %rdx\0Acmpq %rcx, %rax\0Ajb 1b"
// CHECK-SAME: "r,r,r,r,~{rax},~{rcx},~{rdx},~{r8},~{memory}
// CHECK-LABEL: func.func @conv(
// CHECK-DAG: %[[ROOM:.*]] = memref.alloca() {alignment = 32 : i64} : memref<256xi16>
// CHECK-DAG: %[[SUMS:.*]] = memref.alloca() {alignment = 32 : i64} : memref<192xi32>
// CHECK-DAG: %[[PLANES:.*]] = memref.alloca() {alignment = 32 : i64} : memref<48xi16>
// CHECK: %[[PIXEL:.*]] = vector.load %arg0[%c0, %{{.*}}, %{{.*}}, %{{.*}}] : memref<1x3x3x3xi8>, vector<2xi8>
// CHECK: vector.shuffle
// CHECK: %[[WIDE:.*]] = arith.extui %{{.*}} : vector<2xi8> to vector<2xi16>
// CHECK: vector.store %[[WIDE]], %[[PLANES]]
// CHECK: call @conv_sums0(%[[PLANES]], %[[SUMS]], %{{.*}}, %[[ROOM]])
// CHECK: vector.load %[[SUMS]][%{{.*}}] : memref<192xi32>, vector<8xi32>
// CHECK: vector.shuffle
// CHECK: vector.store %{{.*}} : memref<1x3x3x8xi32>, vector<8xi32>
// EMULATED-LABEL: func.func private @conv_sums0
// EMULATED: %[[A:.*]] = vector.load %arg0[%[[Q:.*]]] : memref<48xi16>, vector<16xi16>
// EMULATED: %[[B:.*]] = vector.load %arg0[%{{.*}}] : memref<48xi16>, vector<16xi16>
// EMULATED-NEXT: %[[S:.*]] = arith.addi %[[A]], %[[B]] : vector<16xi16>
// EMULATED-NEXT: %[[N:.*]] = arith.subi %{{.*}}, %[[S]]
// EMULATED: %[[C:.*]] = vector.load
// EMULATED-NEXT: %[[Y0:.*]] = arith.subi %[[S]], %[[C]]
// EMULATED-NEXT: %[[Y2:.*]] = arith.addi %[[N]], %[[C]]
// EMULATED-NEXT: %[[WIDE:.*]] = arith.extsi %[[Y0]] : vector<16xi16> to vector<16xi32>
// EMULATED-NEXT: vector.store %[[WIDE]], %arg1[%[[Q]]]
// EMULATED: arith.muli %{{.*}}, %{{.*}} : vector<16xi32>
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
memref.global "private" constant @w : memref<1x1x1x3x8x1xi8> = dense<[[[[[[1], [3], [-1], [0], [0], [0], [0], [0]], [[1], [3], [-1], [0], [0], [0], [0], [0]], [[-1], [0], [1], [0], [0], [0], [0], [0]]]]]]>
func.func @conv(%x: memref<1x3x3x3xi8>, %y: memref<1x3x3x8xi32>) {
  %w = memref.get_global @w : memref<1x1x1x3x8x1xi8>
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "adds256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x3x3x3xi8>, memref<1x1x1x3x8x1xi8>, memref<1x3x3x8xi32>) -> ()
  return
}
}
