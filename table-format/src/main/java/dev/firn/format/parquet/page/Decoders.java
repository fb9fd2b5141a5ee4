package dev.firn.format.parquet.page;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** Chooses the decoder of a page by its encoding and the column's physical type. */
final class Decoders {
  private final PrimitiveTypeName type;
  private final int stored;
  private final Conversion conversion;
  private final Workspace work;

  Decoders(ChunkSpec spec, Workspace work) {
    PrimitiveType primitive = spec.column().getPrimitiveType();
    this.type = primitive.getPrimitiveTypeName();
    this.stored =
        switch (type) {
          case BOOLEAN -> 1;
          case INT32, FLOAT -> Integer.BYTES;
          case INT64, DOUBLE -> Long.BYTES;
          case INT96 -> 12;
          case BINARY -> 0;
          case FIXED_LEN_BYTE_ARRAY -> checkLength(primitive.getTypeLength());
        };
    this.conversion = spec.conversion();
    this.work = work;
  }

  private static int checkLength(int length) {
    if (length <= 0) {
      throw new CorruptPageException("values have a fixed length of %d bytes".formatted(length));
    }
    return length;
  }

  /** Decodes the dictionary in {@code [from, to)}. */
  ChunkDictionary dictionary(
      long from, long to, int size, PageEncoding encoding, BufferAllocator allocator) {
    boolean plain = encoding == PageEncoding.PLAIN || encoding == PageEncoding.PLAIN_DICTIONARY;
    if (!plain || type == PrimitiveTypeName.BOOLEAN) {
      throw unexpected(encoding);
    }
    if (type == PrimitiveTypeName.BINARY && conversion != Conversion.BYTES_TO_DECIMAL) {
      return ChunkDictionary.variable(from, to, size, allocator);
    }
    // before memory is given to it: each entry takes its width, or the length in front of it
    if ((long) size * Math.max(stored, 1) > to - from) {
      throw new CorruptPageException(
          "the dictionary is said to have %d entries in %d bytes".formatted(size, to - from));
    }
    return ChunkDictionary.fixed((FixedValues) plain(from, to), size, allocator);
  }

  PageValues values(
      PageEncoding encoding, long from, long to, @Nullable ChunkDictionary dictionary) {
    return switch (encoding) {
      case PLAIN -> plain(from, to);
      case PLAIN_DICTIONARY, RLE_DICTIONARY -> {
        if (dictionary == null) {
          throw new CorruptPageException(
              "values are dictionary indices, but there is no dictionary page");
        }
        yield new DictionaryValues(from, to, dictionary, work);
      }
      case RLE -> {
        require(encoding, type == PrimitiveTypeName.BOOLEAN);
        yield BooleanValues.runs(from, to, work);
      }
      case DELTA_BINARY_PACKED -> {
        require(encoding, type == PrimitiveTypeName.INT32 || type == PrimitiveTypeName.INT64);
        yield new DeltaValues(from, to, stored, conversion, work);
      }
      case DELTA_LENGTH_BYTE_ARRAY -> {
        require(encoding, type == PrimitiveTypeName.BINARY);
        yield bytes(new DeltaLengthBytes(from, to, work));
      }
      case DELTA_BYTE_ARRAY -> {
        if (type == PrimitiveTypeName.BINARY) {
          yield bytes(new DeltaBytes(from, to, work));
        }
        require(encoding, type == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY);
        yield new DeltaFixedBytes(from, to, stored, conversion, work);
      }
      case BYTE_STREAM_SPLIT -> {
        boolean split =
            switch (type) {
              case INT32, INT64, FLOAT, DOUBLE, FIXED_LEN_BYTE_ARRAY -> true;
              case BOOLEAN, INT96, BINARY -> false;
            };
        require(encoding, split);
        yield new SplitValues(from, to, stored, conversion, work);
      }
      case BIT_PACKED -> throw unexpected(encoding);
    };
  }

  private PageValues plain(long from, long to) {
    return switch (type) {
      case BOOLEAN -> BooleanValues.plain(from, to, work);
      case BINARY -> bytes(new PlainBytes(from, to));
      default -> new PlainValues(from, to, stored, conversion, work);
    };
  }

  private PageValues bytes(PageValues values) {
    return conversion == Conversion.BYTES_TO_DECIMAL ? new DecimalBytes(values, work) : values;
  }

  private void require(PageEncoding encoding, boolean holds) {
    if (!holds) {
      throw unexpected(encoding);
    }
  }

  private CorruptPageException unexpected(PageEncoding encoding) {
    return new CorruptPageException("%s values in the encoding %s".formatted(type, encoding));
  }
}
