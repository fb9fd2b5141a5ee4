package dev.firn.format.parquet.page;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.bytestreamsplit.ByteStreamSplitValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.column.values.deltalengthbytearray.DeltaLengthByteArrayValuesWriter;
import org.apache.parquet.column.values.deltastrings.DeltaByteArrayWriter;
import org.apache.parquet.column.values.dictionary.DictionaryValuesWriter;
import org.apache.parquet.column.values.plain.BooleanPlainValuesWriter;
import org.apache.parquet.column.values.plain.FixedLenByteArrayPlainValuesWriter;
import org.apache.parquet.column.values.plain.PlainValuesWriter;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridValuesWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType;

/**
 * What parquet-java's own writers make of values and levels. Values are bytes as PLAIN stores them,
 * without the length.
 *
 * @param values the values of one data page
 * @param dictionary the dictionary page's bytes; empty where there is none
 */
record Encoded(byte[] values, byte[] dictionary, int entries) {
  private static final int SLAB = 1024;
  private static final int PAGE = 1 << 26;
  private static final HeapByteBufferAllocator HEAP = HeapByteBufferAllocator.getInstance();

  static Encoded of(PrimitiveType type, Encoding encoding, List<byte[]> values) {
    ValuesWriter writer = writer(type, encoding);
    try (writer) {
      for (byte[] value : values) {
        write(writer, type, value);
      }
      byte[] bytes = bytes(writer.getBytes());
      DictionaryPage dictionary = writer.toDictPageAndClose();
      return dictionary == null
          ? new Encoded(bytes, new byte[0], 0)
          : new Encoded(bytes, bytes(dictionary.getBytes()), dictionary.getDictionarySize());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs without a length in front. */
  static byte[] runs(int width, int[] numbers) {
    try (RunLengthBitPackingHybridEncoder encoder =
        new RunLengthBitPackingHybridEncoder(width, SLAB, PAGE, HEAP)) {
      for (int number : numbers) {
        encoder.writeInt(number);
      }
      return bytes(encoder.toBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(BytesInput input) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    input.writeAllTo(out);
    return out.toByteArray();
  }

  private static void write(ValuesWriter writer, PrimitiveType type, byte[] value) {
    ByteBuffer buffer = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> writer.writeBoolean(value[0] != 0);
      case INT32 -> writer.writeInteger(buffer.getInt());
      case INT64 -> writer.writeLong(buffer.getLong());
      case FLOAT -> writer.writeFloat(buffer.getFloat());
      case DOUBLE -> writer.writeDouble(buffer.getDouble());
      case INT96, FIXED_LEN_BYTE_ARRAY, BINARY ->
          writer.writeBytes(Binary.fromConstantByteArray(value));
    }
  }

  private static ValuesWriter writer(PrimitiveType type, Encoding encoding) {
    return switch (encoding) {
      case PLAIN -> plain(type);
      case RLE_DICTIONARY -> dictionary(type);
      case RLE -> new RunLengthBitPackingHybridValuesWriter(1, SLAB, PAGE, HEAP);
      case DELTA_BINARY_PACKED ->
          type.getPrimitiveTypeName() == PrimitiveType.PrimitiveTypeName.INT32
              ? new DeltaBinaryPackingValuesWriterForInteger(SLAB, PAGE, HEAP)
              : new DeltaBinaryPackingValuesWriterForLong(SLAB, PAGE, HEAP);
      case DELTA_LENGTH_BYTE_ARRAY -> new DeltaLengthByteArrayValuesWriter(SLAB, PAGE, HEAP);
      case DELTA_BYTE_ARRAY -> new DeltaByteArrayWriter(SLAB, PAGE, HEAP);
      case BYTE_STREAM_SPLIT -> split(type);
      default -> throw new IllegalArgumentException("No writer of " + encoding);
    };
  }

  private static ValuesWriter plain(PrimitiveType type) {
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> new BooleanPlainValuesWriter();
      case INT96 -> new FixedLenByteArrayPlainValuesWriter(12, SLAB, PAGE, HEAP);
      case FIXED_LEN_BYTE_ARRAY ->
          new FixedLenByteArrayPlainValuesWriter(type.getTypeLength(), SLAB, PAGE, HEAP);
      default -> new PlainValuesWriter(SLAB, PAGE, HEAP);
    };
  }

  private static ValuesWriter dictionary(PrimitiveType type) {
    Encoding data = Encoding.RLE_DICTIONARY;
    Encoding page = Encoding.PLAIN;
    return switch (type.getPrimitiveTypeName()) {
      case INT32 ->
          new DictionaryValuesWriter.PlainIntegerDictionaryValuesWriter(PAGE, data, page, HEAP);
      case INT64 ->
          new DictionaryValuesWriter.PlainLongDictionaryValuesWriter(PAGE, data, page, HEAP);
      case FLOAT ->
          new DictionaryValuesWriter.PlainFloatDictionaryValuesWriter(PAGE, data, page, HEAP);
      case DOUBLE ->
          new DictionaryValuesWriter.PlainDoubleDictionaryValuesWriter(PAGE, data, page, HEAP);
      case BINARY ->
          new DictionaryValuesWriter.PlainBinaryDictionaryValuesWriter(PAGE, data, page, HEAP);
      case INT96 ->
          new DictionaryValuesWriter.PlainFixedLenArrayDictionaryValuesWriter(
              PAGE, 12, data, page, HEAP);
      case FIXED_LEN_BYTE_ARRAY ->
          new DictionaryValuesWriter.PlainFixedLenArrayDictionaryValuesWriter(
              PAGE, type.getTypeLength(), data, page, HEAP);
      case BOOLEAN -> throw new IllegalArgumentException("No dictionary of booleans");
    };
  }

  private static ValuesWriter split(PrimitiveType type) {
    return switch (type.getPrimitiveTypeName()) {
      case INT32 ->
          new ByteStreamSplitValuesWriter.IntegerByteStreamSplitValuesWriter(SLAB, PAGE, HEAP);
      case INT64 ->
          new ByteStreamSplitValuesWriter.LongByteStreamSplitValuesWriter(SLAB, PAGE, HEAP);
      case FLOAT ->
          new ByteStreamSplitValuesWriter.FloatByteStreamSplitValuesWriter(SLAB, PAGE, HEAP);
      case DOUBLE ->
          new ByteStreamSplitValuesWriter.DoubleByteStreamSplitValuesWriter(SLAB, PAGE, HEAP);
      default ->
          new ByteStreamSplitValuesWriter.FixedLenByteArrayByteStreamSplitValuesWriter(
              type.getTypeLength(), SLAB, PAGE, HEAP);
    };
  }
}
