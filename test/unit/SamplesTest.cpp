//===- SamplesTest.cpp - reading and writing samples ------------*- C++ -*-===//
//
// Part of quantization-opt. This file tests the array files and the stream of samples; it writes all of its inputs.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Npz.h"
#include "quantization/Calibrate/Samples.h"
#include "quantization/Calibrate/TensorFile.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <zlib.h>

using namespace quantization;
namespace fs = std::filesystem;

namespace {

class SamplesTest : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "samples-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string file(const std::string &name) const { return folder + "/" + name; }

  void write(const std::string &name, const std::string &content) {
    fs::create_directories(fs::path(file(name)).parent_path());
    std::ofstream(file(name), std::ios::binary) << content;
  }

  std::string contentOf(const std::string &name) {
    std::ifstream stream(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  /// Opens, expects a failure, and returns its message.
  std::string errorOf(const std::string &name, const std::vector<TensorSpec> &inputs) {
    std::string error;
    EXPECT_EQ(SampleSource::open(file(name), inputs, error), nullptr);
    EXPECT_EQ(error.find('\n'), std::string::npos);
    return error;
  }

  std::string folder;
};

template <typename T> std::string bytesOf(const std::vector<T> &values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)};
}

template <typename T> std::vector<T> valuesOf(const std::vector<char> &bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

std::string npy(const std::string &descriptor, const std::string &shape, const std::string &data,
                const char *order = "False") {
  std::string dict = "{'descr': '" + descriptor + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + char(dict.size() & 255) + char(dict.size() >> 8) + dict + data;
}

std::string little(uint64_t value, int bytes) {
  std::string text;
  for (; bytes; --bytes, value >>= 8)
    text += char(value);
  return text;
}

/// A zip of one deflated member, as numpy.savez_compressed writes it.
std::string deflatedNpz(const std::string &name, const std::string &content) {
  std::string packed(content.size() + 1000, '\0');
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(content.data()));
  stream.avail_in = uInt(content.size());
  stream.next_out = reinterpret_cast<Bytef *>(packed.data());
  stream.avail_out = uInt(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  uint64_t crc = crc32(0, reinterpret_cast<const Bytef *>(content.data()), uInt(content.size()));
  std::string common = little(20, 2) + little(0, 2) + little(8, 2) + little(0, 4) + little(crc, 4) +
                       little(packed.size(), 4) + little(content.size(), 4) + little(name.size(), 2) + little(0, 2);
  std::string local = "PK\x03\x04" + common + name + packed;
  std::string entry = "PK\x01\x02" + little(20, 2) + common + std::string(10, '\0') + little(0, 4) + name;
  return local + entry + "PK\x05\x06" + little(0, 4) + little(1, 2) + little(1, 2) + little(entry.size(), 4) +
         little(local.size(), 4) + little(0, 2);
}

/// Writes an .npz of f32 arrays.
void writeNpz(const std::string &path, const std::vector<NpzArray> &arrays,
              const std::vector<std::vector<float>> &data) {
  std::string error;
  auto writer = NpzWriter::create(path, arrays, error);
  ASSERT_NE(writer, nullptr) << error;
  for (size_t i = 0; i < data.size(); ++i)
    ASSERT_TRUE(writer->append(i, data[i].data(), data[i].size() * sizeof(float), error)) << error;
  ASSERT_TRUE(writer->commit(error)) << error;
}

const std::vector<TensorSpec> oneInput = {{"x", ElementType::F32, {1, 2}}};

TEST_F(SamplesTest, WritesAndReadsNpz) {
  std::string error;
  std::vector<NpzArray> arrays = {{"a/b", ElementType::F32, {2, 3}}, {"n", ElementType::I64, {}}};
  auto writer = NpzWriter::create(file("out.npz"), arrays, error);
  ASSERT_NE(writer, nullptr) << error;
  std::vector<float> a = {1, 2, 3, 4, 5, 6};
  int64_t n = -7;
  // Side by side, in pieces.
  EXPECT_TRUE(writer->append(0, a.data(), 12, error));
  EXPECT_TRUE(writer->append(1, &n, 8, error));
  EXPECT_FALSE(writer->append(1, &n, 8, error));
  EXPECT_FALSE(writer->commit(error));
  EXPECT_FALSE(fs::exists(file("out.npz")));
  EXPECT_TRUE(writer->append(0, a.data() + 3, 12, error));
  EXPECT_TRUE(writer->commit(error)) << error;

  auto npz = NpzFile::open(file("out.npz"), error);
  ASSERT_NE(npz, nullptr) << error;
  EXPECT_EQ(npz->keys(), (std::vector<std::string>{"a/b", "n"}));
  auto array = npz->array("a/b", error);
  ASSERT_NE(array, nullptr) << error;
  EXPECT_EQ(array->shape(), (Shape{2, 3}));
  std::vector<float> read(6);
  EXPECT_TRUE(array->read(read.data(), 6, error)) << error;
  EXPECT_EQ(read, a);
  EXPECT_FALSE(array->read(read.data(), 1, error));
  auto scalar = npz->array("n", error);
  int64_t value = 0;
  EXPECT_TRUE(scalar && scalar->read(&value, 1, error));
  EXPECT_EQ(value, -7);
}

TEST_F(SamplesTest, WriterLeavesNothingUnlessCommitted) {
  std::string error;
  EXPECT_NE(NpzWriter::create(file("out.npz"), {{"a", ElementType::F32, {4}}}, error), nullptr);
  EXPECT_TRUE(fs::is_empty(folder));
  EXPECT_EQ(NpzWriter::create(file("nowhere/out.npz"), {{"a", ElementType::F32, {4}}}, error), nullptr);
  EXPECT_NE(error.find("cannot write"), std::string::npos);
}

TEST_F(SamplesTest, StreamsStoredAndDeflated) {
  std::vector<float> values(2000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(i) * 0.25f;
  writeNpz(file("stored.npz"), {{"x", ElementType::F32, {1000, 2}}}, {values});
  write("deflated.npz", deflatedNpz("x.npy", npy("<f4", "(1000, 2)", bytesOf(values))));
  for (const char *name : {"stored.npz", "deflated.npz"}) {
    std::string error;
    auto source = SampleSource::open(file(name), oneInput, error);
    ASSERT_NE(source, nullptr) << error;
    EXPECT_EQ(source->size(), 1000);
    std::vector<std::vector<char>> sample;
    for (int round = 0; round < 2; ++round) {
      std::vector<float> read;
      while (source->next(sample, error))
        for (float value : valuesOf<float>(sample[0]))
          read.push_back(value);
      EXPECT_EQ(error, "");
      EXPECT_EQ(read, values);
      EXPECT_TRUE(source->rewind(error));
    }
  }
}

TEST_F(SamplesTest, ReadsHighlyCompressedData) {
  // More than the inflater's buffers hold comes out of a few compressed bytes.
  std::vector<float> values(1 << 20, 3.0f);
  write("x.npz", deflatedNpz("x.npy", npy("<f4", "(524288, 2)", bytesOf(values))));
  std::string error;
  auto source = SampleSource::open(file("x.npz"), oneInput, error);
  ASSERT_NE(source, nullptr) << error;
  std::vector<std::vector<char>> sample;
  int64_t count = 0;
  while (source->next(sample, error))
    count += valuesOf<float>(sample[0]) == std::vector<float>{3, 3};
  EXPECT_EQ(error, "");
  EXPECT_EQ(count, 524288);
}

TEST_F(SamplesTest, ConvertsElements) {
  struct Case {
    const char *descriptor;
    std::string data;
    float first, second;
  };
  std::vector<Case> cases = {{"<f8", bytesOf<double>({0.1, -2}), 0.1f, -2},
                             {"|u1", bytesOf<uint8_t>({200, 1}), 200, 1},
                             {"|i1", bytesOf<int8_t>({-128, 1}), -128, 1},
                             {"<i2", bytesOf<int16_t>({-300, 1}), -300, 1},
                             {"<i4", bytesOf<int32_t>({16777217, 1}), 16777216, 1},
                             {"<i8", bytesOf<int64_t>({-5, 1LL << 40}), -5, std::ldexp(1.0f, 40)},
                             {"|b1", bytesOf<uint8_t>({1, 0}), 1, 0},
                             {"<f2", bytesOf<uint16_t>({0xc000, 0x0001}), -2, std::ldexp(1.0f, -24)}};
  for (const Case &test : cases) {
    write("x.npy", npy(test.descriptor, "(1, 2)", test.data));
    std::string error;
    auto source = SampleSource::open(file("x.npy"), oneInput, error);
    ASSERT_NE(source, nullptr) << error;
    std::vector<std::vector<char>> sample;
    ASSERT_TRUE(source->next(sample, error)) << error;
    EXPECT_EQ(valuesOf<float>(sample[0]), (std::vector<float>{test.first, test.second})) << test.descriptor;
  }
}

TEST_F(SamplesTest, IntegersMustFit) {
  write("x.npy", npy("<i8", "(2, 2)", bytesOf<int64_t>({0, 255, 256, 0})));
  std::vector<TensorSpec> bytes = {{"x", ElementType::U8, {1, 2}}};
  std::string error;
  auto source = SampleSource::open(file("x.npy"), bytes, error);
  ASSERT_NE(source, nullptr) << error;
  std::vector<std::vector<char>> sample;
  ASSERT_TRUE(source->next(sample, error)) << error;
  EXPECT_EQ(uint8_t(sample[0][1]), 255);
  EXPECT_FALSE(source->next(sample, error));
  EXPECT_NE(error.find("sample 1, element 0: does not fit uint8"), std::string::npos) << error;
  write("x.npy", npy("<f4", "(1, 2)", bytesOf<float>({1, 2})));
  EXPECT_NE(errorOf("x.npy", bytes).find("has element type float32, but input \"x\" takes uint8"), std::string::npos);
  uint64_t large = ~uint64_t(0);
  int64_t to;
  EXPECT_EQ(convertElements(&large, ElementType::U64, 1, &to, ElementType::I64), 0u);
}

TEST_F(SamplesTest, RefusesNanAndInfinity) {
  double huge = 1e300;
  float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const std::string &array :
       {npy("<f4", "(2, 2)", bytesOf<float>({1, 2, 3, nan})), npy("<f4", "(2, 2)", bytesOf<float>({1, 2, 3, -infinity})),
        npy("<f8", "(2, 2)", bytesOf<double>({1, 2, 3, huge}))}) {
    write("x.npy", array);
    std::string error;
    auto source = SampleSource::open(file("x.npy"), oneInput, error);
    ASSERT_NE(source, nullptr) << error;
    std::vector<std::vector<char>> sample;
    EXPECT_TRUE(source->next(sample, error));
    EXPECT_FALSE(source->next(sample, error));
    EXPECT_NE(error.find("input \"x\", sample 1, element 1: is NaN or infinite"), std::string::npos) << error;
  }
}

TEST_F(SamplesTest, ReadsFolders) {
  write("data/a_b.npy", npy("<f4", "(2, 2)", bytesOf<float>({1, 2, 3, 4})));
  write("data/m.npy", npy("<i4", "(2,)", bytesOf<int32_t>({10, 20})));
  std::vector<TensorSpec> inputs = {{"m", ElementType::I64, {1}}, {"a/b", ElementType::F32, {4, 2}}};
  std::string error;
  auto source = SampleSource::open(file("data"), inputs, error);
  ASSERT_NE(source, nullptr) << error;
  EXPECT_EQ(source->size(), 2);
  std::vector<std::vector<char>> sample;
  ASSERT_TRUE(source->next(sample, error) && source->next(sample, error)) << error;
  EXPECT_EQ(valuesOf<int64_t>(sample[0]), std::vector<int64_t>{20});
  EXPECT_EQ(valuesOf<float>(sample[1]), (std::vector<float>{3, 4}));
  inputs[0].name = "k";
  EXPECT_NE(errorOf("data", inputs).find("its arrays: a_b.npy, m.npy"), std::string::npos);
}

TEST_F(SamplesTest, ReadsTestDataSets) {
  // float_data, packed; named after its input, so its number does not matter
  write("sets/test_data_set_10/input_1.pb", "\x08\x01\x08\x02\x10\x01\x22\x08" + bytesOf<float>({5, 6}) + "\x42\x01x");
  write("sets/test_data_set_10/input_0.pb", std::string("\x08\x01\x10\x07\x3a\x01\x2a", 7)); // int64_data
  // raw_data, packed dims, two samples; int32_data with a negative varint for the other input
  write("sets/test_data_set_9/input_0.pb",
        "\x0a\x02\x02\x02\x10\x01\x4a\x10" + bytesOf<float>({1, 2, 3, 4}) + "\x42\x01x");
  write("sets/test_data_set_9/input_1.pb",
        std::string("\x08\x02\x10\x06\x28\x07\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 17));
  std::vector<TensorSpec> inputs = {{"k", ElementType::I64, {1}}, {"x", ElementType::F32, {1, 2}}};
  std::string error;
  // In set 9, input_0 is named x and input_1 has no name: the place of its number is taken.
  EXPECT_NE(errorOf("sets", inputs).find("holds no tensor for input \"k\""), std::string::npos);
  write("sets/test_data_set_9/input_1.pb",
        std::string("\x08\x02\x10\x06\x28\x07\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x42\x01k", 20));
  auto source = SampleSource::open(file("sets"), inputs, error);
  ASSERT_NE(source, nullptr) << error;
  EXPECT_EQ(source->size(), 3);
  std::vector<std::vector<char>> sample;
  std::vector<int64_t> k;
  std::vector<float> x;
  while (source->next(sample, error)) {
    k.push_back(valuesOf<int64_t>(sample[0])[0]);
    x.push_back(valuesOf<float>(sample[1])[0]);
  }
  EXPECT_EQ(error, "");
  EXPECT_EQ(k, (std::vector<int64_t>{7, -1, 42}));
  EXPECT_EQ(x, (std::vector<float>{1, 3, 5}));
}

TEST_F(SamplesTest, RefusesBadTensors) {
  std::string good = "\x08\x01\x08\x02\x10\x01\x4a\x08" + bytesOf<float>({5, 6});
  for (size_t length = 0; length < good.size(); ++length) {
    write("input_0.pb", good.substr(0, length));
    std::string error;
    EXPECT_FALSE(TensorFile::read(file("input_0.pb"), error)) << length;
    EXPECT_NE(error.find("input_0.pb: "), std::string::npos);
  }
  write("input_0.pb", std::string("\x08\x01\x10\x08\x32\x01z", 7));
  EXPECT_NE(errorOf("", oneInput).find("data type 8"), std::string::npos);
}

TEST_F(SamplesTest, NamesWhatDoesNotFit) {
  writeNpz(file("x.npz"), {{"y", ElementType::F32, {1, 2}}, {"z", ElementType::F32, {0, 2}}}, {{1, 2}, {}});
  EXPECT_NE(errorOf("x.npz", oneInput).find("no array \"x\" for the network's input; its arrays: y, z"),
            std::string::npos);
  EXPECT_NE(errorOf("x.npz", {{"y", ElementType::F32, {1, 3}}})
                .find("has shape [1, 2], but input \"y\" takes float32[N, 3]"),
            std::string::npos);
  EXPECT_NE(errorOf("x.npz", {{"y", ElementType::F32, {1}}}).find("takes float32[N]"), std::string::npos);
  EXPECT_NE(errorOf("x.npz", {{"z", ElementType::F32, {1, 2}}}).find("holds no samples"), std::string::npos);
  EXPECT_NE(errorOf("x.npz", {{"y", ElementType::F32, {1, 2}}, {"z", ElementType::F32, {1, 2}}})
                .find("input \"z\" has 0 samples, but \"y\" has 1"),
            std::string::npos);
  EXPECT_NE(errorOf("nothing.npz", oneInput).find("no such file or folder"), std::string::npos);
  write("s.npy", npy("<U3", "(1, 2)", std::string(24, 'a')));
  EXPECT_NE(errorOf("s.npy", oneInput).find("element type <U3"), std::string::npos);
  write("c.npy", npy("<c8", "(1, 2)", std::string(16, 'a')));
  EXPECT_NE(errorOf("c.npy", oneInput).find("element type <c8"), std::string::npos);
  write("f.npy", npy("<f4", "(2, 2)", std::string(16, 'a'), "True"));
  EXPECT_NE(errorOf("f.npy", oneInput).find("Fortran order"), std::string::npos);
  EXPECT_NE(errorOf("f.npy", {oneInput[0], oneInput[0]}).find("cannot feed a network of 2 inputs"), std::string::npos);
}

TEST_F(SamplesTest, EveryTruncationIsAnError) {
  std::vector<float> values = {1, 2, 3, 4};
  writeNpz(file("stored.npz"), {{"x", ElementType::F32, {2, 2}}}, {values});
  write("deflated.npz", deflatedNpz("x.npy", npy("<f4", "(2, 2)", bytesOf(values))));
  write("plain.npy", npy("<f4", "(2, 2)", bytesOf(values)));
  for (const char *name : {"stored.npz", "deflated.npz", "plain.npy"}) {
    std::string whole = contentOf(name);
    for (size_t length = 0; length < whole.size(); ++length) {
      std::string cut = std::string("cut") + fs::path(name).extension().string();
      write(cut, whole.substr(0, length));
      EXPECT_NE(errorOf(cut, oneInput), "") << name << " " << length;
    }
  }
}

TEST_F(SamplesTest, DamageNeverCrashes) {
  std::vector<float> values = {1, 2, 3, 4};
  writeNpz(file("stored.npz"), {{"x", ElementType::F32, {2, 2}}}, {values});
  write("deflated.npz", deflatedNpz("x.npy", npy("<f4", "(2, 2)", bytesOf(values))));
  for (const char *name : {"stored.npz", "deflated.npz"}) {
    std::string whole = contentOf(name);
    for (size_t at = 0; at < whole.size(); ++at)
      for (char flip : {char(0x01), char(0x80), char(0xff)}) {
        std::string damaged = whole;
        damaged[at] = char(damaged[at] ^ flip);
        write("damaged.npz", damaged);
        std::string error;
        auto source = SampleSource::open(file("damaged.npz"), oneInput, error);
        std::vector<std::vector<char>> sample;
        while (source && source->next(sample, error))
          ;
      }
  }
  // The checksum catches what nothing else can.
  std::string whole = contentOf("stored.npz");
  size_t data = whole.find(bytesOf(values));
  whole[data] = char(whole[data] ^ 1);
  write("damaged.npz", whole);
  std::string error;
  auto source = SampleSource::open(file("damaged.npz"), oneInput, error);
  ASSERT_NE(source, nullptr) << error;
  std::vector<std::vector<char>> sample;
  while (source->next(sample, error))
    ;
  EXPECT_NE(error.find("checksum"), std::string::npos);
}

} // namespace
