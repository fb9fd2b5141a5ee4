package dev.firn.format.parquet.filter;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.apache.iceberg.expressions.BoundLiteralPredicate;
import org.apache.iceberg.expressions.BoundSetPredicate;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.format.BloomFilterHeader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;
import shaded.parquet.org.apache.thrift.TException;

/** Asks the bloom filter of a column chunk for the values that a predicate wants. Stateless. */
final class BloomFilters {
  private static final String BLOOM_FILTER = "the bloom filter";

  /** The header is four small unions and a size; some twenty bytes. */
  private static final int HEADER_AT_MOST = 128;

  private static final int BLOCK = 32;

  /** A larger filter is read by blocks, one for each value. */
  private static final int WHOLE_AT_MOST = 1 << 20;

  private static final int BLOCKS_AT_MOST = 16;

  private BloomFilters() {}

  /** Whether the chunk may have a value that the predicate wants. */
  static boolean mayMatch(FileParts parts, ColumnChunkMetaData chunk, ColumnClause clause) {
    long at = chunk.getBloomFilterOffset();
    long[] hashes = at > 0 ? hashes(clause) : null;
    if (hashes == null) {
      return true;
    }
    long known = chunk.getBloomFilterLength();
    long toRead = known > 0 && known <= WHOLE_AT_MOST + HEADER_AT_MOST ? known : HEADER_AT_MOST;
    byte[] start = parts.read(BLOOM_FILTER, at, Math.min(toRead, parts.fileLength() - at));
    ThriftBytes thrift = new ThriftBytes(start);
    BloomFilterHeader header;
    try {
      header = thrift.readInto(new BloomFilterHeader());
    } catch (TException e) {
      throw parts.corrupt(BLOOM_FILTER, at, "its header does not parse: " + e.getMessage(), e);
    }
    if (!header.getAlgorithm().isSetBLOCK()
        || !header.getHash().isSetXXHASH()
        || !header.getCompression().isSetUNCOMPRESSED()) {
      return true; // of a later kind
    }
    long bits = at + thrift.position();
    int size = header.getNumBytes();
    if (size <= 0 || size % BLOCK != 0 || bits > parts.fileLength() - size) {
      throw parts.corrupt(
          BLOOM_FILTER,
          at,
          "it claims %d bytes of a file of %d".formatted(size, parts.fileLength()),
          null);
    }
    if (thrift.position() + size <= start.length) {
      return anyIn(hashes, ByteBuffer.wrap(start, thrift.position(), size).slice());
    }
    if (size <= WHOLE_AT_MOST) {
      return anyIn(hashes, ByteBuffer.wrap(parts.read(BLOOM_FILTER, bits, size)));
    }
    return hashes.length > BLOCKS_AT_MOST || anyInBlocks(parts, bits, size, hashes);
  }

  private static boolean anyIn(long[] hashes, ByteBuffer bits) {
    byte[] block = new byte[BLOCK];
    for (long hash : hashes) {
      bits.get(blockAt(hash, bits.capacity()), block);
      if (isIn(hash, block)) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyInBlocks(FileParts parts, long bits, int size, long[] hashes) {
    for (long hash : hashes) {
      if (isIn(hash, parts.read(BLOOM_FILTER, bits + blockAt(hash, size), BLOCK))) {
        return true;
      }
    }
    return false;
  }

  private static int blockAt(long hash, int size) {
    return (int) (((hash >>> 32) * (size / BLOCK)) >>> 32) * BLOCK;
  }

  private static boolean isIn(long hash, byte[] block) {
    // A filter of one block has every hash in it.
    return new BlockSplitBloomFilter(block).findHash(hash);
  }

  /** The hashes of the wanted values in stored form; null where the filter cannot tell. */
  private static long @Nullable [] hashes(ColumnClause clause) {
    StoredForm form = clause.form();
    Collection<?> literals;
    if (clause.predicate().op() == Operation.EQ) {
      literals = List.of(((BoundLiteralPredicate<?>) clause.predicate()).literal().value());
    } else if (clause.predicate().op() == Operation.IN) {
      literals = ((BoundSetPredicate<?>) clause.predicate()).literalSet();
    } else {
      return null;
    }
    BlockSplitBloomFilter hasher = new BlockSplitBloomFilter(new byte[BLOCK]);
    List<Long> hashes = new ArrayList<>();
    for (Object literal : literals) {
      Object stored = form == null ? null : stored(clause, form, literal);
      if (stored == null) {
        return null;
      }
      hashes.add(hasher.hash(stored));
    }
    return hashes.stream().mapToLong(Long::longValue).toArray();
  }

  /** Null where stored values that equal the literal cannot be told. */
  private static @Nullable Object stored(ColumnClause clause, StoredForm form, Object literal) {
    PrimitiveType type = clause.column().getPrimitiveType();
    if (literal instanceof BigDecimal decimal
        && decimal.scale() != ((Types.DecimalType) clause.wanted()).scale()) {
      return null;
    }
    return switch (form.conversion()) {
      case NONE -> plain(type, literal);
      case INT_TO_LONG -> narrow((Long) literal);
      case FLOAT_TO_DOUBLE -> narrow((Double) literal);
      case INT_TO_DECIMAL -> narrow(((BigDecimal) literal).unscaledValue());
      case LONG_TO_DECIMAL -> longOf(((BigDecimal) literal).unscaledValue());
      case BYTES_TO_DECIMAL -> decimal(type, ((BigDecimal) literal).unscaledValue());
      default -> null;
    };
  }

  private static @Nullable Object plain(PrimitiveType type, Object literal) {
    return switch (type.getPrimitiveTypeName()) {
      case INT32, INT64, FLOAT, DOUBLE -> literal;
      case BINARY, FIXED_LEN_BYTE_ARRAY -> {
        ByteBuffer bytes = StoredForm.bytesOf(literal);
        yield bytes == null ? null : Binary.fromConstantByteArray(StoredForm.copy(bytes));
      }
      default -> null;
    };
  }

  private static @Nullable Object narrow(long value) {
    return value == (int) value ? (Object) (int) value : null;
  }

  private static @Nullable Object narrow(double value) {
    return Double.compare((float) value, value) == 0 ? (Object) (float) value : null;
  }

  private static @Nullable Object narrow(BigInteger value) {
    return value.bitLength() < 32 ? (Object) value.intValue() : null;
  }

  private static @Nullable Object longOf(BigInteger value) {
    return value.bitLength() < 64 ? (Object) value.longValue() : null;
  }

  /** Of variable length, a number has many forms. */
  private static @Nullable Object decimal(PrimitiveType type, BigInteger value) {
    int length = type.getTypeLength();
    byte[] bytes = value.toByteArray();
    if (type.getPrimitiveTypeName() != PrimitiveType.PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
        || bytes.length > length) {
      return null;
    }
    byte[] padded = new byte[length];
    Arrays.fill(padded, (byte) (value.signum() < 0 ? -1 : 0));
    System.arraycopy(bytes, 0, padded, length - bytes.length, bytes.length);
    return Binary.fromConstantByteArray(padded);
  }
}
