package dev.firn.format.parquet.proof;

import java.util.Random;
import org.apache.parquet.bytes.ByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.bytestreamsplit.ByteStreamSplitValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.column.values.deltalengthbytearray.DeltaLengthByteArrayValuesWriter;
import org.apache.parquet.column.values.deltastrings.DeltaByteArrayWriter;
import org.apache.parquet.column.values.factory.DefaultV1ValuesWriterFactory;
import org.apache.parquet.column.values.factory.DefaultV2ValuesWriterFactory;
import org.apache.parquet.column.values.factory.ValuesWriterFactory;
import org.apache.parquet.column.values.plain.BooleanPlainValuesWriter;
import org.apache.parquet.column.values.plain.FixedLenByteArrayPlainValuesWriter;
import org.apache.parquet.column.values.plain.PlainValuesWriter;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridValuesWriter;

/** Gives each column chunk any of the encodings that its physical type has. */
final class RandomEncodings implements ValuesWriterFactory {
  private final Random random;
  private final DefaultV1ValuesWriterFactory first = new DefaultV1ValuesWriterFactory();
  private final DefaultV2ValuesWriterFactory second = new DefaultV2ValuesWriterFactory();
  private int slab;
  private int page;
  private ByteBufferAllocator allocator;

  RandomEncodings(Random random) {
    this.random = random;
  }

  @Override
  public void initialize(ParquetProperties properties) {
    first.initialize(properties);
    second.initialize(properties);
    slab = properties.getInitialSlabSize();
    page = properties.getPageSizeThreshold();
    allocator = properties.getAllocator();
  }

  @Override
  public ValuesWriter newValuesWriter(ColumnDescriptor column) {
    return switch (random.nextInt(5)) {
      case 0 -> first.newValuesWriter(column);
      case 1 -> second.newValuesWriter(column);
      default -> explicit(column);
    };
  }

  private ValuesWriter explicit(ColumnDescriptor column) {
    int length = column.getPrimitiveType().getTypeLength();
    return switch (column.getPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN ->
          random.nextBoolean()
              ? new BooleanPlainValuesWriter()
              : new RunLengthBitPackingHybridValuesWriter(1, slab, page, allocator);
      case INT32 -> ints();
      case INT64 -> longs();
      case FLOAT ->
          random.nextBoolean()
              ? plain()
              : new ByteStreamSplitValuesWriter.FloatByteStreamSplitValuesWriter(
                  slab, page, allocator);
      case DOUBLE ->
          random.nextBoolean()
              ? plain()
              : new ByteStreamSplitValuesWriter.DoubleByteStreamSplitValuesWriter(
                  slab, page, allocator);
      case FIXED_LEN_BYTE_ARRAY -> fixed(length);
      case BINARY -> bytes();
      case INT96 -> plain();
    };
  }

  private ValuesWriter plain() {
    return new PlainValuesWriter(slab, page, allocator);
  }

  private ValuesWriter ints() {
    return switch (random.nextInt(4)) {
      case 0 -> plain();
      case 1 -> new DeltaBinaryPackingValuesWriterForInteger(slab, page, allocator);
      case 2 -> new DeltaBinaryPackingValuesWriterForInteger(256, 2, slab, page, allocator);
      default ->
          new ByteStreamSplitValuesWriter.IntegerByteStreamSplitValuesWriter(slab, page, allocator);
    };
  }

  private ValuesWriter longs() {
    return switch (random.nextInt(4)) {
      case 0 -> plain();
      case 1 -> new DeltaBinaryPackingValuesWriterForLong(slab, page, allocator);
      case 2 -> new DeltaBinaryPackingValuesWriterForLong(512, 4, slab, page, allocator);
      default ->
          new ByteStreamSplitValuesWriter.LongByteStreamSplitValuesWriter(slab, page, allocator);
    };
  }

  private ValuesWriter fixed(int length) {
    return switch (random.nextInt(3)) {
      case 0 -> new FixedLenByteArrayPlainValuesWriter(length, slab, page, allocator);
      case 1 -> new DeltaByteArrayWriter(slab, page, allocator);
      default ->
          new ByteStreamSplitValuesWriter.FixedLenByteArrayByteStreamSplitValuesWriter(
              length, slab, page, allocator);
    };
  }

  private ValuesWriter bytes() {
    return switch (random.nextInt(3)) {
      case 0 -> plain();
      case 1 -> new DeltaByteArrayWriter(slab, page, allocator);
      default -> new DeltaLengthByteArrayValuesWriter(slab, page, allocator);
    };
  }
}
