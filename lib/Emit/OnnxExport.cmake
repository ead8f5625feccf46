# The writer of QDQ models, in a library of its own: only it needs ONNX's schema.
add_quantization_library(QuantizationOnnxExport
  OnnxExport.cpp
  OnnxExportFormats.cpp
  OnnxExportOps.cpp
  LINK QuantizationDialects QuantizationTypes QuantizationOnnxProto)
